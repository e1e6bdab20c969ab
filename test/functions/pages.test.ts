import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Parser } from 'htmlparser2'
import edition from '../../functions/edition.ts'
import pages from '../../functions/pages.ts'
import readerFunction from '../../functions/reader.ts'
import sources from '../../functions/sources.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token, type Edition } from '../suites/news-client.ts'
import { openNews, type NewsAtHand } from './news-env.ts'

const secret = 'a secret of this test'
const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
/** Three bytes each, and no space to break at. */
const wide = (text: string, length: number) => (text + '漢'.repeat(length)).slice(0, length)

async function begin(t: TestContext, feeds: Record<string, string>): Promise<NewsAtHand> {
  const server = await startFeedServer()
  t.after(() => server.stop())
  for (const [path, body] of Object.entries(feeds)) server.answers.set(path, { body })
  server.list(Object.keys(feeds).map((path, i) => ({ path, title: wide(`Source ${i} `, 100), topic: wide(`t${i % 60}`, 40) })))
  const news = openNews(t, { READER_SECRET: secret, SOURCES: `${server.origin}/sources.opml` })
  await news.tick()
  return news
}

const page = async (news: NewsAtHand, path: string, init: RequestInit = {}) => {
  const { status, body } = await news.ask<string>(pages, path, { headers, ...init })
  return { status, body }
}

function feedOf(items: readonly { title: string; summary: string; image?: string; link?: string }[]): string {
  const date = new Date(Date.now() - 60_000).toUTCString()
  return `<rss version="2.0"><channel><title>Feed</title>${items.map(({ title, summary, image, link }, i) => `<item><guid>${title.slice(0, 20)}${i}</guid><link>${link ?? `https://paper.example/${i}`}</link>
<title><![CDATA[${title}]]></title><description><![CDATA[${summary}]]></description><pubDate>${date}</pubDate>${image === undefined ? '' : `<enclosure url="${image}" type="image/jpeg" length="1"/>`}</item>`).join('')}</channel></rss>`
}

test('no page is larger than 60 KB, however long everything is and however much there is of it', { timeout: 120_000 }, async (t) => {
  const feeds = Object.fromEntries(Array.from({ length: 130 }, (_, s) => [`/${s}.rss`, feedOf(Array.from({ length: 2 }, (__, i) => ({
    title: wide(`${s} ${i} &<>"' `, 300), summary: wide(`&&&&<<<<"" ${s}`, 600), image: `https://images.example/${'x'.repeat(550)}`, link: `https://paper.example/${s}/${i}/${'y'.repeat(600)}`,
  })))]))
  const news = await begin(t, feeds)
  const list = (prefix: string) => Array.from({ length: 200 }, (_, i) => wide(`${prefix}${i}`, 40))
  const { body: { sources: all } } = await news.ask<{ sources: { id: string }[] }>(sources, '/sources', { headers })
  const half = all.map(({ id }) => id)
  await news.ask(readerFunction, '/reader', { method: 'PUT', headers, body: JSON.stringify({ topics: { follow: list('f'), mute: list('m') }, sources: { follow: half, mute: [] } }) })
  const { body: { stories } } = await news.ask<Edition>(edition, '/edition?limit=100', { headers })
  const events = stories.slice(0, 80).map(({ id: story }, i) => ({ id: `e${i}`, type: i % 2 === 0 ? 'like' : 'hide', story }))
  await news.ask(readerFunction, '/reader/events', { method: 'POST', headers, body: JSON.stringify({ events }) })
  for (const path of ['/', '/news/topics', '/news/topics?page=2', '/news/sources', '/news/sources?page=3', '/news/sources?show=followed', '/news/me', '/news/search?q=1*', '/news/search?q=topic:x', `/news/story/${stories[0]!.id}`]) {
    const { status, body } = await page(news, path)
    assert.equal(status, 200, path)
    const bytes = Buffer.byteLength(body)
    t.diagnostic(`${path}: ${bytes}`)
    assert.ok(bytes < 60_000, `${path}: ${bytes} bytes`)
  }
})

