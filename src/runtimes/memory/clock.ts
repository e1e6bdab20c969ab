import type { Clock } from '../../ports/clock.ts'

/** A clock that only moves when it is told to. */
export interface HandMovedClock extends Clock {
  /** Moves on by `ms`, calling what falls due in order of its time; whatever that sets in motion settles before the next. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock `ms` forward or back, as a time server or a suspended laptop does: timers and `elapsed` do not notice. */
  jump(ms: number): void
  /** Timers not yet due. */
  readonly pending: number
}

interface Timer {
  due: number
  fn: () => void
}

/**
 * Makes a clock that stands still until it is advanced.
 * @param start milliseconds since 1970; default 0
 */
export function handMovedClock(start = 0): HandMovedClock {
  let elapsed = 0
  let wall = start
  /** In order of `due`; equal ones in order of arrival. */
  const timers: Timer[] = []

  const moveTo = (moment: number): void => {
    wall += moment - elapsed
    elapsed = moment
  }
  const after = (ms: number, fn: () => void): (() => void) => {
    const timer = { due: elapsed + Math.max(0, ms), fn }
    const later = timers.findIndex((other) => other.due > timer.due)
    timers.splice(later === -1 ? timers.length : later, 0, timer)
    return () => {
      const index = timers.indexOf(timer)
      if (index !== -1) timers.splice(index, 1)
    }
  }

  return {
    resolution: Number.EPSILON,
    now: () => wall,
    elapsed: () => elapsed,
    after,
    wait: (ms, signal) => new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = (): void => {
        cancel()
        reject(signal?.reason)
      }
      const cancel = after(ms, () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
      signal?.addEventListener('abort', abort, { once: true })
    }),
    async advance(ms) {
      const target = elapsed + ms
      const turns = taskTurns()
      try {
        await turns.next()
        for (let timer = timers[0]; timer && timer.due <= target; timer = timers[0]) {
          timers.shift()
          moveTo(timer.due)
          timer.fn()
          await turns.next()
        }
        moveTo(target)
      } finally {
        turns.close()
      }
    },
    jump(ms) {
      wall += ms
    },
    get pending() {
      return timers.length
    },
  }
}

/** Turns of the event loop: every microtask queued before `next()` has run when it resolves. A message is the fastest such turn. */
function taskTurns(): { next(): Promise<void>; close(): void } {
  const { port1, port2 } = new MessageChannel()
  let arrived: () => void = () => {}
  port2.onmessage = () => arrived()
  return {
    next: () => new Promise((resolve) => {
      arrived = resolve
      port1.postMessage(null)
    }),
    close: () => port1.close(),
  }
}
