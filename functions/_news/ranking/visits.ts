/** What was shown to a reader, and when. */
export interface Visits {
  /** When the last visit began, milliseconds since 1970, and what it showed. */
  at: number
  last: readonly string[]
  /** How often each story was shown in the visits before, the longest ago first. */
  times: Readonly<Record<string, number>>
}

/** What is shown so soon after is the same visit: an edition that is loaded again stays as it is. */
const VISIT_MS = 30_000
/** Stories that are remembered. */
const REMEMBERED = 300

/** How often stories were shown to a reader in visits that were over at `at`. */
export function passedBy(visits: Visits | undefined, at: number): Map<string, number> {
  const times = new Map(Object.entries(visits?.times ?? {}))
  if (visits === undefined || at - visits.at < VISIT_MS) return times
  for (const story of visits.last) {
    const before = times.get(story) ?? 0
    times.delete(story)
    times.set(story, before + 1)
  }
  return times
}

/** The visits of a reader after these stories were shown at `at`. */
export function shownIn(visits: Visits | undefined, stories: readonly string[], at: number): Visits {
  if (visits !== undefined && at - visits.at < VISIT_MS) return { ...visits, last: [...new Set([...visits.last, ...stories])] }
  return { at, last: stories, times: Object.fromEntries([...passedBy(visits, at)].slice(-REMEMBERED)) }
}
