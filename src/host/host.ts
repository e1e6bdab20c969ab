import { PressroomError, type ErrorCode } from '../contract/errors.ts'
import type { Invocation, Invoke, Outcome, Run } from '../contract/invocation.ts'
import { startCron, type RunningCron } from '../ingress/cron.ts'
import { Flight } from '../instances/flight.ts'
import { createBudgets } from '../metering/budget.ts'
import { metered } from '../metering/meter.ts'
import type { PriceTable } from '../metering/prices.ts'
import type { Clock } from '../ports/clock.ts'
import type { Instances } from '../ports/instance.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { createCronTable, type CronTable } from '../routing/cron-table.ts'
import { createRouteTable, type RouteTable } from '../routing/route-table.ts'
import { traced } from '../tracing/span.ts'
import type { DeployedFunction } from './deployed.ts'
import { createOperator } from './operate.ts'
import type { Operator } from './operator.ts'
import { count, createPoolMaker, type Serving } from './serving.ts'
import { dollarsToPico, toSpender } from './spending.ts'

/** What a runtime brings to make a host. */
export interface HostParts {
  functions: readonly DeployedFunction[]
  instances: Instances
  clock: Clock
  store: Store
  telemetry: Telemetry
  log: Log
  /** Bounds the configured sizes of all live instances together. */
  memoryBytes: number
  cpus: number
  /** Name of this host, kept with its claims and records. */
  name: string
  /** What invocations are charged by. */
  prices: PriceTable
  /** Most that all functions together may cost on one day (UTC); undefined: no limit. */
  budgetUsd: number | undefined
  /** What each function had cost today before this start, in picodollars. */
  spentToday: ReadonlyMap<string, number>
  makeId(): string
}

/** A host at work: the stations joined. */
export interface Host {
  readonly routes: RouteTable
  /** Runs an invocation of any trigger. */
  readonly invoke: Invoke
  readonly operator: Operator
  /** True until draining begins. */
  accepting(): boolean
  /** Starts the schedules. */
  startSchedules(): void
  /**
   * Puts other revisions, or functions, in the place of the present ones; what is in flight ends where it is.
   * @throws PressroomError `bad_config` when they do not fit together; then nothing has changed
   */
  replace(functions: readonly DeployedFunction[]): void
  /** Takes nothing new, finishes what was accepted for at most `graceMs`, then ends every instance. */
  drain(graceMs: number): Promise<void>
}

/**
 * Joins the stations.
 * @throws PressroomError `bad_config` when two functions claim one route or queue, or an expression is not understood
 */
