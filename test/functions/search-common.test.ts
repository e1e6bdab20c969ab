import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import search from '../../functions/search.ts'
import { daysIn, stretchesOf } from '../../functions/_news/search/days.ts'
import { neighbours } from '../../functions/_news/search/slips.ts'
import { openNews, type NewsAtHand } from './news-env.ts'

const DAY = 24 * 3_600_000

interface Hit {
  id: string
  title: string
  snippet_html: string
  published_at: string
}
interface Page {
  results: Hit[]
  next: string | null
  corrected?: string
}

interface Told {
  title: string
  summary?: string
  source?: string
  topics?: string[]
  daysAgo: number
}

/** Articles without feeds: as many as make a word common. */
async function store(news: NewsAtHand, articles: readonly Told[]): Promise<void> {
  await news.env.DB.batch(['paper', 'lantern', 'courier'].map((id) => news.env.DB.prepare('INSERT OR IGNORE INTO source (id, url, title) VALUES (?, ?, ?)').bind(id, `https://${id}.example/`, `The ${id}`)))
  const { results: [last] } = await news.env.DB.prepare('SELECT ifnull(max(seq), 0) AS seq FROM article').all<{ seq: number }>()
  const rows = articles.map(({ title, summary = '', source = 'paper', topics = [], daysAgo }, i) => {
    const id = `a${last!.seq + i}`
    return { id, source, url: `https://paper.example/${id}`, title, summary, topics: JSON.stringify(topics), at: Math.floor(Date.now() - daysAgo * DAY) }
  })
  await news.env.DB.prepare(`
    INSERT INTO article (id, source, guid, url, title, summary, topics, published_at, first_seen)
    SELECT value ->> 'id', value ->> 'source', value ->> 'id', value ->> 'url', value ->> 'title', value ->> 'summary', value ->> 'topics', value ->> 'at', value ->> 'at' FROM json_each(?)`).bind(JSON.stringify(rows)).run()
}

const many = (count: number, of: (i: number) => Told) => Array.from({ length: count }, (_, i) => of(i))

async function find(news: NewsAtHand, q: string, more = ''): Promise<Page> {
  const { status, body } = await news.ask<Page>(search, `/search?q=${encodeURIComponent(q)}${more}`)
  assert.equal(status, 200, q)
  return body
}

async function allOf(news: NewsAtHand, q: string, limit: number, between: () => Promise<void> = async () => {}): Promise<Hit[]> {
  const all: Hit[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await find(news, q, `&limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`)
    all.push(...page.results)
    cursor = page.next
    await between()
  }
  return all
}

test('what thousands of articles have: the latest first, those with it in the title before others of their days', async (t) => {
  const news = openNews(t)
  await store(news, many(3000, (i) => ({ title: i % 3 === 0 ? `Harbour ${i}` : `Ferry ${i}`, summary: i % 3 === 0 ? '' : 'of the harbour', daysAgo: 100 - i / 30 })))
  const first = (await find(news, 'harbour')).results
  assert.equal(first.length, 20)
  const inTitle = ({ title }: Hit) => title.startsWith('Harbour')
  const wanted = first.toSorted((a, b) => Number(inTitle(b)) - Number(inTitle(a)) || b.published_at.localeCompare(a.published_at))
  assert.deepEqual(first.map(({ id }) => id), wanted.map(({ id }) => id))
  assert.ok(inTitle(first[0]!) && first.every(({ published_at: at }) => Date.now() - Date.parse(at) < 3 * DAY))
  assert.match(first[0]!.snippet_html, /<mark>Harbour<\/mark>/)
})

test('pages of a common word show nothing twice and skip nothing, whatever comes in between', async (t) => {
  const news = openNews(t)
  await store(news, many(2500, (i) => ({ title: i % 2 === 0 ? `Harbour ${i}` : `Ferry ${i}`, summary: 'harbour', daysAgo: i % 120 })))
  const whole = await allOf(news, 'harbour', 100)
  const paged = await allOf(news, 'harbour', 70, () => store(news, [{ title: 'Harbour of the moment', daysAgo: 0 }]))
  assert.equal(new Set(whole.map(({ id }) => id)).size, whole.length)
  assert.ok(whole.length > 600)
  assert.deepEqual(paged.map(({ id }) => id), whole.map(({ id }) => id))
})

