import { sql, type CompiledQuery, type Selectable } from 'kysely'
import { batch, type NewsDatabase } from './database.ts'
import { nameOf } from './identity.ts'
import type { Outline } from './opml.ts'
import type { SourceTable } from './schema.ts'
import { contentChanged } from './settings.ts'

/** A row of the list of sources. */
export type Source = Selectable<SourceTable>

/** A source as `GET /sources` shows it. Times in ISO 8601. */
export interface SourceView {
  id: string
  title: string
  url: string
  articles: number
  last_success: string | null
  last_error: string | null
}

const leaseMs = 60_000

/**
 * Makes `outlines` the list of sources, in one transaction with `also`. Sources that are no longer in it keep their articles,
 * unseen, and have them again when they come back. Samples are left alone.
 */
export async function replaceSources(d1: D1Database, db: NewsDatabase, outlines: Outline[], also: CompiledQuery[] = []): Promise<void> {
  const rows = await Promise.all(outlines.map(async (outline, position) => ({ ...outline, id: await nameOf(outline.url), position })))
  const list = JSON.stringify(rows)
  const upsert = sql`
    INSERT INTO source (id, url, title, topics, position)
    SELECT value ->> 'id', value ->> 'url', value ->> 'title', value -> 'topics', value ->> 'position' FROM json_each(${list}) WHERE true
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, topics = excluded.topics, position = excluded.position, active = 1`
  const retire = sql`UPDATE source SET active = 0 WHERE sample = 0 AND id NOT IN (SELECT value ->> 'id' FROM json_each(${list}))`
  await batch(d1, [upsert.compile(db), retire.compile(db), contentChanged(db), ...also])
}

/** Ids of the sources that nobody fetched since `since` and nobody holds, the longest unfetched first. */
export async function dueSources(db: NewsDatabase, since: number): Promise<{ id: string; sample: boolean }[]> {
  const rows = await due(db, since, Date.now()).select(['id', 'sample']).orderBy('fetched_at').orderBy('position').execute()
  return rows.map(({ id, sample }) => ({ id, sample: sample === 1 }))
}

/** Takes those of these sources that are still due since `since` for `lease` alone. Whoever dies with one frees it after 60 s. */
export async function claimSources(db: NewsDatabase, lease: string, since: number, ids: readonly string[]): Promise<Source[]> {
  const now = Date.now()
  return db
    .updateTable('source')
    .set({ lease, leased_until: now + leaseMs, fetched_at: now })
    .where('id', 'in', due(db, since, now).select('id').where('id', 'in', ids))
    .returningAll()
    .execute()
}

function due(db: NewsDatabase, since: number, now: number) {
  return db.selectFrom('source').where('active', '=', 1).where('fetched_at', '<', since).where('not_before', '<=', now).where('leased_until', '<', now)
}

/** A query that gives a source back after success; `document` is the hash of what is stored of it, `address` where it lives now. */
export function settleSuccess(db: NewsDatabase, source: Source, document: string, address: string | null): CompiledQuery {
  return db
    .updateTable('source')
    .set({ lease: null, leased_until: 0, failures: 0, not_before: 0, last_success: Date.now(), last_error: null, document, address })
    .where('id', '=', source.id)
    .where('lease', '=', source.lease)
    .compile()
}

const minute = 60_000

/**
 * Gives a source back after a failure. The first failure is tried again at the next tick; then the wait doubles from 5 minutes to 6 hours.
 * A server's own `Retry-After` counts where it is longer, up to a day; after 410 the source is not asked again while it stays in the list.
 */
export async function settleFailure(db: NewsDatabase, source: Source, words: string, retryAfterMs = 0): Promise<void> {
  const failures = source.failures + 1
  const wait = failures < 2 ? 0 : Math.min(5 * minute * 2 ** Math.min(failures - 2, 10), 360 * minute)
  const notBefore = retryAfterMs === Infinity ? Number.MAX_SAFE_INTEGER : Date.now() + Math.max(wait, Math.min(retryAfterMs, 1440 * minute))
  await db
    .updateTable('source')
    .set({ lease: null, leased_until: 0, failures, not_before: notBefore, last_error: words.slice(0, 500), address: null })
    .where('id', '=', source.id)
    .where('lease', '=', source.lease)
    .execute()
}

/** Lists the sources in their order, with what is stored of each and how its last fetch ended. */
export async function listSources(db: NewsDatabase): Promise<SourceView[]> {
  const rows = await db
    .selectFrom('source')
    .select(['id', 'title', 'url', 'last_success', 'last_error'])
    .select((query) => {
      const articles = query.selectFrom('article').whereRef('article.source', '=', 'source.id')
      return articles.select(query.fn.countAll<number>().as('count')).as('articles')
    })
    .where('active', '=', 1)
    .orderBy('sample', 'desc')
    .orderBy('position')
    .orderBy('id')
    .execute()
  return rows.map(({ last_success, articles, ...row }) => ({
    id: row.id,
    title: row.title,
    url: row.url,
    articles: articles ?? 0,
    last_success: last_success === null ? null : new Date(last_success).toISOString(),
    last_error: row.last_error,
  }))
}
