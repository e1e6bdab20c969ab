import { Kysely, type CompiledQuery } from 'kysely'
import { D1Dialect } from 'kysely-d1'
import type { NewsTables } from './schema.ts'

/** The news database, its queries typed. */
export type NewsDatabase = Kysely<NewsTables>

/** Opens the news database of a D1 binding; nothing is read yet. */
export function openDatabase(d1: D1Database): NewsDatabase {
  return new Kysely<NewsTables>({ dialect: new D1Dialect({ database: d1 }) })
}

type Rows<Queries extends readonly CompiledQuery<unknown>[]> = {
  [Index in keyof Queries]: Queries[Index] extends CompiledQuery<infer Row> ? Row[] : never
}

/** Runs compiled queries in one transaction and one journey to the database; answers the rows of each. */
export async function batch<Queries extends readonly CompiledQuery<unknown>[]>(
  d1: D1Database, queries: readonly [...Queries],
): Promise<Rows<Queries>> {
  const results = await d1.batch(queries.map(({ sql, parameters }) => d1.prepare(sql).bind(...parameters)))
  return results.map((result) => result.results) as Rows<Queries>
}
