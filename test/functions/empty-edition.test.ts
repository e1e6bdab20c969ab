import assert from 'node:assert/strict'
import { test } from 'node:test'
import edition from '../../functions/edition.ts'
import reader from '../../functions/reader.ts'
import sources from '../../functions/sources.ts'
import { opmlOf, startFeedServer } from '../suites/feed-server.ts'
import { type Edition, token } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { openNews } from './news-env.ts'

const secret = 'a secret of this test'
const authorization = `Bearer ${token(secret, { sub: 'ada' })}`
const gone = [{ path: '/gone.rss', title: 'Gone' }]

test('an edition without a story says why, and the samples do not come back unasked', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/one.rss', { body: madeFeed('One', 2, 5) })
  feeds.list([{ path: '/one.rss', title: 'One' }])
  const news = openNews(t, { READER_SECRET: secret, SOURCES_EDITORS: 'ada', SOURCES: `${feeds.origin}/sources.opml` })
  const read = async (query = ''): Promise<Edition> => (await news.ask<Edition>(edition, `/edition${query}`, { headers: { authorization } })).body
  const put = (feedsOf: typeof gone): Promise<unknown> =>
    news.ask(sources, '/sources', { method: 'PUT', body: opmlOf(feeds.origin, feedsOf), headers: { authorization } })
  const first = await read()
  assert.ok(first.stories.every(({ source }) => source.title.endsWith('(sample)')) && first.stories.length > 0)
  assert.equal(first.notice, undefined)
  await news.tick()
  assert.deepEqual((await read()).stories.map(({ source }) => source.title), ['One', 'One'])

  await put(gone)
  const waiting = await read()
  assert.deepEqual([waiting.stories, waiting.next], [[], null])
  assert.match(waiting.notice ?? '', /^0 of 1 sources have been fetched so far/)
  await news.tick()
  const failed = await read()
  assert.deepEqual(failed.stories, [])
  assert.match(failed.notice ?? '', /1 of 1 could not be read; GET \/sources tells why/)

  await put([{ path: '/one.rss', title: 'One' }])
  const back = await read('?limit=1')
  assert.equal(back.stories.length, 1)
  assert.equal(back.notice, undefined)
  const end = await read(`?limit=2&cursor=${back.next}`)
  assert.deepEqual([end.stories.length, end.notice], [1, undefined])

  const mute = { method: 'PUT', body: JSON.stringify({ sources: { follow: [], mute: [back.stories[0]?.source.id] } }), headers: { authorization } }
  assert.equal((await news.ask(reader, '/reader', mute)).status, 200)
  assert.match((await read()).notice ?? '', /muted or hidden for this reader/)
})

test('stories that a tick adds while an edition without any is made are in it', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/one.rss', { body: madeFeed('One', 2, 5) })
  const news = openNews(t, { READER_SECRET: secret, SOURCES_EDITORS: 'ada' })
  await news.ask(sources, '/sources', { method: 'PUT', body: opmlOf(feeds.origin, [{ path: '/one.rss', title: 'One' }]), headers: { authorization } })
  const read = news.env.CACHE.get.bind(news.env.CACHE) as (key: string) => Promise<null>
  let during: Promise<unknown> | undefined
  const late = async (key: string): Promise<null> => {
    if (key.startsWith('candidates')) await (during ??= news.tick())
    return read(key)
  }
  Object.assign(news.env.CACHE, { get: late })
  const { body } = await news.ask<Edition>(edition, '/edition')
  assert.deepEqual([body.stories.length, body.notice], [2, undefined])
})

test('readers who come at once to an empty database all see the samples, a tick or not', async (t) => {
  const news = openNews(t)
  const all = await Promise.all([...Array.from({ length: 8 }, () => news.ask<Edition>(edition, '/edition')), news.tick()])
  for (const answer of all) if ('body' in answer) assert.deepEqual([answer.body.stories.length, answer.body.notice], [20, undefined])
  const whole = await news.ask<Edition>(edition, '/edition?limit=100')
  assert.equal(whole.body.stories.length, 24)
})

test('a list of sources that was put before the first tick stands alone: no samples beside it', async (t) => {
  const news = openNews(t, { READER_SECRET: secret, SOURCES_EDITORS: 'ada' })
  const put = { method: 'PUT', body: opmlOf('http://127.0.0.1:1', gone), headers: { authorization } }
  assert.equal((await news.ask(sources, '/sources', put)).status, 200)
  const { body } = await news.ask<Edition>(edition, '/edition')
  assert.deepEqual(body.stories, [])
  assert.match(body.notice ?? '', /fetched so far/)
})

test('without a sample among the assets the edition is empty and says so; it does not fail, nor does the tick', async (t) => {
  const news = openNews(t)
  news.env.ASSETS = { fetch: async () => new Response(null, { status: 404 }) } as unknown as Fetcher
  t.mock.method(console, 'error', () => undefined)
  const { status, body } = await news.ask<Edition>(edition, '/edition')
  assert.equal(status, 200)
  assert.match(body.notice ?? '', /there are no sources yet/)
  assert.match((await news.tick()).join('\n'), /^ingest: there are no samples: assets: asset:\/samples\/world\.xml is not among them/m)
})
