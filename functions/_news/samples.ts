import { sql } from 'kysely'
import { storeArticles } from './articles.ts'
import { readAsset } from './asset.ts'
import { batch, type NewsDatabase } from './database.ts'
import type { NewsEnv } from './env.ts'
import { parseFeed } from './feed.ts'
import { nameOf } from './identity.ts'
import { contentChanged, contentVersion, readSetting } from './settings.ts'

const files = ['world', 'science', 'culture']
const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The address that relative links of a sample are resolved against. */
export const sampleBase = 'https://example.com/'

/**
 * Fills an empty database with the sample feeds; they need no network. Where there was ever a story or a list of sources, nothing
 * happens: samples never come back. Safe to call twice at once.
 * @throws Error where a sample is missing.
 */
export async function addSamples(env: NewsEnv, db: NewsDatabase): Promise<void> {
  // Set last of all: samples that are half in are not taken for complete.
  if ((await readSetting(db, contentVersion)) !== undefined) return
  for (const [position, file] of files.entries()) {
    const url = `asset:/samples/${file}.xml`
    const feed = await parseFeed(await sampleDocument(env, url), sampleBase)
    const row = { id: await nameOf(url), url, title: feed.title, position, sample: 1, topics: JSON.stringify([file]) }
    await db.insertInto('source').values(row).onConflict((conflict) => conflict.doNothing()).execute()
    const source = await db.selectFrom('source').selectAll().where('id', '=', row.id).executeTakeFirstOrThrow()
    await storeArticles(db, source, feed.items)
  }
  await batch(env.DB, [contentChanged(db)])
}

/** Takes the samples out of every edition, for good, once a real source has given an article. */
export async function retireSamples(env: NewsEnv, db: NewsDatabase): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    UPDATE source SET active = 0 WHERE sample = 1 AND active = 1
      AND EXISTS (SELECT 1 FROM article JOIN source AS real ON real.id = article.source WHERE real.sample = 0 AND real.active = 1)
    RETURNING id`.execute(db)
  if (rows.length > 0) await batch(env.DB, [contentChanged(db)])
}

/**
 * A sample feed with its dates filled in: `{{ago 3h}}` becomes the time three hours ago (m, h or d).
 * @throws Error where the file is missing.
 */
export async function sampleDocument(env: NewsEnv, url: string): Promise<string> {
  const document = await readAsset(env, url)
  const now = Date.now()
  return document.replace(/\{\{ago (\d+)([mhd])\}\}/g, (_, count: string, unit: string) =>
    new Date(now - Number(count) * (units[unit] ?? 0)).toUTCString(),
  )
}
