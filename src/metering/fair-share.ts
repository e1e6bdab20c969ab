import type { RunClock, Share } from '../ports/run-clock.ts'

/**
 * Shares time fairly: with k invocations in flight each is charged 1/k of what passes. A virtual clock V grows by dt/k;
 * an invocation's share is V(end) − V(start), so the shares always sum to the time in which at least one was in flight.
 * A share ends in whole microseconds; what rounding takes or gives goes to the next one, so that the sum stays true.
 */
export function createFairShare(elapsed: () => number): RunClock {
  return new FairShare(elapsed)
}

class FairShare implements RunClock {
  inFlight = 0
  virtual = 0
  #last = 0
  readonly #elapsed: () => number
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }
  /** Milliseconds that rounding has kept back so far; at most half a microsecond either way. */
  #owed = 0
  /** Rounds an ended share. */
  settle(share: number): number {
    const due = share + this.#owed
    const told = Math.max(0, Math.round(due * 1000)) / 1000
    this.#owed = due - told
    return told
  }
  pass(): void {
    const now = this.#elapsed()
    if (this.inFlight > 0) this.virtual += (now - this.#last) / this.inFlight
    this.#last = now
  }
  begin(): Share {
    this.pass()
    this.inFlight++
    return new OneShare(this)
  }
}

class OneShare implements Share {
  readonly #clock: FairShare
  readonly #start: number
  #ended = -1
  constructor(clock: FairShare) {
    this.#clock = clock
    this.#start = clock.virtual
  }
  soFar(): number {
    if (this.#ended >= 0) return this.#ended
    this.#clock.pass()
    return this.#clock.virtual - this.#start
  }
  end(): number {
    if (this.#ended >= 0) return this.#ended
    this.#ended = this.#clock.settle(this.soFar())
    this.#clock.inFlight--
    return this.#ended
  }
}
