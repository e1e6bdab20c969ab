import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../functions/_news/database.ts'
import type { DueSource } from '../../functions/_news/env.ts'
import { dueSources, type SourceView } from '../../functions/_news/sources.ts'
import sources from '../../functions/sources.ts'
import { opmlOf, startFeedServer, type FeedServer } from '../suites/feed-server.ts'
import { token } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { openNews, type NewsAtHand } from './news-env.ts'

const secret = 'a secret of this test'
type Reply = { source: SourceView }

interface Newsroom {
  news: NewsAtHand
  feeds: FeedServer
  /** The source of everybody's list. */
  view(): Promise<SourceView>
  asked(path: string): FeedServer['log']
  add(reader: string, path: string): Promise<{ status: number; body: Reply }>
}

async function begin(t: TestContext): Promise<Newsroom> {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/a.rss', { body: madeFeed('A', 3, 30) })
  feeds.list([{ path: '/a.rss', title: 'A' }])
  const news = openNews(t, { READER_SECRET: secret, SOURCES: `${feeds.origin}/sources.opml` })
  return {
    news, feeds,
    view: async () => (await news.ask<{ sources: SourceView[] }>(sources, '/sources')).body.sources.find(({ title }) => title === 'A')!,
    asked: (path) => feeds.log.filter((entry) => entry.path === path),
    add: (reader, path) => news.ask<Reply>(sources, '/sources', { method: 'POST', body: JSON.stringify({ url: feeds.origin + path }), headers: { authorization: `Bearer ${token(secret, { sub: reader })}` } }),
  }
}

describe('a check of a source', () => {
  test('asks by what is known of the document that is stored, and whole where the server refused that or the topics are others', async (t) => {
    const { news, feeds, view, asked } = await begin(t)
    await news.tick()
    await news.tick()
    const conditions = () => asked('/a.rss').map(({ status, headers }) => [status, headers['if-none-match'] !== undefined])
    assert.deepEqual(conditions(), [[200, false], [304, true]])
    assert.deepEqual([(await view()).articles, (await view()).last_error], [3, null])
    feeds.answers.set('/a.rss', (request, response) => {
      if (request.headers['if-none-match'] !== undefined) response.writeHead(412).end()
      else response.end(madeFeed('A', 4, 5))
    })
    await news.tick()
    assert.equal((await view()).error_code, 'http_412')
    await news.tick()
    assert.deepEqual([(await view()).articles, (await view()).last_error, conditions().slice(2)], [4, null, [[412, true], [200, false]]])
    feeds.answers.set('/a.rss', { body: madeFeed('A', 4, 5) })
    await news.tick()
    feeds.list([{ path: '/a.rss', title: 'A', topic: 'town' }])
    await news.tick()
    await news.tick()
    const topics = await news.env.DB.prepare("SELECT count(*) AS n FROM article WHERE topics LIKE '%town%'").first<{ n: number }>()
    assert.equal(topics?.n, 4, 'the articles have the new topic, though the document is the old one')
  })

  test('goes by turns to the new address and to the old one while neither answers: a move survives failures, and the end of the old server', async (t) => {
    const { news, feeds, view, asked } = await begin(t)
    feeds.answers.set('/a.rss', { body: '', status: 301, headers: { location: '/new.rss' } })
    feeds.answers.set('/new.rss', { body: madeFeed('A', 3, 30) })
    await news.tick()
    feeds.answers.set('/new.rss', { body: '', status: 503 })
    feeds.answers.set('/a.rss', { body: '', status: 410 })
    await news.tick()
    assert.equal((await view()).error_code, 'http_503')
    await news.tick()
    assert.deepEqual([(await view()).error_code, (await view()).next_check !== null], ['gone', true], 'the old address is gone, the source is not')
    feeds.answers.set('/new.rss', { body: madeFeed('A', 5, 5) })
    await news.tick()
    assert.deepEqual([(await view()).articles, (await view()).failures, asked('/a.rss').length], [5, 0, 2])
    await news.tick()
    assert.equal(asked('/a.rss').length, 2, 'the new address counts')
    feeds.answers.set('/new.rss', { body: '', status: 410 })
    await news.tick()
    await news.tick()
    assert.deepEqual([(await view()).error_code, (await view()).next_check], ['gone', null], 'now both are')
  })

  test('obeys Retry-After of an answer that is fine', async (t) => {
    const { news, feeds, view } = await begin(t)
    feeds.answers.set('/a.rss', { body: madeFeed('A', 3, 5), headers: { 'retry-after': '172800' } })
    await news.tick()
    assert.ok(Date.parse((await view()).next_check!) >= Date.now() + 47 * 3_600_000)
  })

  test('is given up for once where reading the document ended the process twice, and is made again later', async (t) => {
    const { news, view, asked } = await begin(t)
    await news.tick()
    const reading = async () => (await news.env.DB.prepare("SELECT reading FROM source WHERE title = 'A'").first<{ reading: number }>())?.reading
    assert.equal(await reading(), 0)
    await news.env.DB.prepare("UPDATE source SET reading = 2 WHERE title = 'A'").run()
    const told = await news.tick()
    assert.deepEqual([(await view()).error_code, (await view()).failures, await reading(), asked('/a.rss').length], ['too_heavy', 1, 0, 1])
    assert.ok(told.some((line) => line.includes('the process ended that read its document')), told.join('\n'))
    await news.tick()
    assert.deepEqual([(await view()).failures, asked('/a.rss').length], [0, 2])
  })
})