test('nothing a feed says is markup on a page, and nothing runs', async (t) => {
  const evil = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onfocus='alert(1)", '&lt;script&gt;alert(1)&lt;/script&gt;', '<svg/onload=alert(1)>', '</title><script>alert(1)</script>']
  const news = await begin(t, { '/evil.rss': feedOf(evil.map((text, i) => ({ title: `Word${i} ${text}`, summary: `Summary ${text}`, link: i === 0 ? 'javascript:alert(1)' : `https://paper.example/${i}?"><script>alert(1)</script>`, image: 'javascript:alert(1)' }))) })
  const { body: { stories } } = await news.ask<Edition>(edition, '/edition', { headers })
  const to = encodeURIComponent('"><script>alert(1)</script>')
  for (const path of ['/', `/news/search?q=${to}`, '/news/search?q=word*', '/news/search?q=summary', `/news/sources?name=${to}&problem=${to}&url=${to}&show=${to}`, `/news/topics?did=follow-topic&to=${to}`, '/news/me', ...stories.map(({ id }) => `/news/story/${id}`)]) {
    const { body } = await page(news, path)
    const wrong: string[] = []
    new Parser({
      onopentag(name, attributes) {
        if (['svg', 'iframe', 'object', 'base', 'style'].includes(name) || (name === 'script' && attributes['src'] !== '/news/pages.js')) wrong.push(name)
        for (const [attribute, value] of Object.entries(attributes)) {
          if (/^(?:on|style$)/.test(attribute) || (['href', 'src', 'action'].includes(attribute) && !/^(?:\/(?!\/)|#|https?:)/.test(value))) wrong.push(`${name} ${attribute}=${value}`)
        }
      },
    }).end(body)
    assert.deepEqual(wrong, [], path)
    assert.equal(body.match(/<script/g)?.length, 1, path)
  }
})

test('what was done is told with what takes it back; a list that is full is said to be so', async (t) => {
  const news = await begin(t, { '/a.rss': feedOf([{ title: 'Comet seen', summary: 'A comet.' }]) })
  const act = (body: Record<string, string>) => news.ask<string>(pages, '/news/act', { method: 'POST', headers, body: new URLSearchParams({ back: '/', ...body }) })
  const { body: { stories: [story] } } = await news.ask<Edition>(edition, '/edition', { headers })
  assert.equal((await act({ act: `hide ${story!.id}` })).status, 303)
  const told = await page(news, `/?did=hide&to=${story!.id}`)
  assert.match(told.body, /Hidden for good: “Comet seen”/)
  assert.match(told.body, new RegExp(`value="unhide ${story!.id}"[^>]*>Undo`))
  const preferences = { topics: { follow: Array.from({ length: 200 }, (_, i) => `subject ${i}`), mute: [] } }
  await news.ask(readerFunction, '/reader', { method: 'PUT', headers, body: JSON.stringify(preferences) })
  const refused = await act({ what: 'follow-topic', value: 'one more' })
  assert.equal(refused.status, 400)
  assert.match(refused.body, /<h1[^>]*>That did not work<\/h1><p>.*at most 200/)
  const { body: kept } = await news.ask<{ topics: { follow: string[] } }>(readerFunction, '/reader', { headers })
  assert.deepEqual(kept.topics.follow, preferences.topics.follow)
})

test('buttons pressed at once all count', async (t) => {
  const news = await begin(t, { '/a.rss': feedOf([{ title: 'Comet seen', summary: 'A comet.' }]) })
  const topics = Array.from({ length: 8 }, (_, i) => `subject ${i}`)
  await Promise.all(topics.map((topic) => news.ask(pages, '/news/act', { method: 'POST', headers, body: new URLSearchParams({ act: `follow-topic ${topic}`, back: '/' }) })))
  const { body } = await news.ask<{ topics: { follow: string[] } }>(readerFunction, '/reader', { headers })
  assert.deepEqual(body.topics.follow.toSorted(), topics)
})

test('a story page counts as opened by who has a name; whoever comes without one each time counts for nobody', async (t) => {
  const news = await begin(t, { '/a.rss': feedOf([{ title: 'One', summary: 'Words.' }]) })
  const { stories: [story] } = (await news.ask<Edition>(edition, '/edition', { headers })).body
  const opened = async () => (await news.env.DB.prepare('SELECT reader FROM opening').all<{ reader: string }>()).results.map(({ reader }) => reader)
  for (const init of [{}, {}, { headers }]) assert.equal((await news.ask(pages, `/news/story/${story!.id}`, init)).status, 200)
  assert.deepEqual(await opened(), ['ada'])
})
