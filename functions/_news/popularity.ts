import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from './database.ts'
import { halfLives, noCounters, type Counters } from './ranking/counters.ts'

const hour = 3_600_000
const windowMs = 24 * hour
/** Openings and showings are counted by quarters of an hour. */
export const slotMs = hour / 4

/** Openings and showings of one story in one quarter of an hour. */
export interface Slot {
  story: string
  slot: number
  opens: number
  views: number
}

/** A query for what readers did to stories in the day before `at`; each reader opens a story once. */
export function slotsUntil(db: NewsDatabase, at: number): CompiledQuery<Slot> {
  return sql<Slot>`
    SELECT story, at / ${slotMs} AS slot, count(*) AS opens, 0 AS views FROM opening
    WHERE at > ${at - windowMs} AND at <= ${at} GROUP BY story, slot
    UNION ALL SELECT story, slot, 0, views FROM showing
    WHERE slot > ${Math.floor((at - windowMs) / slotMs)} AND slot < ${Math.floor(at / slotMs)}`.compile(db)
}

/** Makes counters of slots, as of `at`: what happened in a slot fades from its end on. */
export function countersOf(slots: readonly Slot[], at: number): Map<string, Counters> {
  const all = new Map<string, Counters>()
  for (const { story, slot, opens, views } of slots) {
    let counters = all.get(story)
    if (counters === undefined) all.set(story, (counters = noCounters(at)))
    const age = Math.max(0, at - (slot + 1) * slotMs)
    for (const [i, halfLife] of halfLives.entries()) {
      const rest = 2 ** (-age / halfLife)
      counters.clicks[i]! += opens * rest
      counters.views[i]! += views * rest
    }
    counters.allClicks += opens
    counters.allViews += views
  }
  return all
}
