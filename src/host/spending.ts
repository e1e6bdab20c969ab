import type { Ledger } from '../ports/store.ts'
import type { BudgetState, Spender } from '../metering/budget.ts'
import type { DeployedFunction } from './deployed.ts'
import type { BudgetView } from './operator.ts'

const DAY_MS = 86_400_000

/** What each function has spent since midnight UTC, in picodollars, as the ledger knows. */
export async function spentToday(ledger: Ledger, now: number): Promise<Map<string, number>> {
  const sums = await ledger.usage({ from: now - (now % DAY_MS), by: ['function'] })
  return new Map(sums.map(({ keys, costPico }) => [keys.function ?? '', Number(costPico)]))
}

/** What a function may spend, and what decides the most that one call of it costs. */
export function toSpender({ config }: DeployedFunction): Spender {
  return {
    memoryMib: config.memory,
    timeoutMs: config.timeout * 1000,
    cpuMs: config.cpu ?? Infinity,
    budgetPico: config.budget === undefined ? undefined : dollarsToPico(config.budget),
  }
}

/** US dollars in whole picodollars. */
export function dollarsToPico(dollars: number): number {
  return Math.round(dollars * 1e12)
}

/** A budget as the operator sees it. */
export function toBudgetView({ function: name, limitPico, spentPico, reservedPico }: BudgetState): BudgetView {
  return {
    function: name,
    limit_usd: limitPico / 1e12,
    spent_usd: spentPico / 1e12,
    reserved_usd: reservedPico / 1e12,
    percent: limitPico === 0 ? 100 : Math.floor((spentPico / limitPico) * 10_000) / 100,
  }
}
