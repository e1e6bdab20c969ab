import { count, fadeTo, noCounters, type Counters } from '../../../functions/_news/ranking/counters.ts'
import { passedBy, shownIn, type Visits } from '../../../functions/_news/ranking/visits.ts'
import { likeness, signalsOf, type Prior } from '../../../functions/_news/ranking/signals.ts'
import { countWords, termsOf } from '../../../functions/_news/ranking/words.ts'
import { centroid, taste, vectorOf, type WordVector } from './taste.ts'
import { felt } from '../../../functions/_news/ranking/reasons.ts'
import type { LogItem } from './log.ts'

/** Reads of one user that count for co-reading, and for what is liked. */
const LAST_READS = 50
/** Of these each new read is told. */
const TOLD_READS = 30

/** All that is known at one moment of a replayed log: what came before it, and nothing else. */
export interface LogState {
  /** Notes that an item was clicked, or read outside of any list. */
  clicked(user: string, item: string, at: number): void
  /** Notes that a list was shown. */
  shown(user: string, items: readonly string[], clicked: ReadonlySet<string>, at: number): void
  /** What a user had read before the log began; the first time counts. */
  begin(user: string, history: readonly string[]): void
  /** Signals of these items for a user, now. */
  signals(user: string, items: readonly string[], at: number): number[][]
  /** Clicks, half after four hours. */
  popularity(item: string, at: number): number
}

/** Makes the state of a log that has not begun. */
export function createLogState(items: ReadonlyMap<string, LogItem>): LogState {
  const counters = new Map<string, Counters>()
  const reads = new Map<string, string[]>()
  const skips = new Map<string, string[]>()
  const together = new Map<string, Map<string, number>>()
  const readers = new Map<string, number>()
  const prior: Prior = { clicks: 0, views: 0 }
  /** When each number of the publisher's sequence was first passed: what is published later has a higher one. */
  const passed: { sequence: number; at: number }[] = []

  const countersOf = (item: string, at: number): Counters => {
    let known = counters.get(item)
    if (known === undefined) counters.set(item, (known = noCounters(at)))
    const sequence = items.get(item)?.sequence
    if (sequence !== undefined && sequence > (passed.at(-1)?.sequence ?? -1)) passed.push({ sequence, at })
    return known
  }
  const begun = new Set<string>()
  const visits = new Map<string, Visits>()
  const firstSeen = new Map<string, number>()
  const publishedAt = (item: string, at: number): number => {
    const sequence = items.get(item)?.sequence
    if (sequence === undefined) return firstSeen.get(item) ?? at
    let [low, high] = [0, passed.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (passed[middle]!.sequence >= sequence) high = middle
      else low = middle + 1
    }
    return passed[low]?.at ?? at
  }
  const read = (user: string, item: string): void => {
    const mine = reads.get(user) ?? []
    reads.set(user, mine)
    if (mine.includes(item)) return
    for (const other of mine.slice(-TOLD_READS)) {
      add(together, item, other)
      add(together, other, item)
    }
    readers.set(item, (readers.get(item) ?? 0) + 1)
    mine.push(item)
    if (mine.length > LAST_READS) mine.shift()
  }

  // Words are as rare as they are among the items met so far: what is published later is not known yet.
  const terms = new Map<string, string[]>()
  const documents = new Map<string, number>()
  const vectors = new Map<string, { vector: WordVector; of: number }>()
  const termsIn = (item: string): string[] => {
    const known = terms.get(item)
    if (known !== undefined) return known
    const { title, entities } = items.get(item) ?? {}
    const own = termsOf(title ?? '', entities)
    terms.set(item, own)
    for (const term of own) documents.set(term, (documents.get(term) ?? 0) + 1)
    return own
  }
  const vector = (item: string): WordVector => {
    const own = termsIn(item)
    const known = vectors.get(item)
    // Made anew when a tenth more is known.
    if (known !== undefined && known.of > 0.9 * terms.size) return known.vector
    const made = vectorOf(own, (term) => Math.log(Math.max(1, terms.size) / (documents.get(term) ?? 1)))
    vectors.set(item, { vector: made, of: terms.size })
    return made
  }
  const odds = countWords()
  const topicsOf = (item: string): string[] => {
    const { category, topics = [] } = items.get(item) ?? {}
    return category === undefined ? topics : [category, ...topics]
  }
  /** The reader's feeling about the strongest topic of each item: a read counts one. */
  const feelingsOf = (mine: readonly string[]): ((item: string) => number) => {
    const counts = new Map<string, number>()
    for (const item of mine) for (const topic of topicsOf(item)) counts.set(topic, (counts.get(topic) ?? 0) + 1)
    return (item) => felt(Math.max(0, ...topicsOf(item).map((topic) => counts.get(topic) ?? 0)))
  }
  const meanOf = (ids: readonly string[]) => centroid(ids.map((id) => ({ vector: vector(id), weight: 1 })))

  return {
    clicked(user, item, at) {
      firstSeen.set(item, Math.min(at, firstSeen.get(item) ?? at))
      count(countersOf(item, at), 'clicks', at)
      read(user, item)
    },
    shown(user, shown, clicked, at) {
      for (const item of shown) {
        firstSeen.set(item, Math.min(at, firstSeen.get(item) ?? at))
        const known = countersOf(item, at)
        count(known, 'views', at)
        prior.views++
        odds.add(termsIn(item), clicked.has(item) ? 1 : 0, clicked.has(item) ? 0 : 1)
        if (!clicked.has(item)) continue
        count(known, 'clicks', at)
        prior.clicks++
        read(user, item)
      }
      visits.set(user, shownIn(visits.get(user), shown, at))
      skips.set(user, [...(skips.get(user) ?? []), ...shown.filter((item) => !clicked.has(item))].slice(-LAST_READS))
    },
    begin(user, history) {
      if (history.length === 0 || begun.has(user)) return
      begun.add(user)
      const since = reads.get(user) ?? []
      reads.set(user, [])
      for (const item of history.slice(-LAST_READS)) read(user, item)
      // What was read since comes after it.
      const mine = reads.get(user)!
      mine.push(...since.filter((item) => !mine.includes(item)))
      mine.splice(0, mine.length - LAST_READS)
    },
    signals(user, shown, at) {
      for (const item of shown) fadeTo(countersOf(item, at), at)
      const mine = reads.get(user) ?? []
      const liked = meanOf(mine)
      const skipped = meanOf(skips.get(user) ?? [])
      const feeling = feelingsOf(mine)
      const passed = passedBy(visits.get(user), at)
      return shown.map((item) => {
        const others = together.get(item)
        const pairs = others === undefined ? [] : mine.flatMap((other) => {
          const times = others.get(other)
          return times === undefined ? [] : [{ together: times, readers: readers.get(other) ?? 1 }]
        })
        return signalsOf({
          counters: countersOf(item, at),
          ageMs: at - publishedAt(item, at),
          coread: likeness(pairs, readers.get(item) ?? 1),
          opened: mine.includes(item),
          passed: passed.get(item) ?? 0,
          text: taste(vector(item), liked, skipped),
          words: odds.of(termsIn(item)), topic: feeling(item),
          // No log tells these.
          source: 0, follow: 0,
        }, prior)
      })
    },
    popularity(item, at) {
      const known = countersOf(item, at)
      fadeTo(known, at)
      return known.clicks[1]
    },
  }
}

function add(pairs: Map<string, Map<string, number>>, one: string, other: string): void {
  let row = pairs.get(one)
  if (row === undefined) pairs.set(one, (row = new Map()))
  row.set(other, (row.get(other) ?? 0) + 1)
}