test('common words with sources, topics, days and words that are not wanted: all that is left, and nothing else', async (t) => {
  const news = openNews(t)
  const told = many(2600, (i): Told => ({
    title: `Harbour ${i}`, summary: i % 7 === 0 ? 'in the fog' : 'in the sun', source: i % 50 === 0 ? 'lantern' : i % 3 === 0 ? 'courier' : 'paper',
    topics: i % 40 === 0 ? ['sky', 'rare birds'] : ['sky'], daysAgo: i / 6.5,
  }))
  await store(news, told)
  const titles = async (q: string) => (await allOf(news, q, 100)).map(({ title }) => title).toSorted()
  const those = (wanted: (one: Told, i: number) => boolean) => told.filter(wanted).map(({ title }) => title).toSorted()
  assert.deepEqual(await titles('harbour source:lantern'), those(({ source }) => source === 'lantern'))
  assert.deepEqual(await titles('harbour source:"The Lantern" topic:"rare birds"'), those((_, i) => i % 200 === 0))
  assert.deepEqual(await titles('topic:"rare birds"'), those((_, i) => i % 40 === 0))
  assert.deepEqual(await titles('topic:birds harbour'), [], 'a topic has all of its name')
  assert.deepEqual(await titles('topic:sky source:lantern -fog'), those(({ source, summary }) => source === 'lantern' && summary !== 'in the fog'))
  assert.deepEqual(await titles('harbour -fog topic:"rare birds"'), those((_, i) => i % 40 === 0 && i % 7 !== 0), 'what stands in the summary counts, though the title has the rest')
  assert.deepEqual(await titles('harbour source:nobody'), [])
  assert.deepEqual(await titles('harbour -harbour'), [])
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 10)
  const [after, before] = [day(300), day(290)]
  assert.deepEqual(await titles(`harbour after:${after} before:${before}`), those(({ daysAgo }) => {
    const at = Date.now() - daysAgo * DAY
    return at >= Date.parse(after) && at < Date.parse(before)
  }))
  assert.deepEqual([await titles('harbour before:1999'), await titles('harbour after:2999-12-31')], [[], []])
  assert.equal((await find(news, 'source:lantern OR source:courier', '&limit=100')).results.length, 100, 'one of several sources will do')
})

test('an article that is edited, dated anew or moved to other topics is found by what it says now', async (t) => {
  const news = openNews(t)
  await store(news, [{ title: 'Comet at dawn', topics: ['sky'], daysAgo: 400 }])
  const ids = async (q: string) => (await find(news, q)).results.length
  assert.deepEqual([await ids('topic:sky'), await ids('comet topic:chess')], [1, 0])
  await news.env.DB.prepare(`UPDATE article SET topics = '["chess"]', published_at = ?, title = 'Comet at dusk'`).bind(Date.UTC(2026, 0, 15)).run()
  assert.deepEqual([await ids('topic:sky'), await ids('topic:chess comet'), await ids('dawn'), await ids('dusk after:2026-01-15 before:2026-01-16'), await ids('after:2026-01-16')], [0, 1, 0, 1, 0])
  await news.env.DB.prepare('DELETE FROM article').run()
  assert.deepEqual([await ids('comet'), await ids('topic:chess')], [0, 0])
  await news.env.DB.prepare(`INSERT INTO article_text (article_text) VALUES ('integrity-check')`).run()
})

test('one slip is put right by the commonest word near it, two in a long one, and half a word by its stem', async (t) => {
  const news = openNews(t)
  await store(news, [
    ...many(5, () => ({ title: 'President of the harbour', daysAgo: 1 })), { title: 'Presidents in restaurants', daysAgo: 1 }, { title: 'An organization of gardens', daysAgo: 1 },
    { title: 'Выборы в городе', daysAgo: 1 },
  ])
  for (const [query, corrected, found] of [
    ['presidnet', 'president', 6], ['rpesident', 'president', 6], ['pressident', 'president', 6], ['presiden', 'president', 6], ['harbuor president', 'harbour president', 5],
    ['restaraunt', 'restaur', 1], ['organizat', 'organ', 1], ['выбоы', 'выборы', 1], ['xylophone', undefined, 0], ['zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz', undefined, 0],
  ] as const) {
    const page = await find(news, query)
    assert.deepEqual([page.corrected, page.results.length], [corrected, found], query)
  }
  assert.ok(neighbours('harbour').length < 500)
})

test('stretches of time go back without a gap, and days are told in as few words as will do', () => {
  const at = Date.UTC(2026, 4, 20, 13)
  const whole = { from: Date.UTC(2020, 6, 3, 5), until: at + 1 }
  const stretches = stretchesOf(whole, at)
  assert.deepEqual([stretches[0]!.until, stretches.at(-1)!.from], [whole.until, whole.from])
  for (const [i, { from }] of stretches.slice(0, -1).entries()) assert.equal(from, stretches[i + 1]!.until)
  const plain = (from: number, until: number) => daysIn({ from, until }).map((word) => word.slice(1))
  assert.deepEqual(plain(Date.UTC(2024, 11, 30, 9), Date.UTC(2026, 2, 2)), ['20241230', '20241231', '2025', '202601', '202602', '20260301'])
  assert.deepEqual(plain(Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1) + 1), ['20260101'])
  assert.ok(plain(0, Date.UTC(2126, 5, 15)).length < 180)
})

// The time of the test belongs to the context, so that a slow machine fails no rule.
test('a query of any characters is text: quotes, operators, NUL, other scripts, and the longest', async (t: TestContext) => {
  const news = openNews(t)
  await store(news, [{ title: 'Comet über São Paulo — 東京 كسوف', daysAgo: 1 }])
  for (const query of ['comet"', '"comet', 'comet AND', 'NEAR(comet dawn)', 'comet^2', '{title} : comet', 'title:comet', 'rowid:1', 'comet\u0000dawn', '-"', '- -', '* *', 'OR OR', 'a OR', '"" ""', 'source:', 'source:""', 'topic:"🦊"', 'topic:"a""b"', 'before:"2026-01-01"', '\uE0002026', '\u0001comet\u0002', 'é'.repeat(400), 'a OR '.repeat(99), '-a '.repeat(160), '"a '.repeat(160), "';--", '%', '\\', '\t\n comet']) await find(news, query)
  for (const query of ['comet', 'UBER', 'über', 'sao', '東京', 'كسوف', '"comet uber"', 'com*']) assert.equal((await find(news, query)).results.length, 1, query)
})
