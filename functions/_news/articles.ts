import { sql } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { FeedItem } from './feed.ts'
import { nameOf } from './identity.ts'
import type { Source } from './sources.ts'
import { joinStories } from './stories/group.ts'
import { pageOf } from './stories/page.ts'
import { assignTopics } from './topics/assign.ts'

// Small, so that no write holds the database for long.
const chunkSize = 25

/**
 * Stores the items of a source; those already stored, by their guid or their page, are updated where their words changed, and keep the
 * time they were first published. One without a date is taken for published when it was first seen, until its feed gives it one. A
 * sample's dates move with the clock. A new article joins the story it tells. Answers how many were new or changed.
 */
export async function storeArticles(db: NewsDatabase, source: Source, items: FeedItem[]): Promise<number> {
  const now = Date.now()
  const inherited = JSON.parse(source.topics) as string[]
  const rows = await Promise.all(
    (await identified(db, source, items)).map(async ({ item, item: { publishedAt, title, summary, url, image }, guid, page }, index) => ({
      title, summary, url, image, guid, page,
      id: await nameOf(`${source.id}\n${guid}`),
      topics: assignTopics(inherited, item),
      // A date in the future would hold the top of every edition until it comes.
      // Items without one keep the order of their feed.
      publishedAt: Math.min(publishedAt ?? now - index * 60_000, now),
      undated: publishedAt === null ? 1 : 0,
    })),
  )
  let changed = 0
  for (let start = 0; start < rows.length; start += chunkSize) {
    const chunk = rows.slice(start, start + chunkSize)
    const known = await sql<{ id: string }>`SELECT id FROM article WHERE id IN (SELECT value ->> 'id' FROM json_each(${JSON.stringify(chunk)}))`.execute(db)
    const before = new Set(known.rows.map(({ id }) => id))
    const stored = await sql<{ id: string }>`
      INSERT INTO article (id, source, guid, url, page, title, summary, image, topics, published_at, undated, first_seen)
      SELECT value ->> 'id', ${source.id}, value ->> 'guid', value ->> 'url', value ->> 'page', value ->> 'title', value ->> 'summary', value ->> 'image',
        value -> 'topics', value ->> 'publishedAt', value ->> 'undated', ${now}
      FROM json_each(${JSON.stringify(chunk)}) WHERE true
      ON CONFLICT (source, guid) DO UPDATE SET url = excluded.url, page = excluded.page, title = excluded.title, summary = excluded.summary,
        image = excluded.image, topics = excluded.topics, undated = min(article.undated, excluded.undated),
        published_at = iif(${source.sample} OR article.undated > excluded.undated, excluded.published_at, article.published_at)
      WHERE (article.url, article.title, article.summary, article.image, article.topics)
        IS NOT (excluded.url, excluded.title, excluded.summary, excluded.image, excluded.topics) OR article.undated > excluded.undated OR ${source.sample}
      RETURNING id`.execute(db)
    changed += stored.rows.length
    // What only some readers may see tells no story of everybody's.
    if (source.sample === 1 || source.active === 0) continue
    const added = new Set(stored.rows.map(({ id }) => id).filter((id) => !before.has(id)))
    await joinStories(db, chunk.filter(({ id }) => added.has(id)).map((row) => ({ ...row, source: source.id })))
  }
  return changed
}

interface Identified {
  item: FeedItem
  guid: string
  page: string
}

/**
 * Gives each item the guid it is kept under: of one page, that of its first article, whatever guid it comes with now. A page that several
 * items of the document share says nothing: some feeds give all their items one address.
 */
async function identified(db: NewsDatabase, source: Source, items: FeedItem[]): Promise<Identified[]> {
  const all = items.map((item) => ({ item, guid: item.guid, page: pageOf(item.url) }))
  const times = Map.groupBy(all, ({ page }) => page)
  const alone = all.filter(({ page }) => times.get(page)!.length === 1).map(({ page }) => page)
  const { rows } = await sql<{ page: string; guid: string }>`
    SELECT page, guid FROM article WHERE source = ${source.id} AND page IN (SELECT value FROM json_each(${JSON.stringify(alone)})) GROUP BY page HAVING count(*) = 1`.execute(db)
  const kept = new Map(rows.map(({ page, guid }) => [page, guid]))
  const guids = new Set(all.map(({ guid }) => guid))
  const seen = new Set<string>()
  return all.flatMap((one) => {
    const before = kept.get(one.page)
    // Its own guid stands where another item of the document has the other one.
    const guid = before === undefined || (before !== one.guid && guids.has(before)) ? one.guid : before
    if (seen.has(guid)) return []
    seen.add(guid)
    return [{ ...one, guid }]
  })
}
