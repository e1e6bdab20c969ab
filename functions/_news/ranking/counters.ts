const hour = 3_600_000

/** Half-lives of the counters, milliseconds: the last hour, the half day, the day. */
export const halfLives = [hour, 4 * hour, 24 * hour] as const

/** What readers did to one story, in a fixed number of figures: each fades by half in its half-life. */
export interface Counters {
  /** Moment that the fading figures are of, milliseconds since 1970. */
  at: number
  clicks: [number, number, number]
  views: [number, number, number]
  /** Never fading. */
  allClicks: number
  allViews: number
}

/** A story that nobody has seen. */
export function noCounters(at: number): Counters {
  return { at, clicks: [0, 0, 0], views: [0, 0, 0], allClicks: 0, allViews: 0 }
}

/** Lets the figures fade until `at`; a moment that is past already changes nothing. */
export function fadeTo(counters: Counters, at: number): void {
  const passed = at - counters.at
  if (passed <= 0) return
  for (const [i, halfLife] of halfLives.entries()) {
    const rest = 2 ** (-passed / halfLife)
    counters.clicks[i]! *= rest
    counters.views[i]! *= rest
  }
  counters.at = at
}

/** Counts one click, or that it was shown once; what comes late counts as much as it would by now. */
export function count(counters: Counters, what: 'clicks' | 'views', at: number): void {
  fadeTo(counters, at)
  const late = Math.max(0, counters.at - at)
  for (const [i, halfLife] of halfLives.entries()) counters[what][i]! += 2 ** (-late / halfLife)
  if (what === 'clicks') counters.allClicks++
  else counters.allViews++
}
