import type { RunClock } from '../ports/run-clock.ts'

/**
 * Shares time fairly: with k invocations in flight each is charged 1/k of what passes. A virtual clock V grows by dt/k;
 * an invocation's share is V(end) − V(start), so the shares always sum to the time in which at least one was in flight.
 */
export function createFairShare(elapsed: () => number): RunClock {
  let inFlight = 0
  let virtual = 0
  let last = 0
  const pass = () => {
    const now = elapsed()
    if (inFlight > 0) virtual += (now - last) / inFlight
    last = now
  }
  return {
    begin() {
      pass()
      inFlight++
      const start = virtual
      let share = -1
      const soFar = () => {
        if (share >= 0) return share
        pass()
        return virtual - start
      }
      const end = () => {
        if (share >= 0) return share
        share = soFar()
        inFlight--
        return share
      }
      return { soFar, end }
    },
  }
}
