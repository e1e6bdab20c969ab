import { sql } from 'kysely'
import { openDatabase } from '../database.ts'
import { slotMs } from '../popularity.ts'

/** How long showings wait for more, and after which the call that was to write them is taken for lost. */
const EVERY_MS = 2_000
const LOST_MS = 10_000
const DAY = 24 * 3_600_000

/** What one instance has not written yet. Plain data: on Workers one request may not wait for another's promise. */
interface Waiting {
  views: Map<string, number>
  since: number
}

const waitingOf = new WeakMap<D1Database, Waiting>()

/**
 * Counts that these stories were shown. Written together with what other requests showed meanwhile, every two seconds at most, after
 * the answer; what an instance that dies had not written is lost, and nobody's edition depends on it.
 */
export async function countShowings(database: D1Database, stories: readonly string[], now: number): Promise<void> {
  const waiting = waitingOf.get(database) ?? { views: new Map<string, number>(), since: -LOST_MS }
  waitingOf.set(database, waiting)
  for (const story of stories) waiting.views.set(story, (waiting.views.get(story) ?? 0) + 1)
  if (now - waiting.since < LOST_MS) return
  waiting.since = now
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  const views = JSON.stringify([...waiting.views])
  waiting.views = new Map()
  waiting.since = -LOST_MS
  const slot = Math.floor(Date.now() / slotMs)
  const db = openDatabase(database)
  await sql`
    INSERT INTO showing (story, slot, views) SELECT value ->> 0, ${slot}, value ->> 1 FROM json_each(${views}) WHERE true
    ON CONFLICT (slot, story) DO UPDATE SET views = views + excluded.views`.execute(db)
  // What is older than a day says nothing any more.
  await db.deleteFrom('showing').where('slot', '<', slot - (2 * DAY) / slotMs).execute()
}
