/** What a document says of how often to come. Kept with its source as JSON. */
export interface Hints {
  /** How long it stays as it is, milliseconds. */
  ttlMs?: number
  /** Hours of UTC (0–23) and days of the week (0 is Sunday) in which nobody should come. */
  skipHours?: number[]
  skipDays?: number[]
  /** When its newest items were published, milliseconds since 1970. */
  published?: number[]
}

/** How a check of a source went. Times in milliseconds since 1970. */
export interface Check {
  /** The moment it was due, and the moment it ended. */
  dueAt: number
  endedAt: number
  hints: Hints
  /** How long the server says its answer stays fresh, by `Cache-Control` or `Expires`. */
  freshMs?: number | undefined
  /** When the server says to come again, by `Retry-After`, from the end on. */
  retryAfterMs?: number | undefined
  /** How many checks in a row have failed, this one included. */
  failures: number
  /** From 0 to 1, by chance. */
  random: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** No source is checked more often, unless it is added, or later. */
export const leastMs = 5 * minute
/** The longest wait between checks, but for a server that asks for a longer one by `Retry-After`. */
export const mostMs = day
/** `Retry-After` is obeyed up to this. */
export const longestRetryMs = 7 * day
/** For a feed that gives its items no dates. */
const undatedMs = hour / 2
/** A check that ends later than this after it was due is counted from its end, less this. */
const lateMs = minute
/** Of the wait, by chance, so that sources added together are not checked together. */
const jitter = 0.1

/** Half the mean time between a source's newest items, the silence since the last one counted. */
export function publishingMs(published: readonly number[], now: number): number {
  const past = published.filter((at) => at <= now)
  return past.length === 0 ? undatedMs : (now - Math.min(...past)) / past.length / 2
}

function allowed(at: number, { skipHours = [], skipDays = [] }: Hints): boolean {
  const time = new Date(at)
  return !skipHours.includes(time.getUTCHours()) && !skipDays.includes(time.getUTCDay())
}

// A source that skips every hour of the week means something else.
function outsideSkipped(at: number, hints: Hints): number {
  if (allowed(at, hints)) return at
  for (let next = Math.floor(at / hour) * hour + hour; next <= at + 7 * day; next += hour) if (allowed(next, hints)) return next
  return at
}

/**
 * The moment of a source's next check: the longest of what its document, its server and its rate of publishing ask for, from 5 minutes to a
 * day, and up to a tenth more by chance; after failures 5 minutes that double with each, up to a day. `Retry-After` counts up to a week.
 */
export function nextCheck({ dueAt, endedAt, hints, freshMs = 0, retryAfterMs = 0, failures, random }: Check): number {
  const wanted = failures > 0 ? leastMs * 2 ** Math.min(failures - 1, 20) : Math.max(hints.ttlMs ?? 0, publishingMs(hints.published ?? [], endedAt))
  const wait = Math.min(Math.max(wanted, leastMs), mostMs)
  const fresh = failures > 0 ? 0 : endedAt + Math.min(freshMs, mostMs)
  const base = Math.max(Math.max(dueAt, endedAt - lateMs) + wait, fresh)
  // At the least wait the ticks of a schedule are what spreads checks: more would miss every other one.
  const spread = jitter * random * Math.max(0, base - endedAt - leastMs)
  const retry = endedAt + Math.min(retryAfterMs, longestRetryMs) * (1 + jitter * random)
  return Math.ceil(outsideSkipped(Math.max(base + spread, retryAfterMs > 0 ? retry : 0), hints))
}
