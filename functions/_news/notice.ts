import { sql } from 'kysely'
import type { NewsDatabase } from './database.ts'

/** Says why there is no story for anybody: what is known of the sources. */
export async function emptyNotice(db: NewsDatabase): Promise<string> {
  const { rows } = await sql<{ all: number; asked: number; failed: number }>`
    SELECT count(*) AS "all", count(nullif(fetched_at, 0)) AS asked, count(last_error) AS failed FROM source WHERE active = 1`.execute(db)
  const { all, asked, failed } = rows[0] ?? { all: 0, asked: 0, failed: 0 }
  if (all === 0) return 'there are no sources yet; SOURCES names them, and ingest fetches them at its next tick'
  if (failed > 0) return `no source has given a story so far, and ${failed} of ${all} could not be read; GET /sources tells why`
  if (asked < all) return `${asked} of ${all} sources have been fetched so far, without a story; ingest fetches the others at its next tick`
  return `none of the sources (${all}) has a story; GET /sources lists them`
}

/** What a reader is told who muted and hid every story there is. */
export const allMuted = 'every story is muted or hidden for this reader; PUT /reader changes what is muted'