export function createHost(parts: HostParts): Host {
  const { clock, log, store, prices } = parts
  const serving = new Map<string, Serving>()
  const pools = createPoolMaker({
    ...parts,
    unbilledInit({ name, config }, ms) {
      store.ledger.unbilledInit(name, config.memory, ms, clock.now())
      const at = serving.get(name)
      if (at) at.totals.unbilled_init_ms += ms
    },
  })
  const leaving = new Set<Promise<void>>()
  let routes: RouteTable
  let schedules: CronTable
  let cron: RunningCron | undefined
  let accepting = true
  let ready = false
  replace(parts.functions)

  /** An invocation that ends before it began. */
  const refuse = (invocation: Invocation, code: ErrorCode, outcome: Outcome, detail: string, retryAfter?: number): Run => {
    const flight = new Flight(invocation, clock.elapsed())
    // A tick has no caller that could try again: its next one is on its way anyhow.
    flight.fail(code, invocation.trigger === 'timer' ? 'skipped' : outcome, detail, retryAfter === undefined ? {} : { retryAfter })
    return flight
  }
  const dispatch: Invoke = (invocation) => {
    const unwritten = store.ledger.failing()
    if (unwritten !== undefined) return refuse(invocation, 'storage_failed', 'overloaded', `the ledger cannot be written: ${unwritten}`, 5)
    const at = serving.get(invocation.function)
    if (at) return at.pool.invoke(invocation)
    // Removed between routing and here, or while its tick was being claimed.
    return refuse(invocation, 'no_route', 'skipped', `the function ${invocation.function} is not served any more`)
  }
  const budgets = createBudgets({
    clock,
    prices,
    hostPico: parts.budgetUsd === undefined ? undefined : dollarsToPico(parts.budgetUsd),
    spender: (name) => serving.get(name)?.spender,
    spentToday: parts.spentToday,
    reached(name, percent, limitPico) {
      const whose = name === null ? 'the budget of this host' : `the budget of ${name}`
      const told = percent < 100 ? `${percent} % of ${whose} is spent` : `${whose} is spent: calls are refused until midnight UTC`
      log.warn(told, { function: name, budget_usd: limitPico / 1e12 })
    },
    refuse: (invocation, detail, retryAfter) => refuse(invocation, 'budget_exceeded', 'throttled', detail, retryAfter),
  })
  const memoryOf = (name: string) => serving.get(name)?.deployed.config.memory ?? 0
  // Everything that wraps an invocation, outermost first, whatever woke it.
  const wrappers = [
    traced(parts.telemetry, memoryOf),
    metered({
      clock,
      ledger: store.ledger,
      prices,
      host: parts.name,
      memoryOf,
      settled(invocation, settlement, { billedMs }) {
        const at = serving.get(invocation.function)
        if (!at) return
        count(at.totals, settlement, billedMs)
        log.report({
          invocation: invocation.id,
          function: invocation.function,
          outcome: settlement.outcome,
          runMs: settlement.runMs,
          billedMs,
          memoryMib: at.deployed.config.memory,
          maxMemoryBytes: settlement.maxMemoryBytes,
          initMs: settlement.cold ? settlement.initMs : undefined,
          detail: settlement.detail,
        })
      },
    }),
    budgets.wrap,
  ]
  const invoke = wrappers.reduceRight((next, wrap) => wrap(next), dispatch)

  function replace(functions: readonly DeployedFunction[]) {
    const misfits = checkTogether(functions)
    if (misfits.length > 0) throw new PressroomError('bad_config', misfits.join('\n'))
    routes = tableOfRoutes(functions)
    schedules = tableOfSchedules(functions)
    const names = new Set(functions.map(({ name }) => name))
    for (const [name, { pool }] of serving) {
      if (!names.has(name)) {
        serving.delete(name)
        leave(pool.drain())
      }
    }
    for (const deployed of functions) {
      const before = serving.get(deployed.name)
      if (before?.deployed.revision === deployed.revision) continue
      const totals = before?.totals ?? { invocations: 0, errors: 0, throttled: 0, billed_ms: 0, unbilled_init_ms: 0 }
      serving.set(deployed.name, { deployed, spender: toSpender(deployed), pool: pools.make(deployed), totals })
      if (before) leave(before.pool.drain())
    }
    cron?.replace(schedules)
  }
  function leave(drained: Promise<void>) {
    const gone: Promise<void> = drained.finally(() => leaving.delete(gone))
    leaving.add(gone)
  }

  const operator = createOperator({
    serving, store, clock, budgets,
    schedules: () => schedules,
    cron: () => (accepting ? cron : undefined),
    ready: () => ready && accepting,
  })

  return {
    get routes() {
      return routes
    },
    invoke,
    operator,
    accepting: () => accepting,
    startSchedules() {
      ready = true
      cron = startCron({
        table: schedules,
        clock,
        ticks: store.ticks,
        invoke,
        host: parts.name,
        makeId: parts.makeId,
        log: (level, message, fields) => log[level](message, fields),
      })
    },
    replace,
    async drain(graceMs) {
      accepting = false
      const stopped = cron?.stop()
      const all = [...serving.values()].map(({ pool }) => pool.drain())
      const grace = new AbortController()
      const late = clock.wait(graceMs, grace.signal).then(
        () => {
          log.warn(`shutdown: not all work ended within ${graceMs / 1000} s; the rest is cut off`)
          for (const { pool } of serving.values()) pool.kill()
        },
        () => {},
      )
      await Promise.race([Promise.all([stopped, ...all, ...leaving]), late])
      grace.abort()
      await parts.instances.close()
    },
  }
}

/** What keeps these functions from being served together, in words; empty when nothing does. */
export function checkTogether(functions: readonly DeployedFunction[]): string[] {
  return [tableOfRoutes, tableOfSchedules, oneConsumerEach].flatMap((check) => {
    try {
      check(functions)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
}

function tableOfRoutes(functions: readonly DeployedFunction[]): RouteTable {
  return createRouteTable(functions.map(({ name, file, config }) => ({ name, file, routes: config.routes })))
}

function tableOfSchedules(functions: readonly DeployedFunction[]): CronTable {
  return createCronTable(functions.map(({ name, file, config }) => ({ name, file, schedules: config.schedules })))
}

/** @throws PressroomError `bad_config` when two functions consume one queue */
function oneConsumerEach(functions: readonly DeployedFunction[]) {
  const consumers = new Map<string, DeployedFunction>()
  for (const deployed of functions) {
    for (const queue of deployed.config.queues) {
      const other = consumers.get(queue)
      if (other) throw new PressroomError('bad_config', `${deployed.file}: config.queues: expected one function per queue, found "${queue}" also in ${other.file}`)
      consumers.set(queue, deployed)
    }
  }
}