test('a document is noted while it is read, and no longer while it waits to be stored: then another may end the process', async (t) => {
  const { news } = await begin(t)
  const run = (query: string) => news.env.DB.prepare(query).run()
  await run('CREATE TABLE noted (what TEXT, reading INTEGER)')
  await run("CREATE TRIGGER noted_reading AFTER UPDATE OF reading ON source WHEN new.reading <> old.reading BEGIN INSERT INTO noted VALUES ('read', new.reading); END")
  await run("CREATE TRIGGER noted_storing AFTER INSERT ON article BEGIN INSERT INTO noted SELECT 'stored', reading FROM source WHERE id = new.source AND sample = 0; END")
  await news.tick()
  const { results } = await news.env.DB.prepare('SELECT DISTINCT what, reading FROM noted').all<{ what: string; reading: number }>()
  assert.deepEqual(results.map(({ what, reading }) => [what, reading]), [['read', 1], ['read', 0], ['stored', 0]])
})

test('what is due is sent on before the list of sources is asked for: its server may hang', async (t) => {
  const { news, feeds } = await begin(t)
  await news.tick()
  const order: string[] = []
  const { INGEST } = news.env
  const sendBatch = async (messages: Iterable<{ body: DueSource }>) => {
    order.push('sent')
    return INGEST.sendBatch(messages)
  }
  news.env.INGEST = { sendBatch } as unknown as typeof INGEST
  feeds.answers.set('/b.rss', { body: madeFeed('B', 2, 5) })
  feeds.answers.set('/sources.opml', (_request, response) => {
    order.push('listed')
    response.end(opmlOf(feeds.origin, [{ path: '/a.rss', title: 'A' }, { path: '/b.rss', title: 'B' }]))
  })
  await news.tick()
  assert.deepEqual(order, ['sent', 'listed', 'sent'], 'what the list has new is sent after it')
  assert.equal(feeds.log.filter(({ path }) => path === '/a.rss').length, 2, 'and nothing twice')
  assert.equal(feeds.log.filter(({ path }) => path === '/b.rss').length, 1)
})

test('a tick sends on so many sources and no more, and of one server so many', async (t) => {
  const { news } = await begin(t)
  const many = Array.from({ length: 8000 }, (_, index) => ({ id: `s${index}`, host: index < 3000 ? 'crowd.example' : `h${index}.example` }))
  await news.env.DB.prepare("INSERT INTO source (id, url, title, host) SELECT value ->> 'id', value ->> 'id', 'x', value ->> 'host' FROM json_each(?)").bind(JSON.stringify(many)).run()
  const due = await dueSources(openDatabase(news.env.DB), Date.now())
  assert.deepEqual([due.length, due.filter(({ host }) => host === 'crowd.example').length], [5000, 1000])
  assert.deepEqual((await dueSources(openDatabase(news.env.DB), Date.now(), ['s7', 's7999', 'none'])).map(({ id }) => id), ['s7', 's7999'])
})

