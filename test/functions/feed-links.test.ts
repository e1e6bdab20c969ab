import assert from 'node:assert/strict'
import { test } from 'node:test'
import feeds from '../../functions/feeds.ts'
import reader from '../../functions/reader.ts'
import { parseFeed } from '../../functions/_news/feed.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token } from '../suites/news-client.ts'
import { openNews } from './news-env.ts'

const secret = 'a secret of this test'

test('an edition and a search are feeds that feed readers read; the link is of one reader, until it is taken back or the reader erased', async (t) => {
  const server = await startFeedServer()
  t.after(() => server.stop())
  const titles = ['Comet & <tail> "seen"', 'Chess in the park', 'Ferries return']
  const items = titles.map((title, i) => `<item><guid>g${i}</guid><link>https://paper.example/${i}</link><title><![CDATA[${title}]]></title><description>Words ${i}</description><pubDate>${new Date(Date.now() - 60_000).toUTCString()}</pubDate></item>`)
  server.answers.set('/a.rss', { body: `<rss version="2.0"><channel><title>Paper</title>${items.join('')}</channel></rss>` })
  server.list([{ path: '/a.rss', title: 'Paper' }])
  const news = openNews(t, { SOURCES: `${server.origin}/sources.opml`, READER_SECRET: secret })
  await news.tick()
  const pending: Promise<unknown>[] = []
  const ask = async (path: string, init: RequestInit = {}) => {
    const context = { waitUntil: (work: Promise<unknown>) => void pending.push(work), passThroughOnException() {}, props: {} } as unknown as ExecutionContext
    const answer = await feeds.fetch(new Request(path.startsWith('http') ? path : `http://news.test${path}`, init), news.env, context)
    await Promise.all(pending.splice(0))
    return answer
  }
  const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
  const link = async () => (await (await ask('/reader/feed', { method: 'POST', headers })).json()) as Record<'json' | 'atom' | 'rss', string>
  const first = await link()
  for (const [format, type] of [['json', 'application/feed+json'], ['atom', 'application/atom+xml'], ['rss', 'application/rss+xml']] as const) {
    for (const [path, found] of [[first[format], titles], [`/search.${format}?q=comet`, [titles[0]!]]] as const) {
      const answer = await ask(path)
      assert.equal(answer.status, 200, path)
      assert.ok(answer.headers.get('content-type')?.startsWith(type))
      assert.match(answer.headers.get('cache-control') ?? '', /private/)
      const read = await parseFeed(await answer.text(), 'http://news.test/')
      assert.deepEqual(new Set(read.items.map(({ title }) => title)), new Set(found), path)
      assert.ok(read.items.every(({ url, publishedAt }) => url.startsWith('https://paper.example/') && publishedAt !== null))
    }
  }
  const second = await link()
  assert.notEqual(second.rss, first.rss)
  assert.deepEqual([(await ask(first.rss)).status, (await ask(second.rss)).status], [401, 200], 'a new link takes the old one back')
  assert.equal((await ask('/edition.rss')).status, 401)
  assert.equal((await ask('/reader/feed', { method: 'DELETE', headers })).status, 204)
  assert.equal((await ask(second.rss)).status, 401)
  const third = await link()
  await reader.fetch(new Request('http://news.test/reader', { method: 'DELETE', headers }), news.env, { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext)
  assert.equal((await ask(third.json)).status, 401)
  assert.equal((await ask('/search.rss')).status, 400)
})
