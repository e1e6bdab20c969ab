import type { Invocation, Invoke, Settlement } from '../contract/invocation.ts'
import { billedMs } from './billed-duration.ts'

/** What one invocation cost. */
export interface Bill {
  billedMs: number
}

/** Receives every settled invocation with its bill. */
export type MeterSink = (invocation: Invocation, settlement: Settlement, bill: Bill) => void

/** Bills each invocation when it is settled; what was not delivered to an instance costs nothing. */
export function metered(sink: MeterSink): (next: Invoke) => Invoke {
  return (next) => (invocation) => {
    const run = next(invocation)
    void run.settled.then((settlement) => sink(invocation, settlement, { billedMs: chargeable(settlement) }))
    return run
  }
}

/** Billed milliseconds of a settled invocation. */
export function chargeable(settlement: Settlement): number {
  return settlement.delivered ? billedMs(settlement.runMs, settlement.initMs) : 0
}
