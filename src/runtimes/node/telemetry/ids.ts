import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 24 * 512
let pool = ''
let at = 0

/** A new trace id: 32 hex digits. */
export function newTraceId(): string {
  return take(32)
}

/** A new span id: 16 hex digits. */
export function newSpanId(): string {
  return take(16)
}

/** Randomness is fetched for hundreds of ids at a time: one by one it would cost more than the rest of the span. */
function take(digits: number): string {
  if (at + digits > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafe(POOL_BYTES)).toString('hex')
    at = 0
  }
  return pool.slice(at, (at += digits))
}
