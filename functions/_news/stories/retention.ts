import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { keptMs as countedMs } from '../ranking/counting.ts'
import { forgetTerms } from './group.ts'

const DAY = 24 * 3_600_000
/** What is kept: articles for so long after they were first seen, and no more than so many. */
export const keptMs = 180 * DAY
const MOST_ARTICLES = 1_000_000
/** What was shown to a reader who did not come again for so long is forgotten. */
const visitsKeptMs = 30 * DAY
/** What was tried so long ago is judged by now. */
const explorationsKeptMs = 180 * DAY
/** Removed at once: a tick takes what is too old in small bites, so that no write holds the database for long. */
const BITE = 500

/**
 * Removes some of what is too old or too much, with its words; what nobody saw for two days is not counted any more. Answers how many articles
 * went. However many articles there are, only those that may go are looked at.
 */
export async function forgetOld(db: NewsDatabase, now: number, most = MOST_ARTICLES): Promise<number> {
  // Articles are numbered as they come: the first ones are the oldest, and there are no more of them than the numbers span.
  const { rows: [numbers] } = await sql<{ span: number }>`
    SELECT (SELECT max(seq) FROM article) - (SELECT min(seq) FROM article) + 1 AS span`.execute(db)
  const articles = (numbers?.span ?? 0) > most ? await countArticles(db) : 0
  const over = Math.min(BITE, Math.max(0, articles - most))
  const { rows } = await sql`
    DELETE FROM article WHERE seq IN (
      SELECT seq FROM (SELECT seq, first_seen FROM article ORDER BY seq LIMIT ${BITE}) WHERE first_seen < ${now - keptMs}
      UNION SELECT seq FROM (SELECT seq FROM article ORDER BY published_at LIMIT ${over}))
    RETURNING seq`.execute(db)
  await forgetTerms(db, now)
  await sql`DELETE FROM visit WHERE reader IN (SELECT reader FROM visit WHERE at < ${now - visitsKeptMs} ORDER BY at LIMIT ${BITE})`.execute(db)
  await sql`DELETE FROM exploration WHERE (reader, at) IN (SELECT reader, at FROM exploration WHERE at < ${now - explorationsKeptMs} ORDER BY at LIMIT ${BITE})`.execute(db)
  await sql`DELETE FROM counter WHERE story IN (SELECT story FROM counter WHERE at < ${now - countedMs} ORDER BY at LIMIT ${10 * BITE})`.execute(db)
  return rows.length
}

async function countArticles(db: NewsDatabase): Promise<number> {
  const { rows: [all] } = await sql<{ articles: number }>`SELECT count(*) AS articles FROM article`.execute(db)
  return all?.articles ?? 0
}
