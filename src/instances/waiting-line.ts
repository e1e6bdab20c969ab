import type { Clock } from '../ports/clock.ts'
import type { Flight } from './flight.ts'

/** Invocations that wait for a place, first come first served. */
export interface WaitingLine {
  readonly length: number
  /** False when the line is full. */
  push(flight: Flight): boolean
  /** Who comes next. */
  first(): Flight | undefined
  remove(flight: Flight): void
}

/**
 * Makes a line of at most `most` places; who has waited `waitMs` leaves it through `expired`, who is cancelled through
 * `canceled`.
 */
export function createWaitingLine(most: number, waitMs: number, clock: Clock, leave: { expired(flight: Flight): void; canceled(flight: Flight): void }): WaitingLine {
  const line = new Set<Flight>()
  let armed = false
  const sweep = () => {
    armed = false
    const old = clock.elapsed() - waitMs
    for (const flight of line) {
      if (flight.acceptedAt > old) break
      line.delete(flight)
      leave.expired(flight)
    }
    arm()
  }
  const arm = () => {
    const [first] = line
    if (armed || !first) return
    armed = true
    clock.after(Math.max(1, first.acceptedAt + waitMs - clock.elapsed()), sweep)
  }
  return {
    get length() {
      return line.size
    },
    push(flight) {
      if (line.size >= most) return false
      line.add(flight)
      flight.onCancel = () => {
        if (line.delete(flight)) leave.canceled(flight)
      }
      arm()
      return true
    },
    first() {
      const [first] = line
      return first
    },
    remove: (flight) => void line.delete(flight),
  }
}
