import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { checkFaults, faultyFeeds, misbehave } from './faulty-feeds.ts'
import { type FeedServer, opmlOf } from './feed-server.ts'
import { type Edition, NewsReader, type SearchPage, type SourceView, sumOfWeights, token } from './news-client.ts'
import { checkNewsGuards } from './news-guards.suite.ts'

/** Where the news functions answer, and how their schedule is fired. */
export interface NewsUnderTest {
  baseUrl: string
  /** One tick of `ingest`; resolves when it has ended. */
  fireIngest: () => Promise<void>
  /** Serves what `SOURCES` names, at `/sources.opml`. */
  feeds: FeedServer
  /** Its `READER_SECRET`; its `SOURCES_EDITORS` is `editor`, its `CORS_ORIGINS` `https://app.example`. */
  secret: string
}

const fixtures = join(import.meta.dirname, '../../fixtures/feeds')
const minute = 60_000

/** A feed of `count` items about one topic, one a minute, ending `age` minutes ago. */
export function madeFeed(title: string, count: number, age: number, topic = ''): string {
  const items = Array.from({ length: count }, (_, index) => {
    const date = new Date(Date.now() - (age + index) * minute).toUTCString()
    const category = topic === '' ? '' : `<category>${topic}</category>`
    const link = `https://${topic || 'plain'}.example/${title}/${index}`
    const words = `<description>Words of ${title} number${index}</description>`
    return `<item><title>${title} story ${index}</title><link>${link}</link><pubDate>${date}</pubDate>${category}${words}</item>`
  })
  return `<rss version="2.0"><channel><title>${title}</title><link>https://example.com/</link>${items.join('')}</channel></rss>`
}

const listed = [
  { path: '/orbit.rss', title: 'Orbit', topic: 'Sky' },
  { path: '/garden.atom', title: 'Garden' },
  { path: '/workshop.feed.json', title: 'Workshop' },
  { path: '/archive.rdf', title: 'Archive' },
  { path: '/broken.rss', title: 'Broken' },
  { path: '/alpha.rss', title: 'Alpha' },
  { path: '/beta.rss', title: 'Beta' },
  { path: '/old-home.rss', title: 'Moved' },
  ...faultyFeeds,
]

function fill(feeds: FeedServer): void {
  for (const name of ['orbit.rss', 'garden.atom', 'workshop.feed.json', 'archive.rdf', 'broken.rss']) {
    feeds.answers.set(`/${name}`, { body: readFileSync(join(fixtures, name)) })
  }
  feeds.answers.set('/alpha.rss', { body: madeFeed('Alpha', 30, 5, 'chess') })
  feeds.answers.set('/beta.rss', { body: madeFeed('Beta', 30, 20, 'rowing') })
  feeds.answers.set('/new-home.rss', { body: madeFeed('Moved', 2, 90) })
  feeds.answers.set('/old-home.rss', { body: '', status: 301, headers: { location: '/new-home.rss' } })
  misbehave(feeds)
  feeds.list(listed)
}

async function sourcesOf(baseUrl: string): Promise<Map<string, SourceView>> {
  const { body } = await new NewsReader(baseUrl).call<{ sources: SourceView[] }>('/sources')
  return new Map(body.sources.map((source) => [source.title, source]))
}

async function allPages(reader: NewsReader, limit: number, between: () => Promise<void>): Promise<Edition['stories']> {
  const stories: Edition['stories'] = []
  let page = await reader.edition(`limit=${limit}`)
  stories.push(...page.stories)
  while (page.next !== null) {
    await between()
    page = await reader.edition(`limit=${limit}&cursor=${page.next}`)
    stories.push(...page.stories)
  }
  return stories
}

