import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from './database.ts'

/** Reads a setting; undefined where it was never set. */
export async function readSetting(db: NewsDatabase, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}

/** A query that sets a setting. */
export function writeSetting(db: NewsDatabase, name: string, value: string): CompiledQuery {
  return db
    .insertInto('setting')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .compile()
}

/** The setting that counts every change of what an edition may show. */
export const contentVersion = 'content_version'

/** A query that tells every cached list of candidates that it is old. */
export function contentChanged(db: NewsDatabase): CompiledQuery {
  return db
    .insertInto('setting')
    .values({ name: contentVersion, value: '1' })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: sql<string>`CAST(setting.value AS INTEGER) + 1` }))
    .compile()
}
