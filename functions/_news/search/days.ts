/** A stretch of time, from its first millisecond since 1970 until before its last. */
export interface Stretch {
  from: number
  until: number
}

const DAY = 24 * 3_600_000
/** Begins the words of days in the index. */
const MARK = '\uE000'

/** Words of the index that one of stands in every article of a stretch of whole days: years and months where they fit, days at its ends. */
export function daysIn({ from, until }: Stretch): string[] {
  const words: string[] = []
  const end = Math.ceil(until / DAY) * DAY
  for (let at = Math.floor(from / DAY) * DAY; at < end; ) {
    const date = new Date(at)
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
    const written = date.toISOString().slice(0, 10).replaceAll('-', '')
    const [nextYear, nextMonth] = [Date.UTC(year + 1, 0), Date.UTC(year, month + 1)]
    const [length, next] = day === 1 && month === 0 && nextYear <= end ? [4, nextYear] : day === 1 && nextMonth <= end ? [6, nextMonth] : [8, at + DAY]
    words.push(`${MARK}${written.slice(0, length)}`)
    at = next
  }
  return words
}

/** Ends of the stretches that are searched one after the other, days before now: what is fresh is found first. */
const ENDS = [2, 14, 90]

/** The stretches that a search goes through, the latest first, together all of `whole`. The same for the same day of `at`. */
export function stretchesOf(whole: Stretch, at: number): Stretch[] {
  const today = Math.floor(at / DAY) * DAY
  const edges = [Infinity, ...ENDS.map((days) => today + DAY - days * DAY), -Infinity]
  return edges.slice(1).flatMap((edge, i) => {
    const stretch = { from: Math.max(edge, whole.from), until: Math.min(edges[i]!, whole.until) }
    return stretch.from < stretch.until ? [stretch] : []
  })
}
