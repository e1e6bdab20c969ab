import type { Clock } from '../../ports/clock.ts'

/**
 * The clock of Workers. There time stands still while code computes and moves when something was waited for, so that nothing can
 * be measured by it: what `elapsed` shows is time spent waiting, in whole milliseconds.
 */
export const workersClock: Clock = {
  resolution: 1,
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
  wait: (ms, signal) => scheduler.wait(ms, signal === undefined ? {} : { signal }),
}
