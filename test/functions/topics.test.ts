import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import edition from '../../functions/edition.ts'
import reader from '../../functions/reader.ts'
import search from '../../functions/search.ts'
import stories from '../../functions/stories.ts'
import { batch, openDatabase } from '../../functions/_news/database.ts'
import { noPreferences, profileOf } from '../../functions/_news/profile.ts'
import { noCounters } from '../../functions/_news/ranking/counters.ts'
import { counting } from '../../functions/_news/ranking/counting.ts'
import { diversify } from '../../functions/_news/ranking/diversify.ts'
import { isNewcomer, topicsOfAll } from '../../functions/_news/ranking/newcomer.ts'
import { buildPool, candidateAt, type PoolStory } from '../../functions/_news/ranking/pool.ts'
import { contentChanged } from '../../functions/_news/settings.ts'
import { topicsOf } from '../../functions/_news/stories/topics.ts'
import { assignTopics } from '../../functions/_news/topics/assign.ts'
import { guessTopic, topicByWords } from '../../functions/_news/topics/classify.ts'
import { languageOf } from '../../functions/_news/topics/language.ts'
import { topicsNamed, topicsOfArticle } from '../../functions/_news/topics/names.ts'
import { knownTopics, topicByName } from '../../functions/_news/topics/synonyms.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token, type Edition, type SearchPage } from '../suites/news-client.ts'
import { openNews } from './news-env.ts'

describe('the name of a topic', () => {
  test('is that of all its synonyms, in any language, with or without signs, accents and "news"', () => {
    for (const name of ['Tech', 'IT', 'technology', '#Tech', 'tech news', 'Teknologi', 'Netzwelt', 'Tecnología', 'r/technology']) assert.deepEqual(topicsNamed(name), ['technology'], name)
    for (const name of ['Økonomi', 'Wirtschaft', 'Économie', 'Business & Economy', 'business-news']) assert.deepEqual(topicsNamed(name), ['business'], name)
    assert.deepEqual(['Fußball', 'UK sport', 'Trump, Donald J'].map(topicsNamed), [['football'], ['sport'], ['donald trump']])
  })

  test('stands for itself where the table has none', () => {
    assert.deepEqual(['Wood', 'Rock & Roll', 'AC/DC', 'Vaal, Ines J', 'World Cup'].map(topicsNamed), [['wood'], ['rock & roll'], ['ac/dc'], ['vaal, ines j'], ['world cup']])
    assert.deepEqual(['', '  ', '#'].map(topicsNamed), [[], [], []])
  })

  test('that joins two means both', () => {
    assert.deepEqual(topicsNamed('Science & Environment'), ['science', 'environment'])
    assert.deepEqual(topicsNamed('Sport > Football'), ['sport', 'football'])
  })

  test('belongs to wider topics that the table has', () => {
    for (const { name, within } of knownTopics.values()) {
      for (const wider of within) assert.ok(knownTopics.has(wider) && knownTopics.get(wider)!.within.length === 0, `${name} within ${wider}`)
      assert.deepEqual(topicsNamed(name), [name])
    }
    assert.ok(topicByName.size > 900)
  })
})

describe('the topics of an article', () => {
  test('are those of its folder, then those of its categories, each after the wider one', () => {
    assert.deepEqual(topicsOfArticle(['Tech'], ['Fußball', 'Lume estuary']), ['technology', 'sport', 'football', 'lume estuary'])
  })

  test('leave out what publishers write for themselves', () => {
    assert.deepEqual(topicsOfArticle(['My feeds'], ['Uncategorized', 'News', 'site|engadget', '5.9', 'your-feed-science', 'https://schema.example/video', 'Content Type: Service', 'x'.repeat(60)]), [])
  })

  test('are eight at most', () => {
    assert.equal(topicsOfArticle([], Array.from({ length: 30 }, (_, i) => `tag ${'abcdefghijklmnopqrstuvwxyzæøåä'[i]}`)).length, 8)
  })

  const match = { title: 'Striker scores twice as champions win the premier league match', summary: 'The coach praised his players.', language: 'en' }
  test('come from its words only where folder and categories say nothing of its subject', () => {
    assert.deepEqual(assignTopics([], { ...match, categories: [] }), ['sport'])
    assert.deepEqual(assignTopics(['Daily'], { ...match, categories: ['UK'] }), ['sport', 'united kingdom'])
    assert.deepEqual(assignTopics(['Culture'], { ...match, categories: [] }), ['culture'])
    assert.deepEqual(assignTopics([], { ...match, categories: ['Business'] }), ['business'])
  })
})

