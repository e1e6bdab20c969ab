import { sql, type CompiledQuery, type RawBuilder } from 'kysely'
import { batch, type NewsDatabase } from '../database.ts'
import type { NewsEnv } from '../env.ts'

/** Sources that a reader may add. */
export const maxSubscriptions = 100

/** The condition that `reader` may see what the source in question gives: it stands in everybody's list, or the reader added it. */
export function visibleTo(reader: string | undefined): RawBuilder<unknown> {
  if (reader === undefined) return sql`source.active = 1`
  return sql`(source.active = 1 OR source.id IN (SELECT source FROM subscription WHERE reader = ${reader}))`
}

/** The sources that a reader added: how many there are of them, and of `ids`. */
export async function countOf(db: NewsDatabase, reader: string, ids: readonly string[]): Promise<{ all: number; known: string[] }> {
  const { rows } = await sql<{ source: string }>`SELECT source FROM subscription WHERE reader = ${reader}`.execute(db)
  const own = new Set(rows.map(({ source }) => source))
  return { all: own.size, known: ids.filter((id) => own.has(id)) }
}

/** Adds sources that exist to a reader's own, up to a hundred of them in all; folders given replace those there were. Answers the ids that are the reader's now. */
export async function subscribe(db: NewsDatabase, reader: string, sources: readonly { id: string; topics?: readonly string[] }[], now: number): Promise<string[]> {
  const list = JSON.stringify(sources.map(({ id, topics }) => ({ id, topics: topics ?? [], told: topics === undefined ? 0 : 1 })))
  const { rows } = await sql<{ source: string }>`
    INSERT INTO subscription (reader, source, topics, added_at)
    SELECT ${reader}, value ->> 'id', value -> 'topics', ${now} FROM json_each(${list})
    WHERE EXISTS (SELECT 1 FROM source WHERE source.id = value ->> 'id')
      AND (SELECT count(*) FROM subscription WHERE reader = ${reader} AND source NOT IN (SELECT value ->> 'id' FROM json_each(${list}))) + json_array_length(${list}) <= ${maxSubscriptions}
    ON CONFLICT (reader, source) DO UPDATE SET
      topics = iif((SELECT value ->> 'told' FROM json_each(${list}) WHERE value ->> 'id' = subscription.source), excluded.topics, subscription.topics)
    RETURNING source`.execute(db)
  return rows.map(({ source }) => source)
}

/** Takes a source from a reader's own; false where it was none of them. */
export async function unsubscribe(env: NewsEnv, db: NewsDatabase, reader: string, source: string): Promise<boolean> {
  const taking = sql<{ source: string }>`DELETE FROM subscription WHERE reader = ${reader} AND source = ${source} RETURNING source`.compile(db)
  const [taken] = await batch(env.DB, [taking, ...forgettingOrphans(db, [source])])
  return taken.length > 0
}

/** Queries that erase those of some sources that readers added and no reader has any more, with their articles. They follow, in one transaction, what takes them from a reader. */
export function forgettingOrphans(db: NewsDatabase, among: readonly string[]): CompiledQuery[] {
  if (among.length === 0) return []
  const orphans = sql`source WHERE private = 1 AND active = 0 AND NOT EXISTS (SELECT 1 FROM subscription WHERE subscription.source = source.id)
    AND id IN (SELECT value FROM json_each(${JSON.stringify(among)}))`
  const some = sql`EXISTS (SELECT 1 FROM ${orphans})`
  // An index of words else only notes that a text is gone, and keeps its words until it is merged.
  const overwriting = (on: 0 | 1) => sql`INSERT INTO article_text (article_text, rank) SELECT 'secure-delete', ${sql.lit(on)} WHERE ${some}`
  return [
    overwriting(1),
    sql`DELETE FROM article WHERE source IN (SELECT id FROM ${orphans})`,
    overwriting(0),
    // What was found lately names them too; it is found again where it is asked for.
    sql`DELETE FROM discovery WHERE outcome IS NOT NULL AND ${some}`,
    sql`DELETE FROM ${orphans}`,
  ].map((query) => query.compile(db))
}
