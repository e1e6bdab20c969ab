import type { Bill, Invocation, Invoke, Settlement } from '../contract/invocation.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ledger } from '../ports/store.ts'
import { billedMs } from './billed-duration.ts'
import type { PriceTable } from './prices.ts'
import { billOf, toEntry } from './record.ts'

/** What the meter needs to make out bills and keep them. */
export interface MeterOptions {
  clock: Clock
  ledger: Pick<Ledger, 'record' | 'count'>
  prices: PriceTable
  /** Name of this host, kept with every record. */
  host: string
  /** Configured MiB of the revision that runs it; 0 when there is none. */
  memoryOf(invocation: Invocation): number
  /** Told of every settled invocation after its record was handed over; `status`: of its answer, when it had one. */
  settled(invocation: Invocation, settlement: Settlement, bill: Bill, about: { memoryMib: number; status: number | undefined }): void
}

/**
 * Bills each invocation when it is settled, whatever woke it, and hands its record to the ledger. Calls that were refused
 * for want of room or money, and ticks that were skipped, are counted without a record: nothing ran.
 */
export function metered({ clock, ledger, prices, host, memoryOf, settled }: MeterOptions): (next: Invoke) => Invoke {
  return (next) => (invocation) => {
    const at = clock.now()
    const memoryMib = memoryOf(invocation)
    const run = next(invocation)
    void run.settled.then((settlement) => {
      const bill = (settlement.bill = billOf(settlement, memoryMib, prices))
      const { outcome } = settlement
      if (outcome === 'throttled' || outcome === 'overloaded' || outcome === 'skipped') ledger.count(outcome, invocation.function, memoryMib, at)
      else ledger.record(toEntry(invocation, run, settlement, bill, { host, at, memoryMib }))
      settled(invocation, settlement, bill, { memoryMib, status: run.status })
    })
    return run
  }
}

/** Billed milliseconds of a settled invocation. */
export function chargeable(settlement: Settlement): number {
  return settlement.delivered ? billedMs(settlement.runMs, settlement.initMs) : 0
}