describe('the classifier', () => {
  test('says nothing where words say little or speak for several topics', () => {
    assert.equal(topicByWords({ title: 'A quiet day in Vesterhal', summary: 'Nothing happened.' }), undefined)
    assert.equal(topicByWords({ title: 'Parliament votes on football stadium', summary: 'Ministers and the coach met.' }), undefined)
    assert.equal(guessTopic({ title: '', summary: '' }), undefined)
  })

  test('reads each language by its own words', () => {
    for (const [language, topic, title] of [
      ['da', 'politics', 'Statsministeren udskriver folketingsvalg: her er det partierne vil tale om'],
      ['no', 'politics', 'Statsministeren møter Stortinget etter at regjeringen gikk av'],
      ['sv', 'sport', 'Målvakten räddade segern när Djurgården vann i allsvenskan'],
      ['de', 'business', 'Der Dax fällt, die Anleger und die Börse fürchten den Leitzins'],
      ['nl', 'sport', 'Ajax wint van Feyenoord in de Eredivisie, de keeper is de held van het duel'],
      ['fr', 'health', 'Un vaccin contre le cancer est essayé dans les hôpitaux avec des patients'],
      ['es', 'technology', 'Un ciberataque con inteligencia artificial contra los usuarios de Google y el software'],
      ['pt', 'sport', 'O Benfica e o Sporting não saem do futebol: treinador do Benfica fala'],
      ['it', 'crime', 'Omicidio e rapina: i carabinieri della città non hanno arrestato gli autori'],
    ] as const) {
      assert.equal(languageOf(title), language, title)
      assert.equal(topicByWords({ title, summary: '' }), topic, title)
    }
  })

  test('believes the words more than what a feed says of its language, and the feed where they tell nothing', () => {
    assert.equal(languageOf('The cat and the dog of the house', 'de-DE'), 'en')
    assert.equal(languageOf('Kelverstad', 'de-DE'), 'de')
    assert.equal(languageOf('Kelverstad', 'nb'), 'no')
    assert.equal(languageOf('Kelverstad', null), 'en')
    assert.equal(topicByWords({ title: 'Ελλάδα και κόσμος', summary: '', language: 'constructor' }), undefined)
  })
})

const secret = 'a secret of this test'

type Item = { guid: string; title: string; summary?: string; category?: string; minutes?: number }
function feed(title: string, items: readonly Item[]): string {
  return `<rss version="2.0"><channel><title>${title}</title>${items.map(({ guid, title: words, summary = '', category, minutes = 60 }) =>
    `<item><guid isPermaLink="false">${guid}</guid><link>https://paper.example/${guid}</link><title>${words}</title><description>${summary}</description>${category === undefined ? '' : `<category>${category}</category>`}<pubDate>${new Date(Date.now() - minutes * 60_000).toUTCString()}</pubDate></item>`).join('')}</channel></rss>`
}

