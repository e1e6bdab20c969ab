import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { keptMs as countedMs } from '../ranking/counting.ts'
import { forgetTerms } from './group.ts'

const DAY = 24 * 3_600_000
/** What is kept: articles for so long after they were first seen, and no more than so many. */
export const keptMs = 180 * DAY
const MOST_ARTICLES = 1_000_000
/** Removed at once: a tick takes what is too old in small bites, so that no write holds the database for long. */
const BITE = 500

/** Removes some of what is too old or too much, with its words; what nobody saw for two days is not counted any more. Answers how many articles went. */
export async function forgetOld(db: NewsDatabase, now: number, most = MOST_ARTICLES): Promise<number> {
  const { rows: [all] } = await sql<{ articles: number }>`SELECT count(*) AS articles FROM article`.execute(db)
  const over = Math.min(BITE, Math.max(0, (all?.articles ?? 0) - most))
  const { rows } = await sql`
    DELETE FROM article WHERE seq IN (
      SELECT seq FROM (SELECT seq FROM article WHERE first_seen < ${now - keptMs} ORDER BY seq LIMIT ${BITE})
      UNION SELECT seq FROM (SELECT seq FROM article ORDER BY published_at LIMIT ${over}))
    RETURNING seq`.execute(db)
  await forgetTerms(db, now)
  await db.deleteFrom('counter').where('at', '<', now - countedMs).execute()
  return rows.length
}
