import { sql } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { NewsEnv } from './env.ts'
import { parseFeed } from './feed.ts'
import { nameOf } from './identity.ts'

const files = ['world', 'science', 'culture']
const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Adds the sample feeds to the sources where no real source has ever given an article; they are ingested like any other. Answers whether it did. */
export async function addSamples(env: NewsEnv, db: NewsDatabase): Promise<boolean> {
  const { rows } = await sql<{ needed: number }>`
    SELECT NOT EXISTS (SELECT 1 FROM source WHERE sample = 1)
      AND NOT EXISTS (SELECT 1 FROM article JOIN source ON source.id = article.source WHERE source.sample = 0) AS needed`.execute(db)
  if (rows[0]?.needed !== 1) return false
  const values = await Promise.all(
    files.map(async (file, position) => {
      const url = `asset:/samples/${file}.xml`
      const { title } = await parseFeed(await sampleDocument(env, url), 'https://example.com/')
      return { id: await nameOf(url), url, title, position, sample: 1, topics: JSON.stringify([file]) }
    }),
  )
  await db.insertInto('source').values(values).onConflict((conflict) => conflict.doNothing()).execute()
  return true
}

/**
 * A sample feed with its dates filled in: `{{ago 3h}}` becomes the time three hours ago (m, h or d).
 * @throws Error where the file is missing.
 */
export async function sampleDocument(env: NewsEnv, url: string): Promise<string> {
  const response = await env.ASSETS.fetch(new URL(url.slice('asset:'.length), 'http://assets.invalid').href)
  if (!response.ok) throw new Error(`samples: ${url} is not among the assets (${response.status})`)
  const now = Date.now()
  return (await response.text()).replace(/\{\{ago (\d+)([mhd])\}\}/g, (_, count: string, unit: string) =>
    new Date(now - Number(count) * (units[unit] ?? 0)).toUTCString(),
  )
}
