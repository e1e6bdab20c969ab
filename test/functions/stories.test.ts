import assert from 'node:assert/strict'
import { test } from 'node:test'
import edition from '../../functions/edition.ts'
import reader from '../../functions/reader.ts'
import sources from '../../functions/sources.ts'
import stories from '../../functions/stories.ts'
import { openDatabase } from '../../functions/_news/database.ts'
import { parseOpml } from '../../functions/_news/opml.ts'
import { countShowings } from '../../functions/_news/ranking/showings.ts'
import { pageOf } from '../../functions/_news/stories/page.ts'
import { forgetOld } from '../../functions/_news/stories/retention.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token, type Edition } from '../suites/news-client.ts'
import { openNews, type NewsAtHand } from './news-env.ts'

interface Item {
  guid: string
  title: string
  summary: string
  link?: string
}

const date = new Date(Date.now() - 3_600_000).toUTCString()

function feed(items: readonly Item[], category = 'world'): string {
  return `<rss version="2.0"><channel><title>Feed</title><lastBuildDate>${new Date().toUTCString()}</lastBuildDate>${items.map(({ guid, title, summary, link }) =>
    `<item><guid isPermaLink="false">${guid}</guid><link>${(link ?? `https://paper.example/${guid}`).replaceAll('&', '&amp;')}</link><title>${title}</title><description>${summary}</description><category>${category}</category><pubDate>${date}</pubDate></item>`).join('')}</channel></rss>`
}

const secret = 'a secret of this test'

async function open(t: Parameters<typeof openNews>[0], documents: Record<string, string>): Promise<NewsAtHand & { change(path: string, body: string): Promise<void>; titles(): Promise<Map<string, string>> }> {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  for (const [path, body] of Object.entries(documents)) feeds.answers.set(path, { body })
  feeds.list(Object.keys(documents).map((path) => ({ path, title: path })))
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret })
  await news.tick()
  return {
    ...news,
    async change(path, body) {
      feeds.answers.set(path, { body })
      await news.tick()
    },
    async titles() {
      const { results } = await news.env.DB.prepare('SELECT article.title, story.title AS story FROM article JOIN story ON story.id = article.story JOIN source ON source.id = article.source WHERE sample = 0').all<{ title: string; story: string }>()
      return new Map(results.map(({ title, story }) => [title, story]))
    },
  }
}

test('articles of two sources on one event are one story; those on another of the same section are not', async (t) => {
  const boiler = 'Sign up for our morning newsletter and follow the live updates of our reporters around the world.'
  const news = await open(t, {
    '/a.rss': feed([
      { guid: 'a1', title: 'Dam above Kelverstad gives way after week of rain', summary: `Thousands leave their homes below the Orrin dam. ${boiler}` },
      { guid: 'a2', title: 'Kelverstad elects first woman as mayor', summary: `Ines Vaal won by forty votes. ${boiler}` },
      { guid: 'a3', title: 'Ferry strike enters second week', summary: `Unions and owners met again without result. ${boiler}` },
    ]),
    '/b.rss': feed([
      { guid: 'b1', title: 'Orrin dam breaks: Kelverstad evacuated', summary: 'After days of rain the dam above Kelverstad gave way at dawn. Thousands had left their homes.' },
      { guid: 'b2', title: 'Film prize for a comedy without words', summary: 'The jury laughed throughout.' },
    ]),
  })
  const titles = await news.titles()
  assert.equal(titles.get('Orrin dam breaks: Kelverstad evacuated'), titles.get('Dam above Kelverstad gives way after week of rain'))
  assert.equal(new Set(titles.values()).size, 4, 'what every article of a source says joins nothing')
  const { body } = await news.ask<Edition>(edition, '/edition')
  assert.equal(body.stories.length, 4)
  const dam = body.stories.find(({ title }) => /dam/i.test(title)) as Edition['stories'][number] & { articles: number }
  assert.equal(dam.articles, 2)
  const { body: whole } = await news.ask<{ id: string; articles: { id: string; title: string; source: { title: string } }[] }>(stories, `/stories/${dam.id}`)
  assert.deepEqual(whole.articles.map(({ source }) => source.title).toSorted(), ['/a.rss', '/b.rss'])
  for (const { id } of whole.articles) assert.equal((await news.ask<{ id: string }>(stories, `/stories/${id}`)).body.id, dam.id, 'any of its articles finds it')
  assert.equal((await news.ask(stories, '/stories/nothing')).status, 404)
  assert.deepEqual((await news.ask(stories, '/topics')).body, { topics: [{ topic: 'world', stories: 4 }] })
})

