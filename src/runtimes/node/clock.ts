import type { Clock } from '../../ports/clock.ts'

/** A longer delay makes Node's timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clock. Waits longer than Node's timers can hold (24.8 days) are cut into pieces. */
export const nodeClock: Clock = {
  resolution: 0.001,
  now: () => Date.now(),
  elapsed: () => performance.now(),
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
}

function after(ms: number, fn: () => void): () => void {
  let rest = Math.max(0, ms)
  let timer: NodeJS.Timeout
  const sleep = (): void => {
    const piece = Math.min(rest, LONGEST_TIMER_MS)
    rest -= piece
    timer = setTimeout(rest > 0 ? sleep : fn, piece)
  }
  sleep()
  return () => clearTimeout(timer)
}
