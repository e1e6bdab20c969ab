import assert from 'node:assert/strict'
import { test } from 'node:test'
import feeds from '../../functions/feeds.ts'
import reader from '../../functions/reader.ts'
import sources from '../../functions/sources.ts'
import { parseFeed } from '../../functions/_news/feed.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token } from '../suites/news-client.ts'
import { feedFormats } from '../../functions/_news/pages/feeds.ts'
import { openNews } from './news-env.ts'

const secret = 'a secret of this test'
const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext

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
  const rss = await (await ask(first.rss)).text()
  assert.match(rss, /<atom:link [^>]*rel="self"/)
  assert.match(rss, /<dc:creator>Paper<\/dc:creator>/, 'who tells it is said')
  const key = new URL(first.rss).searchParams.get('key')!
  const { sources: [paper] } = (await (await sources.fetch(new Request('http://news.test/sources', { headers }), news.env, context)).json()) as { sources: { id: string }[] }
  await reader.fetch(new Request('http://news.test/reader', { method: 'PUT', headers, body: JSON.stringify({ sources: { mute: [paper!.id] } }) }), news.env, context)
  const found = async (path: string) => (await parseFeed(await (await ask(path)).text(), 'http://news.test/')).items.length
  assert.deepEqual([await found('/search.json?q=comet'), await found(`/search.json?q=comet&key=${key}`)], [1, 0], 'a search under a link is its reader\'s: what is muted is not found')
  const second = await link()
  assert.notEqual(second.rss, first.rss)
  assert.deepEqual([(await ask(first.rss)).status, (await ask(second.rss)).status], [401, 200], 'a new link takes the old one back')
  assert.equal((await ask('/edition.rss')).status, 401)
  assert.equal((await ask('/reader/feed', { method: 'DELETE', headers })).status, 204)
  assert.equal((await ask(second.rss)).status, 401)
  const third = await link()
  await reader.fetch(new Request('http://news.test/reader', { method: 'DELETE', headers }), news.env, context)
  assert.equal((await ask(third.json)).status, 401)
  assert.equal((await ask('/search.rss')).status, 400)
})

test('whatever a story or a query holds, a feed is whole: XML without what XML has no place for, HTML where HTML is meant', async () => {
  const titles = ['a & b < c > "d"', ']]> end', 'ctl \u0001\u0008\ufffe', 'half \ud800 of one', '<script>alert(1)</script>', 'whole 🎉']
  const stories = titles.map((title, i) => ({ id: `id${i}`, title, url: `https://paper.example/?a=1&b=${i}`, summary: title, publishedAt: 1_700_000_000_000, source: 'Paper & Co' }))
  for (const format of ['atom', 'rss'] as const) {
    const text = feedFormats[format].write({ title: 'Search: \u0001<&', home: 'http://news.test/', self: 'http://news.test/x?a=1&b=2', at: 1_700_000_000_000 }, stories)
    assert.ok(text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text), format)
    const read = await parseFeed(text, 'http://news.test/')
    assert.deepEqual(read.items.map(({ url }) => url), stories.map(({ url }) => url), format)
  }
  const json = JSON.parse(feedFormats.json.write({ title: 'x', home: 'http://news.test/', self: 'http://news.test/x', at: 0 }, [])) as { items: unknown }
  assert.deepEqual(json.items, [], 'nothing is a feed as well')
  const [bare] = (JSON.parse(feedFormats.json.write({ title: 'x', home: 'http://news.test/', self: 'http://news.test/x', at: 0 }, [{ ...stories[0]!, summary: '' }])) as { items: { content_text?: string }[] }).items
  assert.ok(bare!.content_text)
  const rss = feedFormats.rss.write({ title: 'x', home: 'http://news.test/', self: 'http://news.test/x', at: 0 }, stories)
  assert.match(rss, /<description>\s*(?:<!\[CDATA\[)?(?:&amp;lt;|&lt;)script/, 'no description is a script')
})
