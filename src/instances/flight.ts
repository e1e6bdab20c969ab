import { errors, type ErrorCode } from '../contract/errors.ts'
import type { Head, Invocation, Outcome, Run, Settlement } from '../contract/invocation.ts'
import type { Delivered, Report } from '../ports/instance.ts'
import type { Share } from '../ports/run-clock.ts'

/** Who an invocation on an instance reports to. */
export interface Carrier {
  settled(flight: Flight, report: Report): void
}

/** One invocation on its way through a pool: what its caller holds, and what the instance answers to. */
export class Flight implements Run, Delivered {
  readonly invocation: Invocation
  readonly acceptedAt: number
  readonly head: Promise<Head>
  readonly settled: Promise<Settlement>
  settlement?: Settlement
  status?: number
  delivery?: NonNullable<Run['delivery']>
  /** When it was handed to an instance; 0 = not yet. */
  deliveredAt = 0
  /** Its share of the instance's time and CPU, from delivery on. */
  share: Share | undefined = undefined
  cpuShare: Share | undefined = undefined
  carrier: Carrier | undefined = undefined
  /** Tells the instance to stop; undefined before delivery. */
  abort: ((reason: 'canceled' | 'timeout' | 'cpu_exceeded') => void) | undefined = undefined
  /** What the pool does when the caller has gone before delivery. */
  onCancel: (() => void) | undefined = undefined
  canceled = false
  #giveHead!: (head: Head) => void
  #giveSettled!: (settlement: Settlement) => void

  /** @param acceptedAt in the clock's elapsed milliseconds */
  constructor(invocation: Invocation, acceptedAt: number) {
    this.invocation = invocation
    this.acceptedAt = acceptedAt
    this.head = new Promise((resolve) => (this.#giveHead = resolve))
    this.settled = new Promise((resolve) => (this.#giveSettled = resolve))
  }
  cancel(): void {
    if (this.settlement || this.canceled) return
    this.canceled = true
    if (this.abort) this.abort('canceled')
    else this.onCancel?.()
  }
  onHead(head: Head): void {
    // What the caller got: a failure after a head changes it no more.
    if (head.type === 'response') this.status ??= head.status
    else if (head.type === 'failure') this.status ??= errors[head.code].status
    this.#giveHead(head)
  }
  onSettled(report: Report): void {
    this.carrier!.settled(this, report)
  }
  settle(settlement: Settlement): void {
    if (this.settlement) return
    this.settlement = settlement
    this.#giveSettled(settlement)
  }
  /** Answers the caller with a failure (unless a head has left already) and settles. */
  fail(code: ErrorCode, outcome: Outcome, detail: string, facts: Partial<Settlement> & { retryAfter?: number } = {}): void {
    const { retryAfter, ...rest } = facts
    this.settle({ outcome, detail, delivered: false, cold: false, queueMs: 0, initMs: 0, runMs: 0, cpuMs: 0, maxMemoryBytes: 0, ...rest })
    this.onHead(retryAfter === undefined ? { type: 'failure', code, detail } : { type: 'failure', code, detail, retryAfter })
  }
}