describe('of one server', () => {
  test('two feeds at a time are looked for, whoever adds them; each is fetched once and there with the answer', { timeout: 120_000 }, async (t) => {
    const { feeds, add, asked } = await begin(t)
    let [open, most] = [0, 0]
    for (let index = 0; index < 12; index++) {
      feeds.answers.set(`/many-${index}.rss`, (_request, response) => {
        most = Math.max(most, ++open)
        response.on('close', () => open--)
        void pause(100).then(() => response.end(madeFeed(`Many-${index}`, 2, 5)))
      })
    }
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => add(`reader-${index}`, `/many-${index}.rss`)))
    assert.deepEqual(answers.map(({ status, body }) => [status, body.source.articles]), Array.from({ length: 12 }, () => [201, 2]))
    assert.equal(most, 2)
    for (let index = 0; index < 12; index++) assert.equal(asked(`/many-${index}.rss`).length, 1)
  })

  test('two at a time are asked, also where others redirect to it', { timeout: 120_000 }, async (t) => {
    const { news, feeds } = await begin(t)
    const doors = await Promise.all(Array.from({ length: 5 }, startFeedServer))
    t.after(() => Promise.all(doors.map((door) => door.stop())))
    let [open, most] = [0, 0]
    for (const [index, door] of doors.entries()) {
      door.answers.set('/', { body: '', status: 302, headers: { location: `${feeds.origin}/behind-${index}.rss` } })
      feeds.answers.set(`/behind-${index}.rss`, (_request, response) => {
        most = Math.max(most, ++open)
        response.on('close', () => open--)
        void pause(100).then(() => response.end(madeFeed(`Behind-${index}`, 2, 5)))
      })
    }
    const outlines = doors.map(({ origin }, index) => `<outline text="Behind ${index}" xmlUrl="${origin}/"/>`).join('')
    feeds.answers.set('/sources.opml', { body: `<opml><body>${outlines}</body></opml>` })
    await news.tick()
    const { body } = await news.ask<{ sources: SourceView[] }>(sources, '/sources')
    assert.deepEqual(body.sources.filter(({ title }) => title.startsWith('Behind')).map(({ articles, last_error }) => [articles, last_error]), doors.map(() => [2, null]))
    assert.equal(most, 2)
  })
})

test('a source that its last reader deleted and adds again a moment later is there with its articles', async (t) => {
  const { feeds, news, add } = await begin(t)
  feeds.answers.set('/blog.rss', { body: madeFeed('Blog', 4, 5) })
  const { body: { source } } = await add('ada', '/blog.rss')
  await news.ask(sources, `/sources/${source.id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token(secret, { sub: 'ada' })}` } })
  const again = await add('ada', '/blog.rss')
  assert.deepEqual([again.status, again.body.source.articles], [201, 4])
})

test('a source that is being added is not taken for one that nobody has, whatever others delete meanwhile', async (t) => {
  const { feeds, news, add } = await begin(t)
  feeds.answers.set('/blog.rss', { body: madeFeed('Blog', 4, 5) })
  const { body: { source } } = await add('ada', '/blog.rss')
  await news.env.DB.prepare("INSERT INTO source (id, url, title, active, private) VALUES ('begun', 'https://begun.example/', 'Begun', 0, 1)").run()
  assert.equal((await news.ask(sources, `/sources/${source.id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token(secret, { sub: 'ada' })}` } })).status, 204)
  const { results } = await news.env.DB.prepare('SELECT id FROM source WHERE private = 1').all<{ id: string }>()
  assert.deepEqual(results.map(({ id }) => id), ['begun'])
})
