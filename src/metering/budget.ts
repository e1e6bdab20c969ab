import type { Invocation, Invoke, Run } from '../contract/invocation.ts'
import type { Clock } from '../ports/clock.ts'
import { callCost, type PriceTable } from './prices.ts'
import { billOf } from './record.ts'

const DAY_MS = 86_400_000
/** Longest that a module may take to load, and what a limit may be late: a reservation covers both. */
const BEYOND_TIMEOUT_MS = 11_000
/** Shares of a budget that are worth a warning. */
const WARN_AT = [75, 90]

/** What a function may spend, and the most that one call of it can cost. */
export interface Spender {
  memoryMib: number
  timeoutMs: number
  /** Infinity: none. */
  cpuMs: number
  /** Picodollars a day; undefined: no limit of its own. */
  budgetPico: number | undefined
}

/** One budget as the operator sees it. Money in picodollars. */
export interface BudgetState {
  /** null: the whole host's. */
  function: string | null
  limitPico: number
  spentPico: number
  /** Held back for calls in flight, at the most each can cost. */
  reservedPico: number
}

/** What the budgets need. */
export interface BudgetOptions {
  clock: Clock
  prices: PriceTable
  /** Of the whole host, picodollars a day; undefined: no limit. */
  hostPico: number | undefined
  /** `revision`: the one that runs a call; default: the one that serves most. */
  spender(name: string, revision?: string): Spender | undefined
  /** What was spent today before this host started, by function, in picodollars. */
  spentToday: ReadonlyMap<string, number>
  /** Told once a day when a budget has reached 75 and 90 per cent, and (100) when it refuses its first call; `name` is null for the host's. */
  reached(name: string | null, percent: number, limitPico: number): void
  /** Makes the run of a call that is refused; `retryAfter` in seconds. */
  refuse(invocation: Invocation, detail: string, retryAfter: number): Run
}

/** The budgets of a host. */
export interface Budgets {
  wrap(next: Invoke): Invoke
  states(names: readonly string[]): BudgetState[]
}

interface Purse {
  spent: number
  reserved: number
  told: number
}

/**
 * Holds spending to its budgets: before a call runs, the most it can cost is reserved, and when it has settled its true cost takes the
 * place of that. So a budget is never passed, however many calls are in flight. Days are UTC; what was reserved on one day and settled
 * on the next counts for the next.
 */
export function createBudgets(options: BudgetOptions): Budgets {
  const { clock, prices, hostPico, spender, reached, refuse } = options
  const today = () => Math.floor(clock.now() / DAY_MS)
  let day = today()
  const purses = new Map<string | null, Purse>()
  const purse = (name: string | null): Purse => {
    const found = purses.get(name)
    if (found) return found
    const made = { spent: 0, reserved: 0, told: 0 }
    purses.set(name, made)
    return made
  }
  for (const [name, pico] of options.spentToday) {
    purse(name).spent += pico
    purse(null).spent += pico
  }
  const turnDay = () => {
    const now = today()
    if (now === day) return
    day = now
    for (const one of purses.values()) one.spent = one.told = 0
  }
  const warn = (name: string | null, { spent, told }: Purse, limit: number): number => {
    const percent = WARN_AT.findLast((share) => spent >= (limit * share) / 100) ?? 0
    if (percent > told) reached(name, percent, limit)
    return Math.max(percent, told)
  }

  const wrap = (next: Invoke): Invoke => (invocation) => {
    const name = invocation.function
    const who = spender(name, invocation.revision)
    if (!who || (who.budgetPico === undefined && hostPico === undefined)) return next(invocation)
    turnDay()
    const worst = worstCost(who, prices)
    const own = purse(name)
    const whole = purse(null)
    const limits = [[name, own, who.budgetPico], [null, whole, hostPico]] as const
    for (const [whose, at, limit] of limits) {
      const { spent, reserved } = at
      if (limit === undefined || spent + reserved + worst <= limit) continue
      // What others hold back may come free in a moment; what is spent comes back at midnight.
      const over = spent + worst > limit
      if (over && at.told < 100) reached(whose, (at.told = 100), limit)
      const retryAfter = over ? Math.ceil(((day + 1) * DAY_MS - clock.now()) / 1000) : 1
      const held = `${dollars(spent)} spent and ${dollars(reserved)} held for calls in flight of ${dollars(limit)} a day, one call may cost ${dollars(worst)}`
      return refuse(invocation, `${whose === null ? 'the budget of this host' : `the budget of ${name}`}: ${held}`, retryAfter)
    }
    own.reserved += worst
    whole.reserved += worst
    const run = next(invocation)
    void run.settled.then((settlement) => {
      turnDay()
      const { costPico } = billOf(settlement, who.memoryMib, prices)
      for (const [whose, at, limit] of limits) {
        at.reserved -= worst
        at.spent += costPico
        if (limit !== undefined) at.told = warn(whose, at, limit)
      }
    })
    return run
  }

  return {
    wrap,
    states(names) {
      turnDay()
      const state = (name: string | null, limit: number | undefined): BudgetState[] => {
        const { spent, reserved } = purse(name)
        return limit === undefined ? [] : [{ function: name, limitPico: limit, spentPico: spent, reservedPico: reserved }]
      }
      return [...state(null, hostPico), ...names.flatMap((name) => state(name, spender(name)?.budgetPico))]
    },
  }
}

/** The most that one call can cost: all its time, a slow load, and as much CPU as one thread finds in it. */
export function worstCost({ memoryMib, timeoutMs, cpuMs }: Pick<Spender, 'memoryMib' | 'timeoutMs' | 'cpuMs'>, prices: PriceTable): number {
  const billedMs = Math.ceil(timeoutMs + BEYOND_TIMEOUT_MS)
  return callCost(prices, { memoryMib, billedMs, cpuMs: Math.min(billedMs, cpuMs + BEYOND_TIMEOUT_MS) })
}

function dollars(pico: number): string {
  return `$${(pico / 1e12).toFixed(6)}`
}
