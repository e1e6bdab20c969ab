import { sql, type CompiledQuery, type Selectable } from 'kysely'
import { batch, type NewsDatabase } from './database.ts'
import type { Hints } from './fetching/schedule.ts'
import { nameOf } from './identity.ts'
import type { Outline } from './opml.ts'
import type { SourceTable } from './schema.ts'
import { contentChanged } from './settings.ts'
import { visibleTo } from './subscriptions/subscription.ts'

/** A row of the list of sources. */
export type Source = Selectable<SourceTable>

/** A source as `GET /sources` shows it. Times in ISO 8601. */
export interface SourceView {
  id: string
  title: string
  url: string
  /** The outlines around it in the list, as topics; those of the reader's own list too. */
  topics: string[]
  /** The reader added it. */
  own: boolean
  articles: number
  last_check: string | null
  last_success: string | null
  /** Null: at the next tick; or never, where it is gone. */
  next_check: string | null
  /** Checks that failed, in a row. */
  failures: number
  last_error: string | null
  /** The name of the error: `timeout`, `http_404`, … */
  error_code: string | null
}

const leaseMs = 60_000
/** Requests at once to one server. */
const atOnce = 2

/** Where a source is asked: name and port of its server. */
export function hostOf(address: string): string {
  return URL.canParse(address) && /^https?:/i.test(address) ? new URL(address).host : ''
}

/**
 * Makes `outlines` the list of sources, in one transaction with `also`. Sources that are no longer in it keep their articles,
 * unseen, and have them again when they come back; one that was gone is asked again. Samples are left alone.
 */
export async function replaceSources(d1: D1Database, db: NewsDatabase, outlines: Outline[], also: CompiledQuery[] = []): Promise<void> {
  const rows = await Promise.all(outlines.map(async (outline, position) => ({ ...outline, id: await nameOf(outline.url), host: hostOf(outline.url), position })))
  const list = JSON.stringify(rows)
  const upsert = sql`
    INSERT INTO source (id, url, title, topics, position, host)
    SELECT value ->> 'id', value ->> 'url', value ->> 'title', value -> 'topics', value ->> 'position', value ->> 'host' FROM json_each(${list}) WHERE true
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, topics = excluded.topics, position = excluded.position, active = 1, private = 0, gone = 0,
      host = iif(source.address IS NULL, excluded.host, source.host), not_before = iif(source.gone, 0, source.not_before)`
  const retire = sql`UPDATE source SET active = 0 WHERE sample = 0 AND id NOT IN (SELECT value ->> 'id' FROM json_each(${list}))`
  await batch(d1, [upsert.compile(db), retire.compile(db), contentChanged(db), ...also])
}

/** A source that is due, and the server it is asked from. */
export interface Due {
  id: string
  sample: boolean
  host: string
}

const wanted = sql`gone = 0 AND (active = 1 OR EXISTS (SELECT 1 FROM subscription WHERE subscription.source = source.id))`

/** The sources that are due at `at` and that nobody holds: those that failed last, then the longest unfetched first. */
export async function dueSources(db: NewsDatabase, at: number): Promise<Due[]> {
  const { rows } = await sql<{ id: string; sample: number; host: string }>`
    SELECT id, sample, host FROM source WHERE ${wanted} AND not_before <= ${at} AND leased_until < ${Date.now()}
    ORDER BY failures > 0, fetched_at, position`.execute(db)
  return rows.map(({ id, sample, host }) => ({ id, sample: sample === 1, host }))
}

/**
 * Takes a source that is still due at `at` for `lease` alone; undefined where it is not, or two of its server are being asked. Whoever dies
 * with it frees it after 60 s.
 */
export async function claimSource(db: NewsDatabase, lease: string, at: number, id: string): Promise<Source | undefined> {
  const now = Date.now()
  const { rows } = await sql<Source>`
    UPDATE source SET lease = ${lease}, leased_until = ${now + leaseMs}, fetched_at = ${now}
    WHERE id = ${id} AND ${wanted} AND not_before <= ${Math.max(at, now)} AND leased_until < ${now}
      AND (host = '' OR (SELECT count(*) FROM source AS other WHERE other.host = source.host AND other.leased_until >= ${now}) < ${atOnce})
    RETURNING *`.execute(db)
  return rows[0]
}