test('what two sources write under everything joins no two events', async (t) => {
  const boiler = 'This article was made by the Northern Reporters Network, a newsroom without owners that looks into abuses of power and works with local papers; sign up for its biggest stories as soon as they appear, every weekday morning.'
  const telling = (name: string, titles: string[]): string => feed(titles.map((title, i) => ({ guid: `${name}${i}`, title, summary: boiler })))
  const news = await open(t, {
    '/others.rss': feed(Array.from({ length: 100 }, (_, i) => ({ guid: `o${i}`, title: `Tale number${i} of lamp${i}`, summary: `Words word${i} of other things${i}.` }))),
    '/a.rss': telling('a', ['Mayor of Kelverstad resigns over parking', 'Ferry strike enters second week', 'Orchards fear late frost']),
    '/b.rss': telling('b', ['Drumlow hospital closes maternity ward', 'Chess champion retires at thirty', 'Glacier hut opens after avalanche']),
  })
  const titles = await news.titles()
  assert.equal(new Set(titles.values()).size, titles.size)
})

test('one page is one article, whatever its guid and where its reader comes from; an edited title changes it in place', async (t) => {
  const page = 'https://paper.example/2026/dam'
  const news = await open(t, { '/a.rss': feed([{ guid: 'g1', title: 'Dam gives way', summary: 'One.', link: `${page}?utm_source=rss&id=7` }]) })
  await news.change('/a.rss', feed([{ guid: 'other', title: 'Dam gives way, thousands flee', summary: 'Two.', link: `${page}/?id=7&fbclid=x#top` }]))
  assert.deepEqual([...(await news.titles()).keys()], ['Dam gives way, thousands flee'])
  await news.change('/a.rss', feed([{ guid: 'g2', title: 'Another', summary: 'Three.', link: `${page}?id=8` }, { guid: 'g3', title: 'A third', summary: 'Four.', link: `${page}?id=9` }]))
  assert.equal((await news.titles()).size, 3, 'a parameter that is no tracking makes another page')
})

test('no article is of a time to come: its date is that of its first sight', async (t) => {
  const item = (name: string, date: string) => `<item><guid isPermaLink="false">${name}</guid><link>https://paper.example/${name}</link><title>Tale of ${name}</title><pubDate>${date}</pubDate></item>`
  const began = Date.now()
  const news = await open(t, { '/a.rss': `<rss version="2.0"><channel><title>A</title>${item('morrow', 'Fri, 20 Nov 2099 12:00:00 GMT')}${item('yore', 'Thu, 01 Jan 1970 00:00:01 GMT')}</channel></rss>` })
  const { results } = await news.env.DB.prepare("SELECT title, published_at AS at, first_seen AS seen FROM article WHERE title LIKE 'Tale of %' ORDER BY at").all<{ title: string; at: number; seen: number }>()
  assert.deepEqual(results.map(({ title, at, seen }) => [title, at === seen]), [['Tale of yore', false], ['Tale of morrow', true]])
  assert.ok(results[1]!.at >= began && results[1]!.at <= Date.now())
})

test('items that share one address stay apart', async (t) => {
  const link = 'https://paper.example/live'
  const news = await open(t, { '/a.rss': feed([{ guid: '1', title: 'First entry', summary: 'a', link }, { guid: '2', title: 'Second entry', summary: 'b', link }]) })
  await news.change('/a.rss', feed([{ guid: '2', title: 'Second entry', summary: 'b', link }, { guid: '3', title: 'Third entry', summary: 'c', link }]))
  assert.equal((await news.titles()).size, 3)
})

test('a document that changed nothing but the time it was made is not stored again', async (t) => {
  const items = [{ guid: 'g1', title: 'Dam gives way', summary: 'One.' }]
  const news = await open(t, { '/a.rss': feed(items) })
  const mark = async () => (await news.env.DB.prepare('SELECT document FROM source WHERE sample = 0').first<{ document: string }>())?.document
  const before = await mark()
  await news.change('/a.rss', feed(items).replace(/<lastBuildDate>[^<]*/, '<lastBuildDate>Thu, 01 Jan 2026 00:00:00 GMT'))
  assert.equal(await mark(), before)
  await news.change('/a.rss', feed([{ ...items[0]!, title: 'Dam holds' }]))
  assert.notEqual(await mark(), before)
})

