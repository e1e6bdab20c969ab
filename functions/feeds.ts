import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { batch, openDatabase, type NewsDatabase } from './_news/database.ts'
import { addressesOf, dropFeedLink, makeFeedLink } from './_news/feed-link.ts'
import { feedFormats, type FeedFormat, type FeedStory } from './_news/pages/feeds.ts'
import { badRequest, Problem } from './_news/problems.ts'
import { readPreferences } from './_news/profile.ts'
import { editionFor } from './_news/ranking/edition.ts'
import { identifyReader, namedReader } from './_news/reader.ts'
import { preferencesOf } from './_news/reader-data.ts'
import { findArticles } from './_news/search/find.ts'

export const config = {
  routes: [
    'GET /edition.json', 'OPTIONS /edition.json', 'GET /edition.atom', 'OPTIONS /edition.atom', 'GET /edition.rss', 'OPTIONS /edition.rss',
    'GET /search.json', 'OPTIONS /search.json', 'GET /search.atom', 'OPTIONS /search.atom', 'GET /search.rss', 'OPTIONS /search.rss',
    'POST /reader/feed', 'DELETE /reader/feed', 'OPTIONS /reader/feed',
  ],
  memory: 128,
  env: ['DB', 'CACHE', 'ASSETS', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

const STORIES = 30

/** @throws Problem 401 for a link that nobody has, or that was taken back */
async function readerOfLink(db: NewsDatabase, secret: string | undefined): Promise<string> {
  const row = secret === undefined ? undefined : await db.selectFrom('feed_link').select('reader').where('secret', '=', secret).executeTakeFirst()
  if (row === undefined) throw new Problem(401, 'unauthorized', 'key: this link was taken back, or never given; POST /reader/feed makes one')
  return row.reader
}

const app = newsApp()

for (const format of Object.keys(feedFormats) as FeedFormat[]) {
  const { type, write } = feedFormats[format]
  const answer = (url: string, title: string, stories: readonly FeedStory[]) => {
    const { origin } = new URL(url)
    return new Response(write({ title, home: `${origin}/`, self: url, at: Date.now() }, stories) as string, { headers: { 'content-type': type, 'cache-control': 'private, max-age=300' } })
  }
  app.get(`/edition.${format}`, async (c) => {
    const reader = await readerOfLink(openDatabase(c.env.DB), c.req.query('key'))
    const { stories } = await editionFor(c.env, { reader, known: false, limit: STORIES, later: (work) => c.executionCtx.waitUntil(work) })
    return answer(c.req.url, 'Your edition', stories.map(({ candidate: { id, title, url, summary, publishedAt, source } }) => ({ id, title, url, summary, publishedAt, source: source.title })))
  })
  app.get(`/search.${format}`, async (c) => {
    const query = c.req.query('q')?.trim() ?? ''
    if (query === '' || query.length > 500) throw badRequest('q: expected 1–500 characters of what to search for')
    const db = openDatabase(c.env.DB)
    // With a reader's link it is the reader's search: own sources too, and nothing that is muted.
    const reader = c.req.query('key') === undefined ? undefined : await readerOfLink(db, c.req.query('key'))
    const [rows] = reader === undefined ? [[]] : await batch(c.env.DB, [preferencesOf(db, reader)])
    const { hits } = await findArticles(db, { query, limit: STORIES, offset: 0, at: Date.now(), reader, preferences: readPreferences(rows[0]?.preferences) })
    return answer(c.req.url, `Search: ${query}`, hits.map(({ id, title, url, snippet, published_at: publishedAt, source }) => ({ id, title, url, summary: snippet, publishedAt, source: source.title })))
  })
}

app.post('/reader/feed', async (c) => {
  const reader = await identifyReader(c)
  const secret = await makeFeedLink(openDatabase(c.env.DB), reader)
  return c.json(addressesOf(new URL(c.req.url).origin, secret), 201)
})

app.delete('/reader/feed', async (c) => {
  await dropFeedLink(openDatabase(c.env.DB), await namedReader(c))
  return c.body(null, 204)
})

export default app
