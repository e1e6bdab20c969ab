import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { SourceView } from '../../functions/_news/sources.ts'
import { feedsOfPage } from '../../functions/_news/subscriptions/page-feeds.ts'
import edition from '../../functions/edition.ts'
import readerFunction from '../../functions/reader.ts'
import search from '../../functions/search.ts'
import sources from '../../functions/sources.ts'
import stories from '../../functions/stories.ts'
import { opmlOf, startFeedServer, type FeedServer } from '../suites/feed-server.ts'
import { misbehave } from '../suites/faulty-feeds.ts'
import { token, type Edition, type SearchPage } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { openNews, type NewsAtHand } from './news-env.ts'

interface Refusal {
  error: { code: string; message: string }
}

interface Added {
  source: SourceView
  other_feeds: { url: string; title: string }[]
}

const secret = 'a secret of this test'
const long = Boolean(process.env['PRESSROOM_TEST_LONG'])
const READERS = long ? 1000 : 40

interface OneReader {
  add<Body = Added>(body: object | string): Promise<{ status: number; body: Body }>
  list(): Promise<SourceView[]>
  titles(): Promise<string[]>
  ask<Body>(app: Parameters<NewsAtHand['ask']>[0], path: string, init?: RequestInit): Promise<{ status: number; body: Body }>
}

