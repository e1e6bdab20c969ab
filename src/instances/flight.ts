import type { ErrorCode } from '../contract/errors.ts'
import type { Head, Invocation, Outcome, Run, Settlement } from '../contract/invocation.ts'
import type { Share } from '../ports/run-clock.ts'

/** One invocation on its way through a pool. */
export interface Flight {
  readonly invocation: Invocation
  readonly run: Run
  readonly acceptedAt: number
  /** When it was handed to an instance; 0 = not yet. */
  deliveredAt: number
  /** Its share of the instance's time and CPU, from delivery on. */
  share: Share | undefined
  cpuShare: Share | undefined
  /** Tells the instance to stop; undefined before delivery. */
  abort: ((reason: 'canceled' | 'timeout' | 'cpu_exceeded') => void) | undefined
  /** What the pool does when the caller has gone before delivery. */
  onCancel: (() => void) | undefined
  canceled: boolean
  head(head: Head): void
  settle(settlement: Settlement): void
  /** Answers the caller with a failure (unless a head has left already) and settles. */
  fail(code: ErrorCode, outcome: Outcome, detail: string, facts?: Partial<Settlement> & { retryAfter?: number }): void
  readonly settled: boolean
}

/** Makes the flight of one invocation; `acceptedAt` in the clock's elapsed milliseconds. */
export function createFlight(invocation: Invocation, acceptedAt: number): Flight {
  let giveHead!: (head: Head) => void
  let giveSettled!: (settlement: Settlement) => void
  let answered = false
  let settled = false
  const run: Run = {
    head: new Promise((resolve) => (giveHead = resolve)),
    settled: new Promise((resolve) => (giveSettled = resolve)),
    cancel() {
      if (settled || flight.canceled) return
      flight.canceled = true
      if (flight.abort) flight.abort('canceled')
      else flight.onCancel?.()
    },
  }
  const flight: Flight = {
    invocation,
    run,
    acceptedAt,
    deliveredAt: 0,
    share: undefined,
    cpuShare: undefined,
    abort: undefined,
    onCancel: undefined,
    canceled: false,
    head(head) {
      if (answered) return
      answered = true
      giveHead(head)
    },
    settle(settlement) {
      if (settled) return
      settled = true
      run.settlement = settlement
      giveSettled(settlement)
    },
    fail(code, outcome, detail, facts = {}) {
      const { retryAfter, ...rest } = facts
      flight.settle({ outcome, detail, delivered: false, cold: false, queueMs: 0, initMs: 0, runMs: 0, cpuMs: 0, maxMemoryBytes: 0, ...rest })
      flight.head(retryAfter === undefined ? { type: 'failure', code, detail } : { type: 'failure', code, detail, retryAfter })
    },
    get settled() {
      return settled
    },
  }
  return flight
}
