import { sql, type CompiledQuery, type Selectable } from 'kysely'
import { batch, type NewsDatabase } from './database.ts'
import { atOnce, hostOf, underWay } from './fetching/host-turn.ts'
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

/** Where a source is asked next: where it has moved to, and after a failure there at its first address, and so by turns. */
export function askedAt({ url, address, failures }: Pick<Source, 'url' | 'address' | 'failures'>): string {
  return address === null || failures % 2 === 1 ? url : address
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

/** As many as one tick sends on; of one server, as many as two at a time can be asked before the tick after the next. */
const mostDue = 5000
const mostOfHost = 1000

/**
 * The sources that are due at `at` and that nobody holds, of all or of `among`: those that failed last, then the longest unfetched first.
 * 5,000 at most, a thousand of one server; the others are due still at the next tick.
 */
export async function dueSources(db: NewsDatabase, at: number, among?: readonly string[]): Promise<Due[]> {
  const { rows } = await sql<{ id: string; sample: number; host: string }>`
    SELECT id, sample, host FROM (
      SELECT id, sample, host, failures > 0 AS failed, fetched_at, position, row_number() OVER (PARTITION BY host ORDER BY failures > 0, fetched_at, position) AS place
      FROM source WHERE ${wanted} AND not_before <= ${at} AND leased_until < ${Date.now()}
        AND ${among === undefined ? sql`true` : sql`id IN (SELECT value FROM json_each(${JSON.stringify(among)}))`})
    WHERE host = '' OR place <= ${mostOfHost} ORDER BY failed, fetched_at, position LIMIT ${mostDue}`.execute(db)
  return rows.map(({ id, sample, host }) => ({ id, sample: sample === 1, host }))
}

/**
 * Takes a source that is still due at `at` for `lease` alone; undefined where it is not, or its server is asked twice already, which counts
 * for nothing where it is `fetched` by now. Whoever dies with it frees it after 60 s.
 */
export async function claimSource(db: NewsDatabase, lease: string, at: number, id: string, fetched = false): Promise<Source | undefined> {
  const now = Date.now()
  const { rows } = await sql<Source>`
    UPDATE source SET lease = ${lease}, leased_until = ${now + leaseMs}, fetched_at = ${now}
    WHERE id = ${id} AND ${wanted} AND not_before <= ${Math.max(at, now)} AND leased_until < ${now}
      AND (${fetched ? 1 : 0} OR host = '' OR ${underWay(sql`source.host`, now)} < ${atOnce})
    RETURNING *`.execute(db)
  return rows[0]
}

/** How a source is given back after success. */
export interface Success {
  /** Hash of what is stored of it. */
  document: string
  /** Where it lives now; null at its url. */
  address: string | null
  /** The server that gave the document. */
  host: string
  /** What the server said of the document, as JSON. */
  validators: string
  hints: Hints
  /** The next check, milliseconds since 1970. */
  notBefore: number
}

/** Keeps hold of a claimed source for another minute. */
export async function holdOn(db: NewsDatabase, source: Source): Promise<void> {
  await db.updateTable('source').set({ leased_until: Date.now() + leaseMs }).where('id', '=', source.id).where('lease', '=', source.lease).execute()
}

/** Notes how often in a row the document of a claimed source was begun to be read: the note stays where the process ends before it is read. */
export async function noteReading(db: NewsDatabase, source: Source, times: number): Promise<void> {
  await db.updateTable('source').set({ reading: times }).where('id', '=', source.id).where('lease', '=', source.lease).execute()
}

/** A query that gives a source back after success. */
export function settleSuccess(db: NewsDatabase, source: Source, { document, address, host, validators, hints, notBefore }: Success): CompiledQuery {
  return db
    .updateTable('source')
    .set({
      lease: null, leased_until: 0, failures: 0, not_before: notBefore, last_success: Date.now(), last_error: null, error_code: null,
      document, address, host, validators, hints: JSON.stringify(hints), reading: 0,
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

/** Gives a source back after a failure. An address that is `gone` is asked no more; a source whose only one it is, neither. */
export async function settleFailure(db: NewsDatabase, source: Source, { words, code, notBefore }: Failed): Promise<void> {
  const gone = code === 'gone'
  const address = gone && askedAt(source) === source.address ? null : source.address
  const failures = source.failures + 1
  await db
    .updateTable('source')
    .set({
      lease: null, leased_until: 0, failures, not_before: notBefore, last_error: words.slice(0, 500), error_code: code, reading: 0,
      address, host: hostOf(askedAt({ url: source.url, address, failures })), gone: gone && source.address === null ? 1 : 0,
    })
    .where('id', '=', source.id)
    .where('lease', '=', source.lease)
    .execute()
}

interface ViewRow extends Pick<Source, 'id' | 'title' | 'url' | 'topics' | 'fetched_at' | 'last_success' | 'not_before' | 'failures' | 'last_error' | 'error_code' | 'gone'> {
  articles: number
  folders: string | null
}

/**
 * Lists the sources that a reader sees, all or the one of an id, in their order, the reader's own last, with what is stored of each, how its
 * last check ended and when the next one is.
 */
export async function listSources(db: NewsDatabase, reader?: string, only?: string): Promise<SourceView[]> {
  const { rows } = await sql<ViewRow>`
    SELECT id, title, url, topics, fetched_at, last_success, not_before, failures, last_error, error_code, gone,
      (SELECT count(*) FROM article WHERE article.source = source.id) AS articles,
      (SELECT subscription.topics FROM subscription WHERE subscription.source = source.id AND subscription.reader = ${reader ?? null}) AS folders
    FROM source WHERE ${visibleTo(reader)}${only === undefined ? sql`` : sql` AND id = ${only}`} ORDER BY sample DESC, active DESC, position, id`.execute(db)
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