function readerOf(news: NewsAtHand, sub: string): OneReader {
  const headers = { authorization: `Bearer ${token(secret, { sub })}` }
  const ask = <Body>(app: Parameters<NewsAtHand['ask']>[0], path: string, init: RequestInit = {}) => news.ask<Body>(app, path, { headers, ...init })
  return {
    ask,
    add: (body) => ask(sources, '/sources', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    list: async () => (await ask<{ sources: SourceView[] }>(sources, '/sources')).body.sources,
    titles: async () => (await ask<Edition>(edition, '/edition?limit=100')).body.stories.map(({ title }) => title),
  }
}

async function begin(t: TestContext, vars: object = {}): Promise<{ news: NewsAtHand; feeds: FeedServer }> {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/public.rss', { body: madeFeed('Public', 3, 30) })
  feeds.answers.set('/blog.rss', { body: madeFeed('Blog', 4, 5) })
  feeds.list([{ path: '/public.rss', title: 'Public', topic: 'town' }])
  const news = openNews(t, { READER_SECRET: secret, SOURCES: `${feeds.origin}/sources.opml`, ...vars })
  await news.tick()
  return { news, feeds }
}

const fetched = (feeds: FeedServer, path: string) => feeds.log.filter((entry) => entry.path === path).length

describe("a reader's own source", () => {
  test('is read at once, by that reader alone: in the edition, in searches, as a story, in the list', async (t) => {
    const { news, feeds } = await begin(t)
    const [ada, bob] = [readerOf(news, 'ada'), readerOf(news, 'bob')]
    const { status, body } = await ada.add({ url: `${feeds.origin}/blog.rss`, folder: ' My  Village ' })
    assert.deepEqual([status, body.source.title, body.source.own, body.source.articles, body.source.topics, body.source.last_error], [201, 'Blog', true, 4, ['my village'], null])
    const own = (await ada.ask<Edition>(edition, '/edition?limit=100')).body.stories.filter(({ source }) => source.title === 'Blog')
    assert.equal(own.length, 4)
    for (const story of own) assert.ok(story.reasons.some(({ signal }) => signal === 'follow'), 'what is added is followed')
    const blogs = async (reader: OneReader) => (await reader.ask<SearchPage>(search, '/search?q=blog')).body.results.length
    assert.deepEqual([await blogs(ada), await blogs(bob)], [4, 0])
    const story = async (reader: OneReader) => (await reader.ask(stories, `/stories/${own[0]!.id}`)).status
    assert.deepEqual([await story(ada), await story(bob), (await news.ask(stories, `/stories/${own[0]!.id}`)).status], [200, 404, 404])
    assert.deepEqual([(await ada.list()).map(({ title }) => title), (await bob.list()).map(({ title }) => title)], [['Public', 'Blog'], ['Public']])
    assert.ok(!(await bob.titles()).some((title) => title.startsWith('Blog')))
    const { body: topics } = await news.ask<{ topics: { topic: string }[] }>(stories, '/topics')
    assert.deepEqual(topics.topics.map(({ topic }) => topic), ['town'], 'nor does a folder show')
  })

  test('is fetched by ingest when it is due, and what is new comes to its reader', async (t) => {
    const { news, feeds } = await begin(t)
    const ada = readerOf(news, 'ada')
    await ada.add({ url: `${feeds.origin}/blog.rss` })
    feeds.answers.set('/blog.rss', { body: madeFeed('Blog', 6, 1) })
    await news.tick()
    assert.equal((await ada.list()).find(({ own }) => own)?.articles, 6)
  })

  test('that stands in a page is found: by what the page links first, comments last', async (t) => {
    const { news, feeds } = await begin(t)
    const ada = readerOf(news, 'ada')
    feeds.answers.set('/home', { type: 'text/html', body: `<!doctype html><base href="/deep/"><link rel="alternate" type="application/rss+xml" title="Comments" href="comments.rss">
      <link rel="alternate" type="application/rss+xml" title="All" href="../blog.rss"><link rel="alternate" type="application/atom+xml" title="More" href="more.atom">` })
    const { status, body } = await ada.add({ url: `${feeds.origin}/home` })
    assert.deepEqual([status, body.source.url, body.source.articles], [201, `${feeds.origin}/blog.rss`, 4])
    assert.deepEqual(body.other_feeds.map(({ url }) => new URL(url).pathname), ['/deep/more.atom', '/deep/comments.rss'])
    assert.deepEqual([fetched(feeds, '/blog.rss'), (await ada.add({ url: `${feeds.origin}/home` })).status], [1, 200])
    // A page that names none, but has one where feeds usually are.
    feeds.answers.set('/plain', { type: 'text/html', body: '<!doctype html><title>Plain</title>' })
    feeds.answers.set('/feed.xml', { body: madeFeed('Hidden', 1, 5) })
    assert.equal((await ada.add({ url: `${feeds.origin}/plain` })).body.source.title, 'Hidden')
  })

  test(`that ${READERS} readers add at once is looked for once and fetched once`, { timeout: 300_000 }, async (t) => {
    const { news, feeds } = await begin(t)
    feeds.answers.set('/home', { type: 'text/html', body: '<html><link rel="alternate" type="application/rss+xml" href="/blog.rss">' })
    const answers = await Promise.all(Array.from({ length: READERS }, (_, index) => readerOf(news, `reader-${index}`).add({ url: `${feeds.origin}/home` })))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
    assert.deepEqual([fetched(feeds, '/home'), fetched(feeds, '/blog.rss')], [1, 1])
    assert.equal((await readerOf(news, 'reader-7').titles()).filter((title) => title.startsWith('Blog')).length, 4)
  })

  test("that is in everybody's list already is not fetched again", async (t) => {
    const { news, feeds } = await begin(t)
    const ada = readerOf(news, 'ada')
    const { status, body } = await ada.add({ url: `${feeds.origin}/public.rss` })
    assert.deepEqual([status, body.source.own, fetched(feeds, '/public.rss')], [201, true, 1])
    assert.equal((await ada.ask(sources, `/sources/${body.source.id}`, { method: 'DELETE' })).status, 204)
    assert.deepEqual((await ada.list()).map(({ title, own }) => [title, own]), [['Public', false]])
  })

  test('goes with its articles when its last reader deletes it or is erased', async (t) => {
    const { news, feeds } = await begin(t)
    const [ada, bob] = [readerOf(news, 'ada'), readerOf(news, 'bob')]
    const { id } = (await ada.add({ url: `${feeds.origin}/blog.rss` })).body.source
    await bob.add({ url: `${feeds.origin}/blog.rss` })
    const stored = async () => (await news.env.DB.prepare('SELECT (SELECT count(*) FROM article WHERE source = ?1) AS articles, (SELECT count(*) FROM source WHERE id = ?1) AS sources').bind(id).first())!
    assert.equal((await ada.ask(sources, `/sources/${id}`, { method: 'DELETE' })).status, 204)
    assert.deepEqual([{ ...(await stored()) }, (await bob.list()).length], [{ articles: 4, sources: 1 }, 2], 'another reader has it still')
    const { body: record } = await bob.ask<{ sources: { url: string }[] }>(readerFunction, '/reader/export')
    assert.deepEqual(record.sources.map(({ url }) => url), [`${feeds.origin}/blog.rss`])
    assert.equal((await bob.ask(readerFunction, '/reader', { method: 'DELETE' })).status, 204)
    assert.deepEqual({ ...(await stored()) }, { articles: 0, sources: 0 })
  })

  test('becomes everybody’s when an operator lists it, and has its own folder no more', async (t) => {
    const { news, feeds } = await begin(t, { SOURCES_EDITORS: 'editor' })
    const [ada, editor, bob] = [readerOf(news, 'ada'), readerOf(news, 'editor'), readerOf(news, 'bob')]
    const { id } = (await ada.add({ url: `${feeds.origin}/blog.rss`, folder: 'mine' })).body.source
    await editor.ask(sources, '/sources', { method: 'PUT', body: opmlOf(feeds.origin, [{ path: '/public.rss', title: 'Public' }, { path: '/blog.rss', title: 'Blog' }]) })
    assert.deepEqual((await bob.list()).map(({ title, topics }) => [title, topics]), [['Public', []], ['Blog', []]])
    assert.equal((await ada.ask(sources, `/sources/${id}`, { method: 'DELETE' })).status, 204)
    assert.equal((await bob.list()).length, 2)
    const refused = await bob.ask<Refusal>(sources, `/sources/${id}`, { method: 'DELETE' })
    assert.deepEqual([refused.status, refused.body.error.code], [403, 'forbidden'])
    assert.equal((await editor.ask(sources, `/sources/${id}`, { method: 'DELETE' })).status, 204)
    assert.deepEqual((await bob.list()).map(({ title }) => title), ['Public'])
  })
})

describe('adding a source', () => {
  test('fails by name where there is no feed, and leaves nothing behind', async (t) => {
    const { news, feeds } = await begin(t)
    const ada = readerOf(news, 'ada')
    misbehave(feeds)
    feeds.answers.set('/gone', { body: '', status: 410 })
    feeds.answers.set('/text', { body: 'hello', type: 'text/plain' })
    const cases = { '/page.html': 'no_feed', '/missing.rss': 'http_404', '/bomb.rss': 'too_large', '/busy.rss': 'http_503', '/loop.rss': 'redirect_loop', '/wall.rss': 'challenge', '/gone': 'gone', '/text': 'not_a_feed' }
    for (const [path, code] of Object.entries(cases)) {
      const { status, body } = await ada.add<Refusal>({ url: feeds.origin + path })
      assert.deepEqual([status, body.error.code], [422, code], path)
      assert.ok(body.error.message.startsWith(`url: ${feeds.origin}${path}: `), body.error.message)
    }
    const asked = fetched(feeds, '/gone')
    assert.equal((await ada.add<Refusal>({ url: `${feeds.origin}/gone` })).body.error.code, 'gone')
    assert.equal(fetched(feeds, '/gone'), asked, 'it is remembered for a moment')
    assert.deepEqual([(await ada.add<Refusal>({ url: 'http://127.0.0.1:1/x' })).body.error.code, (await ada.list()).length], ['unreachable', 1])
  })

  test('names the field that is wrong', async (t) => {
    const { news } = await begin(t)
    const ada = readerOf(news, 'ada')
    const cases: [object | string, RegExp][] = [
      [{}, /^url: expected the address/], [{ url: 7 }, /^url: /], [{ url: 'ftp://a.example/' }, /^url: expected the http or https/], [{ url: 'http://me:pw@a.example/' }, /^url: no user name/],
      [{ url: `https://a.example/${'x'.repeat(3000)}` }, /^url: expected at most 2000/], [{ url: 'a b c' }, /^url: /], [{ url: 'https://a.example/', folder: 7 }, /^folder: /],
      [{ url: 'https://a.example/', name: 'x' }, /^name: unknown field/], ['{', /^body: expected JSON/], ['<html/>', /^body: opml: no <opml>/],
    ]
    for (const [body, words] of cases) {
      const answer = await ada.add<Refusal>(body)
      assert.deepEqual([answer.status, answer.body.error.code], [400, 'bad_request'], JSON.stringify(body).slice(0, 100))
      assert.match(answer.body.error.message, words)
    }
    assert.equal((await news.ask<Refusal>(sources, '/sources', { method: 'POST', body: '{}' })).status, 401)
    assert.equal((await ada.ask<Refusal>(sources, '/sources/none', { method: 'DELETE' })).status, 404)
  })

  test('is known by what was sent, not by what curl calls it: JSON and OPML are never taken for a form', async (t) => {
    const { news, feeds } = await begin(t)
    const ada = readerOf(news, 'ada')
    const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}`, 'content-type': 'application/x-www-form-urlencoded' }
    const send = <Body>(body: string) => ada.ask<Body>(sources, '/sources', { method: 'POST', headers, body })
    assert.equal((await send<Added>(JSON.stringify({ url: `${feeds.origin}/blog.rss` }))).body.source.own, true)
    assert.deepEqual((await send<object>(opmlOf(feeds.origin, [{ path: '/blog.rss', title: 'Blog' }]))).body, { added: 0, known: 1 })
    assert.deepEqual((await send<Refusal>('{"url":7}')).status, 400)
    assert.equal((await ada.ask(sources, '/sources', { method: 'POST', headers, body: new URLSearchParams({ url: `${feeds.origin}/public.rss` }) })).status, 303)
  })

  test('ends at a hundred: a file that would bring more adds none', async (t) => {
    const { news, feeds } = await begin(t)
    const ada = readerOf(news, 'ada')
    const many = (count: number) => opmlOf(feeds.origin, Array.from({ length: count }, (_, index) => ({ path: `/many-${index}.rss`, title: `Many ${index}` })))
    const refused = await ada.add<Refusal>(many(101))
    assert.deepEqual([refused.status, refused.body.error.code, (await ada.list()).length], [409, 'too_many_sources', 1])
    assert.deepEqual((await ada.add(many(100))).body, { added: 100, known: 0 })
    assert.deepEqual((await ada.add(many(100))).body, { added: 0, known: 100 })
    assert.equal((await ada.add<Refusal>({ url: `${feeds.origin}/blog.rss` })).body.error.code, 'too_many_sources')
  })

  test('from an OPML file takes its folders, fetches its feeds within moments, and comes out again as it went in', async (t) => {
    const { news, feeds } = await begin(t)
    const [ada, bob] = [readerOf(news, 'ada'), readerOf(news, 'bob')]
    feeds.answers.set('/chess.rss', { body: madeFeed('Chess', 2, 5) })
    const file = `<opml version="2.0"><body><outline text="Games"><outline text="Boards"><outline text="Chess" xmlUrl="${feeds.origin}/chess.rss"/></outline></outline><outline text="Blog" xmlUrl="${feeds.origin}/blog.rss"/></body></opml>`
    assert.deepEqual((await ada.add(file)).body, { added: 2, known: 0 })
    await news.tick()
    const listed = (all: SourceView[]) => all.map(({ title, topics, articles }) => [title, topics, articles]).toSorted(([a], [b]) => String(a).localeCompare(String(b)))
    assert.deepEqual(listed(await ada.list()), [['Blog', [], 4], ['Chess', ['games', 'boards'], 2], ['Public', ['town'], 3]])
    const { body: exported } = await ada.ask<string>(sources, '/sources.opml')
    await bob.add(exported)
    assert.deepEqual(listed(await bob.list()), listed(await ada.list()))
    const muting = { method: 'PUT', body: JSON.stringify({ topics: { follow: [], mute: ['games'] } }) }
    await ada.ask(readerFunction, '/reader', muting)
    assert.ok(!(await ada.titles()).some((title) => title.startsWith('Chess')), 'a folder is a topic of its reader')
    assert.ok((await bob.titles()).some((title) => title.startsWith('Chess')))
  })
})

test('the feeds of a page are http addresses, each once; what only looks like a feed comes after what is called one', () => {
  const page = `<link rel=alternate type="text/html" href="/other"><link rel="alternate" hreflang="de" href="/de"><a href="/rss">RSS</a><a href="/feed.xml">again</a>
    <LINK REL="Alternate Home" TYPE="application/feed+json; charset=utf-8" HREF="/feed.json" TITLE="J"><link rel="alternate" type="application/atom+xml" href="javascript:x">
    <link rel="alternate" type="application/rss+xml" href="https://me:pw@a.example/"><a href="/feedback">no</a><a href="mailto:feed@a.example">no</a><link rel="alternate" type="application/rss+xml" href="/feed.json#x">`
  assert.deepEqual(feedsOfPage(page, 'https://a.example/x/'), [
    { url: 'https://a.example/feed.json', title: 'J' }, { url: 'https://a.example/rss', title: '' }, { url: 'https://a.example/feed.xml', title: '' },
  ])
  assert.deepEqual(feedsOfPage('<'.repeat(1e5), 'https://a.example/'), [])
})
