import type { Clock } from '../ports/clock.ts'

/** How many lines each function may write. */
export interface LineLimitOptions {
  clock: Clock
  /** Lines per second in the long run. */
  perSecond: number
  /** Lines at once after a quiet time. */
  burst: number
  /** Told one second after the first loss, and every second while it goes on. */
  dropped(name: string, lines: number): void
}

interface Bucket {
  tokens: number
  at: number
  dropped: number
}

/**
 * Answers, line by line, whether a function may still write: a token bucket per name. What is refused is counted and told once per
 * second, so that a flood costs one line instead of a million, and is never silently shorter than it was.
 */
export function createLineLimit({ clock, perSecond, burst, dropped }: LineLimitOptions): (name: string) => boolean {
  const buckets = new Map<string, Bucket>()
  return (name) => {
    const now = clock.elapsed()
    let bucket = buckets.get(name)
    if (!bucket) {
      bucket = { tokens: burst, at: now, dropped: 0 }
      buckets.set(name, bucket)
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1000)
    bucket.at = now
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return true
    }
    const refusing = bucket
    if (refusing.dropped++ === 0) {
      clock.after(1000, () => {
        const lines = refusing.dropped
        refusing.dropped = 0
        dropped(name, lines)
      })
    }
    return false
  }
}

const encoder = new TextEncoder()
/** Room for the mark of a sender that has already cut its own line. */
const SLACK_BYTES = 64

/** Cuts a line that is longer than `longestBytes` in UTF-8, never inside a character, and marks it with its true length. */
export function truncateLine(text: string, longestBytes: number): string {
  if (text.length * 3 <= longestBytes) return text
  const room = new Uint8Array(longestBytes + SLACK_BYTES)
  if (encoder.encodeInto(text, room).read === text.length) return text
  const { read } = encoder.encodeInto(text, room.subarray(0, longestBytes))
  return `${text.slice(0, read)}… truncated, ${encoder.encode(text).length} bytes`
}
