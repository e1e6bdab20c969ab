import { sql } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { FeedItem } from './feed.ts'
import { nameOf } from './identity.ts'
import type { Source } from './sources.ts'

// Small, so that no write holds the database for long.
const chunkSize = 25

/**
 * Stores the items of a source; those already stored are updated where their words changed, and keep the time they were first published.
 * One without a date is taken for published when it was first seen, until its feed gives it one. A sample's dates move with the clock.
 * Answers how many were new or changed.
 */
export async function storeArticles(db: NewsDatabase, source: Source, items: FeedItem[]): Promise<number> {
  const now = Date.now()
  const inherited = JSON.parse(source.topics) as string[]
  const rows = await Promise.all(
    items.map(async ({ publishedAt, topics, ...item }, index) => ({
      ...item,
      id: await nameOf(`${source.id}\n${item.guid}`),
      topics: [...new Set([...inherited, ...topics])],
      // A date in the future would hold the top of every edition until it comes.
      // Items without one keep the order of their feed.
      publishedAt: Math.min(publishedAt ?? now - index * 60_000, now),
      undated: publishedAt === null ? 1 : 0,
    })),
  )
  let changed = 0
  for (let start = 0; start < rows.length; start += chunkSize) {
    const stored = await sql<{ id: string }>`
      INSERT INTO article (id, source, guid, url, title, summary, image, topics, published_at, undated, first_seen)
      SELECT value ->> 'id', ${source.id}, value ->> 'guid', value ->> 'url', value ->> 'title', value ->> 'summary', value ->> 'image',
        value -> 'topics', value ->> 'publishedAt', value ->> 'undated', ${now}
      FROM json_each(${JSON.stringify(rows.slice(start, start + chunkSize))}) WHERE true
      ON CONFLICT (source, guid) DO UPDATE SET url = excluded.url, title = excluded.title, summary = excluded.summary,
        image = excluded.image, topics = excluded.topics, undated = min(article.undated, excluded.undated),
        published_at = iif(${source.sample} OR article.undated > excluded.undated, excluded.published_at, article.published_at)
      WHERE (article.url, article.title, article.summary, article.image, article.topics)
        IS NOT (excluded.url, excluded.title, excluded.summary, excluded.image, excluded.topics) OR article.undated > excluded.undated OR ${source.sample}
      RETURNING id`.execute(db)
    changed += stored.rows.length
  }
  return changed
}