/** How a source is given back after success. */
export interface Success {
  /** Hash of what is stored of it. */
  document: string
  /** Where it lives now; null at its url. */
  address: string | null
  hints: Hints
  /** The next check, milliseconds since 1970. */
  notBefore: number
}

/** A query that gives a source back after success. */
export function settleSuccess(db: NewsDatabase, source: Source, { document, address, hints, notBefore }: Success): CompiledQuery {
  return db
    .updateTable('source')
    .set({
      lease: null, leased_until: 0, failures: 0, not_before: notBefore, last_success: Date.now(), last_error: null, error_code: null,
      document, address, hints: JSON.stringify(hints), host: hostOf(address ?? source.url),
    })
    .where('id', '=', source.id)
    .where('lease', '=', source.lease)
    .compile()
}

/** How a source is given back after a failure. */
export interface Failed {
  words: string
  code: string
  /** The next check, milliseconds since 1970. */
  notBefore: number
}

/** Gives a source back after a failure: where it had moved, its first address counts again. One that is `gone` is asked no more. */
export async function settleFailure(db: NewsDatabase, source: Source, { words, code, notBefore }: Failed): Promise<void> {
  await db
    .updateTable('source')
    .set({
      lease: null, leased_until: 0, failures: source.failures + 1, not_before: notBefore, last_error: words.slice(0, 500), error_code: code,
      address: null, host: hostOf(source.url), gone: code === 'gone' && source.address === null ? 1 : 0,
    })
    .where('id', '=', source.id)
    .where('lease', '=', source.lease)
    .execute()
}

interface ViewRow extends Pick<Source, 'id' | 'title' | 'url' | 'topics' | 'fetched_at' | 'last_success' | 'not_before' | 'failures' | 'last_error' | 'error_code' | 'gone'> {
  articles: number
  folders: string | null
}

/** Lists the sources that a reader sees in their order, the reader's own last, with what is stored of each, how its last check ended and when the next one is. */
export async function listSources(db: NewsDatabase, reader?: string): Promise<SourceView[]> {
  const { rows } = await sql<ViewRow>`
    SELECT id, title, url, topics, fetched_at, last_success, not_before, failures, last_error, error_code, gone,
      (SELECT count(*) FROM article WHERE article.source = source.id) AS articles,
      (SELECT subscription.topics FROM subscription WHERE subscription.source = source.id AND subscription.reader = ${reader ?? null}) AS folders
    FROM source WHERE ${visibleTo(reader)} ORDER BY sample DESC, active DESC, position, id`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    url: row.url,
    topics: [...new Set([...(JSON.parse(row.topics) as string[]), ...(JSON.parse(row.folders ?? '[]') as string[])])],
    own: row.folders !== null,
    articles: row.articles,
    last_check: row.fetched_at === 0 ? null : iso(row.fetched_at),
    last_success: row.last_success === null ? null : iso(row.last_success),
    next_check: row.gone === 1 || row.not_before === 0 ? null : iso(row.not_before),
    failures: row.failures,
    last_error: row.last_error,
    error_code: row.error_code,
  }))
}

/** A query for the names of the sources that `reader` may know of, those that left the list included. */
export function sourceNames(db: NewsDatabase, reader: string): CompiledQuery<{ id: string; title: string }> {
  return sql<{ id: string; title: string }>`SELECT id, title FROM source WHERE private = 0 OR ${visibleTo(reader)}`.compile(db)
}

/** Takes a source out of everybody's list; false where it was not in it. Its articles stay, unseen. */
export async function retireSource(d1: D1Database, db: NewsDatabase, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('source').set({ active: 0 }).where('id', '=', id).where('active', '=', 1).where('sample', '=', 0).executeTakeFirstOrThrow()
  if (numUpdatedRows > 0n) await batch(d1, [contentChanged(db)])
  return numUpdatedRows > 0n
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