test('a reader who follows, mutes or looks for a topic by any of its names means all that is filed under it', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/a.rss', { body: feed('A', [{ guid: 'a1', title: 'Quiet loom learns to weave', category: 'IT' }, { guid: 'a2', title: 'Larch and pine', category: 'Wood' }]) })
  feeds.answers.set('/b.rss', { body: feed('B', [{ guid: 'b1', title: 'New lathe for small rooms' }]) })
  feeds.list([{ path: '/a.rss', title: 'A' }, { path: '/b.rss', title: 'B', topic: 'Tech' }])
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret })
  await news.tick()
  assert.deepEqual((await news.ask(stories, '/topics')).body, { topics: [{ topic: 'technology', stories: 2 }, { topic: 'wood', stories: 1 }] })
  const as = (sub: string) => ({ authorization: `Bearer ${token(secret, { sub })}` })
  const choose = async (sub: string, topics: object) => (await news.ask(reader, '/reader', { method: 'PUT', headers: as(sub), body: JSON.stringify({ topics }) })).body
  const titles = async (sub: string, follow = false) => (await news.ask<Edition>(edition, '/edition', { headers: as(sub) })).body.stories
    .filter(({ reasons }) => !follow || reasons.some(({ signal }) => signal === 'follow')).map(({ title }) => title).toSorted()
  assert.deepEqual(await choose('ada', { follow: ['Teknologi'], mute: [] }), { topics: { follow: ['technology'], mute: [] }, sources: { follow: [], mute: [] } })
  assert.deepEqual(await titles('ada', true), ['New lathe for small rooms', 'Quiet loom learns to weave'])
  await choose('bo', { follow: [], mute: ['it'] })
  assert.deepEqual(await titles('bo'), ['Larch and pine'])
  // As it was stored before the table had the name.
  await news.env.DB.prepare('UPDATE reader SET preferences = ? WHERE id = ?').bind(JSON.stringify({ topics: { follow: [], mute: ['Tech'] }, sources: { follow: [], mute: [] } }), 'bo').run()
  assert.deepEqual(await titles('bo'), ['Larch and pine'])
  const found = (await news.ask<SearchPage>(search, `/search?q=${encodeURIComponent('topic:tech lathe')}`)).body
  assert.deepEqual(found.results.map(({ title }) => title), ['New lathe for small rooms'])
})

test('a story goes with the last of its tellers: muted or gone, the others tell it', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const dam = 'Thousands leave their homes below the Orrin dam after a week of rain.'
  feeds.answers.set('/a.rss', { body: feed('A', [{ guid: 'a1', title: 'Dam above Kelverstad gives way after week of rain', summary: dam, minutes: 90 }, { guid: 'a2', title: 'Ferry strike enters second week', minutes: 95 }]) })
  feeds.answers.set('/b.rss', { body: feed('B', [{ guid: 'b1', title: 'Orrin dam breaks: Kelverstad evacuated', summary: `${dam} The dam above Kelverstad gave way.`, minutes: 60 }, { guid: 'b2', title: 'Film prize for a comedy without words', minutes: 65 }]) })
  feeds.list([{ path: '/a.rss', title: 'A' }])
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret })
  await news.tick()
  feeds.list([{ path: '/a.rss', title: 'A' }, { path: '/b.rss', title: 'B' }])
  await news.tick()
  const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
  const read = async () => (await news.ask<Edition>(edition, '/edition', { headers })).body.stories as (Edition['stories'][number] & { articles: number })[]
  const mute = async (sources: string[]) => news.ask(reader, '/reader', { method: 'PUT', headers, body: JSON.stringify({ sources: { follow: [], mute: sources } }) })
  const before = await read()
  const first = before.find(({ title }) => title.startsWith('Dam'))!
  assert.deepEqual([before.length, first.articles, first.source.title], [3, 2, 'A'])
  const other = before.find(({ title }) => title.startsWith('Film'))!.source.id

  await mute([first.source.id])
  const half = await read()
  assert.deepEqual(half.map(({ title, source }) => `${source.title}: ${title}`).toSorted(), ['B: Film prize for a comedy without words', 'B: Orrin dam breaks: Kelverstad evacuated'])
  const told = half.find(({ title }) => title.startsWith('Orrin'))!
  assert.deepEqual([told.id, told.url, told.articles], [first.id, 'https://paper.example/b1', 2], 'it is the same story')
  assert.match(told.summary, /gave way/)
  await mute([first.source.id, other])
  assert.deepEqual(await read(), [])
  await mute([])

  feeds.list([{ path: '/b.rss', title: 'B' }])
  await news.tick()
  const rest = await read()
  assert.deepEqual(rest.map(({ title, articles }) => `${title} (${articles})`).toSorted(), ['Film prize for a comedy without words (1)', 'Orrin dam breaks: Kelverstad evacuated (1)'])
  assert.equal(rest.find(({ title }) => title.startsWith('Orrin'))!.id, first.id)
})

