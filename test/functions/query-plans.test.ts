import assert from 'node:assert/strict'
import { test } from 'node:test'
import edition from '../../functions/edition.ts'
import { openDatabase } from '../../functions/_news/database.ts'
import { takeTurn } from '../../functions/_news/fetching/host-turn.ts'
import { claimSource } from '../../functions/_news/sources.ts'
import pages from '../../functions/pages.ts'
import readerFunction from '../../functions/reader.ts'
import search from '../../functions/search.ts'
import sources from '../../functions/sources.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { openNews } from './news-env.ts'
import { scansOf } from './query-plans.ts'

const secret = 'a secret of this test'

test('what a reader asks for, and a check of a source, look up by an index what they need: no table is gone through as a whole', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  for (const path of ['/a.rss', '/b.rss']) feeds.answers.set(path, { body: madeFeed(path, 3, 30) })
  feeds.list([{ path: '/a.rss', title: 'A' }])
  const news = openNews(t, { READER_SECRET: secret, SOURCES: `${feeds.origin}/sources.opml` })
  await news.tick()
  const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
  const ask = async <Body>(app: Parameters<typeof news.ask>[0], path: string, method = 'GET', body?: object): Promise<Body> => {
    const answer = await news.ask<Body>(app, path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    assert.ok(answer.status < 300, `${path}: ${JSON.stringify(answer)}`)
    return answer.body
  }
  const db = openDatabase(news.env.DB)
  const scans = await scansOf(news.env.DB, async () => {
    const { stories } = await ask<{ stories: { id: string }[] }>(edition, '/edition')
    await ask(readerFunction, '/reader/events', 'POST', { events: stories.map(({ id: story }, i) => ({ id: String(i), type: i === 0 ? 'hide' : 'open', story })) })
    await ask(edition, '/edition')
    await ask(sources, '/sources', 'POST', { url: `${feeds.origin}/b.rss` })
    const { sources: [listed] } = await ask<{ sources: { id: string }[] }>(sources, '/sources')
    const source = await claimSource(db, 'lease', Date.now() + 30 * 86_400_000, listed!.id)
    await takeTurn(db, source!, 'host.test', AbortSignal.timeout(5000))
    for (const path of ['/', '/news/me', '/news/sources', `/news/story/${stories[0]!.id}`]) await news.ask(pages, path, { headers })
    for (const path of ['/reader', '/reader/export']) await ask(readerFunction, path)
    await ask(search, '/search?q=tale')
    await ask(search, '/search?q=tael%20source:b')
    await ask(readerFunction, '/reader', 'DELETE')
  })
  // What was looked for lately is forgotten each time: there is never much of it.
  assert.deepEqual(scans.filter(({ what }) => what !== 'SCAN discovery'), [])
})
