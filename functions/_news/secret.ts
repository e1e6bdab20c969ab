import { toBase64Url } from './identity.ts'
import { readSetting } from './settings.ts'
import { openDatabase } from './database.ts'
import type { NewsEnv } from './env.ts'

const encoder = new TextEncoder()
const kept = new WeakMap<D1Database, string>()

async function madeOnce(d1: D1Database): Promise<string> {
  const db = openDatabase(d1)
  const made = toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
  await db
    .insertInto('setting')
    .values({ name: 'reader_secret', value: made })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await readSetting(db, 'reader_secret')) ?? made
}

/** The secret that signs cookies and tokens: `READER_SECRET`, else one that was made once and is kept in the database. */
export async function readerSecret(env: NewsEnv): Promise<Uint8Array> {
  if (env.READER_SECRET !== undefined && env.READER_SECRET !== '') return encoder.encode(env.READER_SECRET)
  const secret = kept.get(env.DB) ?? (await madeOnce(env.DB))
  kept.set(env.DB, secret)
  return encoder.encode(secret)
}