describe('a newcomer', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  const story = (id: string, topics: string[], minutes: number): PoolStory => ({
    id, topics, title: `title of ${id}`, url: `https://example.com/${id}`, source: { id: `s-${id}`, title: id }, publishedAt: now - minutes * 60_000, undated: false, firstSeen: now - minutes * 60_000, articles: 1,
  })
  const builder = buildPool()
  for (let i = 0; i < 60; i++) builder.add(story(`${i}`, [i < 40 ? 'sport' : i < 55 ? 'science' : 'food'], 60 + i))
  const pool = builder.finish()
  const clicked = (clicks: Record<string, number>) => new Map(Object.entries(clicks).map(([id, allClicks]) => [id, { ...noCounters(now), allClicks }]))

  test('is shown what all readers like to read about; one story that everybody opens makes no topic liked', () => {
    const many = topicsOfAll(pool, clicked({ 41: 3, 42: 2, 43: 4, 44: 2, 45: 5, 46: 3, 47: 3, 48: 3, 1: 2 }))
    assert.deepEqual([...many.keys()], ['science'])
    const one = topicsOfAll(pool, clicked({ 0: 400, 41: 3, 42: 3, 43: 3 }))
    assert.ok((one.get('sport') ?? 0) < 0.5)
    assert.deepEqual(topicsOfAll(pool, new Map()), new Map())
    for (const few of [{ 55: 1 }, { 55: 9, 56: 9 }, { 55: 1, 56: 1, 57: 2 }]) assert.deepEqual(topicsOfAll(pool, clicked(few)), new Map(), 'a click or two are not many readers')
    assert.deepEqual([...topicsOfAll(pool, clicked({ 55: 2, 56: 2, 57: 2 })).keys()], ['food'])
  })

  test('is somebody who followed, opened, liked and hid nothing', () => {
    const nobody = profileOf(noPreferences(), [], now)
    assert.ok(isNewcomer(nobody))
    assert.ok(!isNewcomer({ ...nobody, opened: new Set(['1']) }))
    assert.ok(!isNewcomer({ ...nobody, preferences: { ...noPreferences(), topics: { follow: ['food'], mute: [] } } }))
    assert.ok(isNewcomer({ ...nobody, preferences: { ...noPreferences(), topics: { follow: [], mute: ['food'] } } }))
  })

  test('sees more topics among the first ten than one who is known, each story with the points it lost', () => {
    const ranked = Array.from({ length: 60 }, (_, i) => {
      const candidate = candidateAt(pool, i, { text: 0, words: 0 })
      return { candidate, score: 1000 - 4 * i, reasons: [{ signal: 'recency' as const, weight: 1000 - 4 * i, label: '' }] }
    })
    const topics = (newcomer: boolean) => new Set(diversify(ranked, () => false, newcomer).slice(0, 10).map(({ candidate }) => candidate.topics[0])).size
    assert.equal(topics(false), 1)
    assert.equal(topics(true), 3)
    for (const { score, reasons } of diversify(ranked, () => false, true)) assert.equal(score, reasons.reduce((sum, { weight }) => sum + weight, 0))
  })
})

test("a newcomer's stories tell what many readers read about, until the newcomer tells more", async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const items = (topic: string, words: string) => Array.from({ length: 12 }, (_, i) => ({ guid: `${topic}${i}`, title: `${words} ${'abcdefghijkl'[i]}${i}`, category: topic, minutes: 60 + i }))
  feeds.answers.set('/a.rss', { body: feed('A', items('Science', 'Larkin')) })
  feeds.answers.set('/b.rss', { body: feed('B', items('Food', 'Vesterhal')) })
  feeds.list([{ path: '/a.rss', title: 'A' }, { path: '/b.rss', title: 'B' }])
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret })
  await news.tick()
  const as = (sub: string) => ({ authorization: `Bearer ${token(secret, { sub })}` })
  // Before anybody asks: what all readers did is counted a moment later, and held for a minute.
  const { results } = await news.env.DB.prepare("SELECT article.id FROM article JOIN source ON source.id = article.source WHERE sample = 0 AND article.topics LIKE '%science%'").all<{ id: string }>()
  for (const { id } of results.slice(0, 8)) await batch(news.env.DB, [counting(openDatabase(news.env.DB), sql`SELECT ${id} AS story, 1 AS clicks, 0 AS views`, Date.now() - 60_000)])
  const read = async () => (await news.ask<Edition>(edition, '/edition?limit=24', { headers: as('eve') })).body.stories
  const labels = (list: Edition['stories']) => new Set(list.flatMap(({ reasons }) => reasons.filter(({ signal }) => signal === 'topic').map(({ label }) => label)))
  const before = await read()
  assert.deepEqual(labels(before), new Set(['many readers read about science']))
  const unread = before.find(({ title }) => title.startsWith('Vesterhal'))!
  await news.ask(reader, '/reader/events', { method: 'POST', headers: as('eve'), body: JSON.stringify({ events: [{ id: 'e1', type: 'like', story: unread.id }] }) })
  assert.deepEqual(labels(await read()), new Set(['you read about food']))
})

