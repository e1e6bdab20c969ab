/** Answers the first `count` ticks strictly after a moment. */
export interface TickTimes {
  next(after: Date, count: number): Date[]
}

/**
 * The latest tick in `(after, until]`, or null. Halves the span instead of walking it: a year of missed minutes takes
 * some thirty questions.
 * @param after milliseconds since 1970, as `until`
 */
export function latestTick(times: TickTimes, after: number, until: number): number | null {
  const first = nextTick(times, after)
  if (first > until) return null
  let tick = first
  let empty = until
  while (empty - tick > 1) {
    const middle = Math.floor((tick + empty) / 2)
    const found = nextTick(times, middle)
    if (found <= until) tick = found
    else empty = middle
  }
  const last = nextTick(times, tick)
  return last <= until ? last : tick
}

/** The first tick strictly after a moment; `Infinity` when there is none. */
export function nextTick(times: TickTimes, after: number): number {
  return times.next(new Date(after), 1)[0]?.getTime() ?? Infinity
}
