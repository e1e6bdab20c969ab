import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { Popularity } from './rank.ts'

const hour = 3_600_000
const windowMs = 24 * hour
const slotMs = hour / 4
const halfLifeMs = 4 * hour

/** Openings of one story in one quarter of an hour. */
export interface OpeningSlot {
  story: string
  slot: number
  opens: number
}

/** A query for the openings of the day before `at`, each reader once per story. */
export function openingsUntil(db: NewsDatabase, at: number): CompiledQuery<OpeningSlot> {
  return sql<OpeningSlot>`
    SELECT story, at / ${slotMs} AS slot, count(*) AS opens FROM opening
    WHERE at > ${at - windowMs} AND at <= ${at} GROUP BY story, slot`.compile(db)
}

/** Adds up openings by story; each counts half after 4 hours. */
export function popularityOf(slots: OpeningSlot[], at: number): Map<string, Popularity> {
  const popularity = new Map<string, Popularity>()
  for (const { story, slot, opens } of slots) {
    const known = popularity.get(story) ?? { opens: 0, heat: 0 }
    const age = Math.max(0, at - (slot + 1) * slotMs)
    popularity.set(story, { opens: known.opens + opens, heat: known.heat + opens * 2 ** (-age / halfLifeMs) })
  }
  return popularity
}
