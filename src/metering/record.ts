import type { Bill, Invocation, Run, Settlement } from '../contract/invocation.ts'
import type { LedgerEntry } from '../ports/store.ts'
import { billedMs } from './billed-duration.ts'
import { callCost, type PriceTable } from './prices.ts'

/** What a record needs beside the invocation and its end. */
export interface RecordFacts {
  /** Name of the host. */
  host: string
  /** Milliseconds since 1970 when it was accepted. */
  at: number
  /** Configured. */
  memoryMib: number
}

/** Makes out the bill of a settled invocation. */
export function billOf({ delivered, runMs, initMs, cpuMs }: Settlement, memoryMib: number, prices: PriceTable): Bill {
  if (!delivered) return { billedMs: 0, costPico: 0 }
  const billed = billedMs(runMs, initMs)
  return { billedMs: billed, costPico: callCost(prices, { memoryMib, billedMs: billed, cpuMs }) }
}

/** The ledger's record of a settled invocation. */
export function toEntry(invocation: Invocation, run: Run, settlement: Settlement, bill: Bill, facts: RecordFacts): LedgerEntry {
  return {
    id: invocation.id,
    function: invocation.function,
    revision: settlement.revision ?? null,
    host: facts.host,
    trigger: invocation.trigger,
    outcome: settlement.outcome,
    status: run.status ?? null,
    at: facts.at,
    queueMs: settlement.queueMs,
    initMs: settlement.initMs,
    runMs: settlement.runMs,
    billedMs: bill.billedMs,
    cpuMs: settlement.cpuMs,
    memoryMib: facts.memoryMib,
    maxMemoryBytes: settlement.maxMemoryBytes,
    cold: settlement.cold,
    costPico: bill.costPico,
    traceId: invocation.trace?.traceId ?? null,
  }
}