/** The whole journey of the news, from an empty database: what a reader and an operator see, whatever runs the functions. */
export async function runNewsJourney(t: TestContext, { baseUrl, fireIngest, feeds, secret }: NewsUnderTest): Promise<void> {
  const rowan = new NewsReader(baseUrl)
  const other = new NewsReader(baseUrl)

  await t.test('without an answer from any source the edition shows samples, marked as such', async () => {
    const { body, headers } = await rowan.call<Edition>('/edition?limit=100')
    assert.equal(body.stories.length, 24)
    for (const story of body.stories) assert.match(story.source.title, /\(sample\)$/)
    assert.match(headers.getSetCookie()[0] ?? '', /^pressroom_reader=visitor-[^;]+;.*HttpOnly; SameSite=Lax/)
    assert.match(headers.get('cache-control') ?? '', /private/)
    assert.equal((await rowan.edition()).reader, body.reader, 'the cookie names the same reader')
  })

  fill(feeds)
  await fireIngest()

  await t.test('one tick fetches every source; each tells how it went', async () => {
    const sources = await sourcesOf(baseUrl)
    assert.deepEqual([...sources.keys()], listed.map(({ title }) => title))
    const counts = { Orbit: 3, Garden: 2, Workshop: 2, Archive: 1, Broken: 2, Alpha: 30, Beta: 30, Moved: 2 }
    for (const [title, count] of Object.entries(counts)) assert.equal(sources.get(title)?.articles, count, title)
    for (const title of ['Orbit', 'Moved']) {
      assert.equal(sources.get(title)?.last_error, null)
      assert.match(sources.get(title)?.last_success ?? '', /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/)
    }
    assert.match(sources.get('Page')?.last_error ?? '', /a web page, not a feed/)
    assert.match(sources.get('Missing')?.last_error ?? '', /answered 404/)
    assert.match(sources.get('Bomb')?.last_error ?? '', /larger than 15728640 bytes/)
    assert.match(sources.get('Busy')?.last_error ?? '', /answered 503/)
    checkFaults(sources)
  })

  await t.test('real stories take the place of the samples', async () => {
    const { stories } = await rowan.edition()
    assert.equal(stories.length, 72)
    assert.ok(stories.every((story) => !story.source.title.includes('sample')))
  })

  await t.test('stories are plain text with absolute addresses', async () => {
    const stories = new Map((await rowan.edition()).stories.map((story) => [story.title, story]))
    const comet = stories.get('Comet Larkin seen with the naked eye')
    assert.equal(comet?.summary, 'It rises before dawn — look east.')
    assert.equal(comet?.url, 'https://orbit.example.com/2026/comet-larkin')
    assert.equal(comet?.image, 'https://orbit.example.com/img/larkin.jpg')
    assert.ok(stories.has('Über die Brücke von Großgörschen'))
    assert.ok(!('image' in (stories.get('Alpha story 0') ?? { image: '' })))
  })

  await t.test('the next tick asks conditionally, follows the move and adds nothing twice', async () => {
    const before = await sourcesOf(baseUrl)
    feeds.log.length = 0
    await fireIngest()
    const statuses = new Map(feeds.log.map(({ path, status }) => [path, status]))
    for (const path of ['/orbit.rss', '/garden.atom', '/alpha.rss']) assert.equal(statuses.get(path), 304, path)
    assert.equal(statuses.get('/new-home.rss'), 304)
    assert.ok(!statuses.has('/old-home.rss'), 'a 301 updates the address')
    const after = await sourcesOf(baseUrl)
    assert.equal(statuses.get('/missing.rss'), 404, 'a failure is tried again')
    assert.ok(!statuses.has('/busy.rss'), 'a server that said when to come again is not asked before')
    const counts = (sources: Map<string, SourceView>): [string, number][] => [...sources].map(([title, { articles }]) => [title, articles])
    assert.deepEqual(counts(after), counts(before))
  })

  await t.test('a story whose words changed is changed, not doubled; a feed that fails keeps its stories', async () => {
    const garden = readFileSync(join(fixtures, 'garden.atom'), 'utf8')
    feeds.answers.set('/garden.atom', { body: garden.replace('Frost protection for figs', 'Frost and figs') })
    feeds.answers.set('/alpha.rss', { body: 'down', status: 500 })
    await fireIngest()
    const sources = await sourcesOf(baseUrl)
    assert.equal(sources.get('Garden')?.articles, 2)
    assert.equal(sources.get('Alpha')?.articles, 30)
    assert.match(sources.get('Alpha')?.last_error ?? '', /answered 500/)
    const titles = (await rowan.edition()).stories.map(({ title }) => title)
    assert.ok(titles.includes('Frost and figs') && !titles.includes('Frost protection for figs') && titles.includes('Alpha story 3'))
    feeds.answers.set('/alpha.rss', { body: madeFeed('Alpha', 31, 4, 'chess') })
    await fireIngest()
    assert.equal((await sourcesOf(baseUrl)).get('Alpha')?.last_error, null, 'its error is forgotten when it answers again')
  })

  await t.test('stories come by score, and the weights of the reasons add up to it', async () => {
    const { stories } = await rowan.edition()
    for (const story of stories) assert.equal(sumOfWeights(story), story.score, story.title)
    const ordered = stories.filter(({ exploration }) => exploration === undefined).map(({ score }) => score)
    assert.deepEqual(ordered, ordered.toSorted((a, b) => b - a))
    assert.deepEqual(stories.flatMap(({ exploration }, place) => (exploration === undefined ? [] : [place])), [4], 'one story is tried')
    assert.ok(stories[4]!.exploration!.propensity > 0 && stories[4]!.exploration!.propensity <= 1)
    for (const [source, own] of Map.groupBy(stories.slice(0, 10), ({ source: { id } }) => id)) assert.ok(own.length <= 3, source)
  })

  await t.test('pages follow each other without gap or repetition while others read', async () => {
    const whole = (await rowan.edition()).stories
    const paged = await allPages(rowan, 7, async () => void (await other.send('open', whole.slice(-4))))
    assert.equal(new Set(paged.map(({ id }) => id)).size, paged.length)
    assert.deepEqual(new Set(paged.map(({ id }) => id)), new Set(whole.map(({ id }) => id)))
    const ordered = paged.filter(({ exploration }) => exploration === undefined).map(({ score }) => score)
    assert.deepEqual(ordered, ordered.toSorted((a, b) => b - a))
  })

  await t.test('likes change the edition of the reader who liked, and of no other', async () => {
    const stranger = new NewsReader(baseUrl)
    const before = (await rowan.edition()).stories
    const strangerBefore = (await stranger.edition()).stories
    const beta = before.filter(({ source }) => source.title === 'Beta')
    await rowan.send('like', beta.slice(0, 3))
    const after = (await rowan.edition()).stories
    assert.notEqual(before[0]?.source.title, 'Beta')
    assert.equal(after[0]?.source.title, 'Beta')
    assert.ok(after[0]?.reasons.some(({ signal, weight }) => signal === 'topic' && weight > 0))
    assert.ok(after[0]?.reasons.some(({ signal, weight }) => signal === 'source' && weight > 0))
    for (const story of after) assert.equal(sumOfWeights(story), story.score)
    assert.deepEqual((await stranger.edition()).stories.map(({ id }) => id), strangerBefore.map(({ id }) => id))
    await rowan.send('unlike', beta.slice(0, 3))
    assert.notEqual((await rowan.edition()).stories[0]?.source.title, 'Beta', 'unlike takes it back')
  })

  await t.test('what many open rises for all; one reader counts once per story', async () => {
    const target = (await other.edition()).stories.find(({ title }) => title === 'Beta story 9')
    assert.ok(target !== undefined)
    const weight = async (): Promise<number> => {
      const story = (await new NewsReader(baseUrl).edition()).stories.find(({ id }) => id === target.id)
      return story?.reasons.find(({ signal }) => signal === 'popularity')?.weight ?? 0
    }
    const [first, second] = [new NewsReader(baseUrl), new NewsReader(baseUrl)]
    await first.send('open', [target])
    const once = await weight()
    await first.send('open', [target, target])
    assert.equal(await weight(), once)
    await second.send('open', [target])
    assert.ok((await weight()) > once)
  })

  await t.test('an event counts once, whatever is sent again', async () => {
    const story = (await rowan.edition()).stories[0]
    const events = [{ id: 'e1', type: 'like', story: story?.id, at: '2026-11-20T10:00:00Z' }, { id: 'e2', type: 'open', story: story?.id }]
    const post = async (list: object[]): Promise<unknown> =>
      (await rowan.call('/reader/events', { method: 'POST', body: { events: list } })).body
    assert.deepEqual(await post(events), { accepted: 2, duplicates: 0 })
    assert.deepEqual(await post([...events, { id: 'e3', type: 'unlike', story: story?.id }]), { accepted: 1, duplicates: 2 })
  })

  await t.test('hidden stories go and come back; what is muted goes, what is followed rises', async () => {
    const reader = new NewsReader(baseUrl)
    const [first] = (await reader.edition()).stories
    assert.ok(first !== undefined)
    await reader.send('hide', [first])
    assert.ok(!(await reader.edition()).stories.some(({ id }) => id === first.id))
    await reader.send('unhide', [first])
    assert.ok((await reader.edition()).stories.some(({ id }) => id === first.id))
    const orbit = (await sourcesOf(baseUrl)).get('Orbit')?.id ?? ''
    const preferences = { topics: { follow: ['Wood'], mute: ['CHESS'] }, sources: { follow: [orbit], mute: [] } }
    const stored = { topics: { follow: ['wood'], mute: ['chess'] }, sources: { follow: [orbit], mute: [] } }
    assert.deepEqual((await reader.call('/reader', { method: 'PUT', body: preferences })).body, stored)
    const { learned: _, ...kept } = (await reader.call<{ learned: object }>('/reader')).body
    assert.deepEqual(kept, stored)
    const { stories } = await reader.edition()
    assert.ok(!stories.some(({ source }) => source.title === 'Alpha'))
    const followed = stories.filter(({ reasons }) => reasons.some(({ signal }) => signal === 'follow')).map(({ source }) => source.title)
    assert.deepEqual(followed.toSorted(), ['Orbit', 'Orbit', 'Orbit', 'Workshop'])
  })

  await t.test('search finds words, beginnings, phrases and accents, in pages', async () => {
    const search = async (query: string): Promise<SearchPage> => (await rowan.call<SearchPage>(`/search?${query}`)).body
    const hit = (await search('q=comet+larkin')).results[0]
    assert.equal(hit?.title, 'Comet Larkin seen with the naked eye')
    assert.equal(hit?.source.title, 'Orbit')
    assert.ok(hit?.snippet.includes('Larkin') || hit?.snippet.includes('dawn'))
    assert.equal((await search('q=brucke')).results.length, 1)
    assert.equal((await search('q=obser')).results[0]?.title, 'Open evening at the observatory')
    assert.equal((await search(`q=${encodeURIComponent('"sharpening a plane"')}`)).results.length, 1)
    assert.equal((await search(`q=${encodeURIComponent('"plane sharpening"')}`)).results.length, 0)
    const first = await search('q=alpha&limit=20')
    const second = await search(`q=alpha&limit=20&cursor=${first.next}`)
    assert.equal(first.results.length, 20)
    assert.equal(second.next, null)
    assert.equal(new Set([...first.results, ...second.results].map(({ id }) => id)).size, 31)
  })

  await checkNewsGuards(t, { baseUrl, secret })

  await t.test("a reader's own source is read by that reader alone, and goes when it is deleted", async () => {
    feeds.answers.set('/village.rss', { body: madeFeed('Village', 2, 5) })
    feeds.answers.set('/village', { type: 'text/html', body: '<html><link rel="alternate" type="application/rss+xml" href="village.rss"><title>Village</title>' })
    const [ada, bob] = ['ada', 'bob'].map((sub) => new NewsReader(baseUrl, token(secret, { sub })))
    const { status, body } = await ada!.call<{ source: SourceView }>('/sources', { method: 'POST', body: { url: `${feeds.origin}/village`, folder: 'home' } })
    assert.deepEqual([status, body.source.url, body.source.articles, body.source.own], [201, `${feeds.origin}/village.rss`, 2, true])
    const village = async (reader: NewsReader) => (await reader.edition()).stories.filter(({ source }) => source.title === 'Village').length
    assert.deepEqual([await village(ada!), await village(bob!), (await sourcesOf(baseUrl)).has('Village')], [2, 0, false])
    assert.equal((await ada!.call(`/sources/${body.source.id}`, { method: 'DELETE' })).status, 204)
    assert.equal(await village(ada!), 0)
  })

  await t.test('an OPML file replaces the sources; those that come back have their stories again', async () => {
    const editor = new NewsReader(baseUrl, token(secret, { sub: 'editor' }))
    const put = (body: string): Promise<{ status: number; body: { error: { message: string } } }> =>
      editor.call('/sources', { method: 'PUT', body, headers: { 'content-type': 'text/x-opml' } })
    const before = [...(await sourcesOf(baseUrl)).keys()]
    for (const [bad, words] of [
      ['<html></html>', /no <opml> element/],
      [opmlOf(feeds.origin, listed).slice(0, -20), /cut off/],
      [opmlOf('file://', [{ path: '/etc/passwd', title: 'Bad' }]), /"Bad": expected an http or https address/],
      [opmlOf(feeds.origin, []), /at least one feed/],
    ] as const) {
      const answer = await put(bad)
      assert.equal(answer.status, 400)
      assert.match(answer.body.error.message, words)
    }
    assert.deepEqual([...(await sourcesOf(baseUrl)).keys()], before)
    assert.equal((await put(opmlOf(feeds.origin, listed.slice(0, 2)))).status, 200)
    assert.deepEqual(new Set((await rowan.edition()).stories.map(({ source }) => source.title)), new Set(['Orbit', 'Garden']))
    await fireIngest()
    assert.deepEqual([...(await sourcesOf(baseUrl)).keys()], ['Orbit', 'Garden'], 'SOURCES does not undo it')
    assert.equal((await put(opmlOf(feeds.origin, listed))).status, 200)
    assert.equal((await rowan.edition()).stories.length, 72, 'all but the one that was opened')
  })
}