test('topics are counted once for what is there, and again when that changed; of many stories no more often than every half a minute', async (t) => {
  const news = openNews(t)
  const db = openDatabase(news.env.DB)
  const run = (words: string) => news.env.DB.prepare(words).run()
  await run("INSERT INTO source (id, url, title) VALUES ('s', 'https://paper.example/feed', 'Paper')")
  const add = (count: number, from: number) => run(`WITH RECURSIVE n (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${from + count - 1})
    INSERT INTO article (id, source, guid, url, title, summary, topics, published_at, first_seen) SELECT 'a' || i, 's', i, 'https://paper.example/' || i, 'Title', '', '["sport","golf"]', ${Date.now()}, 0 FROM n`)
  const changed = async () => {
    const { sql, parameters } = contentChanged(db)
    await news.env.DB.prepare(sql).bind(...parameters).run()
  }
  const count = async (now: number) => {
    const left: Promise<unknown>[] = []
    const topics = await topicsOf(news.env, db, now, (work) => void left.push(work))
    await Promise.all(left)
    return topics.find(({ topic }) => topic === 'golf')?.stories
  }
  const now = Date.now()
  await changed()
  await add(3, 0)
  assert.equal(await count(now), 3)
  await add(2, 3)
  assert.equal(await count(now), 3, 'nothing is said to have changed')
  await changed()
  assert.equal(await count(now), 5)
  assert.equal(await count(now + 8 * 86_400_000), undefined, 'the week is over')
  await changed()
  await add(2_000, 5)
  assert.equal(await count(now), 2_005)
  await add(1, 2_005)
  await changed()
  assert.equal(await count(now + 10_000), 2_005)
  assert.equal(await count(now + 40_000), 2_006)
})

test('npm run eval:topics holds what words say against the sections of publishers', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-topics-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'clicks/portal'), { recursive: true })
  const items = [
    { id: '1', title: 'Striker scores twice as Vesterhal win the premier league match', category: 'sports', topics: ['football'] },
    { id: '2', title: 'Chef shares her recipe for a delicious salad', category: 'foodanddrink', topics: [] },
    { id: '3', title: 'Nothing happened in Vesterhal', category: 'health', topics: [] },
    { id: '4', title: 'Hospital treats cancer patients with a vaccine', category: 'travel', topics: [] },
    { id: '5', title: 'Without a category' }, { id: '6', sequence: 6 },
  ]
  writeFileSync(join(folder, 'clicks/portal/items.jsonl.gz'), gzipSync(items.map((item) => JSON.stringify(item)).join('\n')))
  const run = (...args: string[]) => spawnSync(process.execPath, [join(import.meta.dirname, '../../bench/eval/topics.ts'), ...args], { encoding: 'utf8' })
  const { stdout, stderr } = run(folder, '--json')
  const { others, learned_from: learned } = JSON.parse(stdout.trim().split('\n').at(-1) ?? stderr) as Record<'others' | 'learned_from', { articles: number; coverage: number; precision: number; majority: number }>
  assert.deepEqual([others.articles, others.coverage, others.precision, others.majority, learned.articles], [4, 0.75, 0.6667, 0.25, 0])
  const bare = run(join(folder, 'nothing'))
  assert.deepEqual([bare.status, /usage: npm run eval:topics/.test(bare.stderr)], [2, true])
})