test('an address is compared without what tells where its reader came from', () => {
  for (const [address, page] of [
    ['http://Paper.Example:80/a/?utm_campaign=x&b=2&a=1#c', 'https://paper.example/a?b=2&a=1'],
    ['https://paper.example/', 'https://paper.example/'],
    ['https://paper.example/a?at_medium=RSS&at_campaign=KARANGA', 'https://paper.example/a'],
    ['https://paper.example/a.php?cid=12&source=rss#xtor=RSS-1', 'https://paper.example/a.php?cid=12'],
    ['no address', 'no address'],
  ] as const) assert.equal(pageOf(address), page)
})

test('a reader sees what was learned, takes all of it along, and is forgotten at once; nobody else is', async (t) => {
  const news = await open(t, { '/a.rss': feed(Array.from({ length: 30 }, (_, i) => ({ guid: `g${i}`, title: `Tale number${i} of lamp${i}`, summary: `Words word${i}.` }))) })
  const as = (sub: string, init: RequestInit = {}): RequestInit => ({ ...init, headers: { authorization: `Bearer ${token(secret, { sub })}`, 'content-type': 'application/json' } })
  const { body } = await news.ask<Edition>(edition, '/edition', as('ada'))
  const [first, second] = body.stories
  for (const [who, own] of [['ada', 'a'], ['bob', 'b']] as const) {
    const events = [{ id: `${own}1`, type: 'open', story: first!.id }, { id: `${own}2`, type: 'like', story: first!.id }, { id: `${own}3`, type: 'hide', story: second!.id }]
    assert.equal((await news.ask(reader, '/reader/events', as(who, { method: 'POST', body: JSON.stringify({ events }) }))).status, 202)
    assert.equal((await news.ask(reader, '/reader', as(who, { method: 'PUT', body: JSON.stringify({ topics: { follow: ['rivers'], mute: [] } }) }))).status, 200)
  }
  const profile = (await news.ask<{ learned: { topics: { topic: string; feeling: number }[]; opened: number; hidden: number } }>(reader, '/reader', as('ada'))).body
  assert.deepEqual([profile.learned.opened, profile.learned.hidden, profile.learned.topics.map(({ topic }) => topic)], [1, 1, ['world']])
  const exported = (await news.ask<{ reader: string; preferences: object; events: { id: string }[]; openings: object[]; explorations: object[] }>(reader, '/reader/export', as('ada'))).body
  assert.deepEqual([exported.reader, exported.events.map(({ id }) => id), exported.openings.length, exported.explorations.length], ['ada', ['a1', 'a2', 'a3'], 1, 1])

  const everywhere = async (text: string): Promise<string[]> => {
    const { results } = await news.env.DB.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'article_text%' AND name NOT LIKE 'sqlite%'").all<{ name: string }>()
    const found = await Promise.all(results.map(async ({ name }) => JSON.stringify((await news.env.DB.prepare(`SELECT * FROM "${name}"`).all()).results).includes(`"${text}"`) ? [name] : []))
    return found.flat().toSorted()
  }
  const { body: unnamed } = await news.ask<Edition & { reader: string }>(edition, '/edition')
  assert.ok(unnamed.stories.some(({ exploration }) => exploration !== undefined))
  assert.deepEqual(await everywhere(unnamed.reader), [], 'of a request without a name nothing is kept')
  assert.deepEqual(await everywhere('ada'), ['event', 'exploration', 'opening', 'reader', 'visit'])
  const request = new Request('http://news.test/reader', as('ada', { method: 'DELETE' }))
  const answer = await reader.fetch(request, news.env, { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext)
  assert.equal(answer.status, 204)
  assert.deepEqual(await everywhere('ada'), [])
  assert.deepEqual(await everywhere('bob'), ['event', 'opening', 'reader'])
  assert.equal((await news.ask(reader, '/reader/export')).status, 401, 'who is nobody has nothing')
})

test('what is too old or too much goes, with its words and its story; the rest stays', async (t) => {
  const news = await open(t, { '/a.rss': feed(Array.from({ length: 6 }, (_, i) => ({ guid: `g${i}`, title: `Tale number${i} of lamp${i}`, summary: `Words word${i}.` }))) })
  const db = openDatabase(news.env.DB)
  const left = async () => [await news.titles().then(({ size }) => size), ...(await Promise.all(['story', 'article_term'].map(async (table) => (await news.env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())!.n)))]
  const before = await left()
  await news.env.DB.prepare("UPDATE article SET first_seen = 0 WHERE title LIKE 'Tale number0%'").run()
  assert.equal(await forgetOld(db, Date.now()), 1)
  const after = await left()
  assert.deepEqual([after[0], after[1]], [before[0]! - 1, before[1]! - 1])
  assert.ok(after[2]! < before[2]!)
  const all = (await news.env.DB.prepare('SELECT count(*) AS n FROM article').first<{ n: number }>())!.n
  assert.equal(await forgetOld(db, Date.now(), all - 2), 2, 'no more than so many')
  assert.equal(await forgetOld(db, Date.now(), all - 2), 0)
})

test('the words of articles of ten days ago are forgotten, those of newer ones are not', async (t) => {
  const news = await open(t, { '/a.rss': feed(Array.from({ length: 6 }, (_, i) => ({ guid: `g${i}`, title: `Tale number${i} of lamp${i}`, summary: `Words word${i}.` }))) })
  const db = openDatabase(news.env.DB)
  const withWords = async () => (await news.env.DB.prepare("SELECT title FROM article WHERE title LIKE 'Tale%' AND EXISTS (SELECT 1 FROM article_term WHERE article = id) ORDER BY seq").all<{ title: string }>()).results.length
  assert.equal(await withWords(), 6)
  await news.env.DB.prepare("UPDATE article SET first_seen = first_seen - 864000000 WHERE title < 'Tale number4' OR title NOT LIKE 'Tale%'").run()
  for (let time = 0; time < 2; time += 1) {
    await forgetOld(db, Date.now())
    assert.equal(await withWords(), 2)
  }
  await forgetOld(db, Date.now() + 10 * 86_400_000)
  assert.equal(await withWords(), 0)
})

test('what was shown and tried long ago is forgotten, and nothing younger', async (t) => {
  const { env } = openNews(t)
  const now = Date.now()
  const day = 24 * 3_600_000
  for (const days of [1, 31, 181]) {
    await env.DB.batch([
      env.DB.prepare("INSERT INTO visit (reader, at, last, times) VALUES (?, ?, '[]', '{}')").bind(`r${days}`, now - days * day),
      env.DB.prepare("INSERT INTO exploration (reader, story, at, propensity) VALUES (?, 's', ?, 0.5)").bind(`r${days}`, now - days * day),
    ])
  }
  await forgetOld(openDatabase(env.DB), now)
  const left = async (table: string) => (await env.DB.prepare(`SELECT reader FROM ${table} ORDER BY at DESC`).all<{ reader: string }>()).results.map(({ reader: name }) => name)
  assert.deepEqual([await left('visit'), await left('exploration')], [['r1'], ['r1', 'r31']])
})

test('a feed that is gone for good is not asked again; the list can be taken along', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/gone.rss', { body: 'gone', status: 410 })
  feeds.list([{ path: '/gone.rss', title: 'Gone &amp; lost' }])
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml` })
  await news.tick()
  feeds.log.length = 0
  await news.tick()
  await news.tick()
  assert.ok(!feeds.log.some(({ path }) => path === '/gone.rss'))
  const { body } = await news.ask<{ sources: { last_error: string }[] }>(sources, '/sources')
  assert.match(body.sources.find(({ last_error: error }) => error !== null)!.last_error, /410, gone for good/)
  const opml = await (await sources.fetch(new Request('http://news.test/sources.opml'), news.env, { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext)).text()
  assert.deepEqual(parseOpml(opml).map(({ title, url }) => [title, url]), [['Gone & lost', `${feeds.origin}/gone.rss`]])
})

test('what an edition shows is counted, without a wait that would be billed', async (t) => {
  const news = await open(t, { '/a.rss': feed(Array.from({ length: 3 }, (_, i) => ({ guid: `g${i}`, title: `Tale number${i} of lamp${i}`, summary: `Words word${i}.` }))) })
  await news.ask(edition, '/edition')
  await news.ask(edition, '/edition')
  const views = async () => (await news.env.DB.prepare('SELECT count(*) AS stories, sum(views) AS views FROM counter').first<{ stories: number; views: number }>())!
  assert.deepEqual({ ...(await views()) }, { stories: 3, views: 3 }, 'what comes soon after waits for the next')
  await countShowings(news.env.DB, ['another'], Date.now() + 3_000)
  assert.deepEqual({ ...(await views()) }, { stories: 4, views: 7 })
})
