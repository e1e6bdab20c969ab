import { sql } from 'kysely'
import { openDatabase } from '../database.ts'
import { counting } from './counting.ts'

/** Showings are written this often at most: what comes sooner waits for the next edition, not for a timer, which would be billed. */
const EVERY_MS = 2_000

/** What one instance has not written yet. Plain data: on Workers one request may not wait for another's promise. */
interface Waiting {
  views: Map<string, number>
  writtenAt: number
}

const waitingOf = new WeakMap<D1Database, Waiting>()

/**
 * Counts that these stories were shown, with what other requests showed since the last time. What an instance that ends had not written
 * is lost, and nobody's edition depends on it.
 */
export async function countShowings(database: D1Database, stories: readonly string[], now: number): Promise<void> {
  const waiting = waitingOf.get(database) ?? { views: new Map<string, number>(), writtenAt: -EVERY_MS }
  waitingOf.set(database, waiting)
  for (const story of stories) waiting.views.set(story, (waiting.views.get(story) ?? 0) + 1)
  if (now - waiting.writtenAt < EVERY_MS) return
  waiting.writtenAt = now
  const views = JSON.stringify([...waiting.views])
  waiting.views = new Map()
  const db = openDatabase(database)
  await db.executeQuery(counting(db, sql`SELECT value ->> 0 AS story, 0 AS clicks, value ->> 1 AS views FROM json_each(${views})`, now))
}
