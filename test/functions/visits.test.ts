import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import edition from '../../functions/edition.ts'
import feedsFunction from '../../functions/feeds.ts'
import readerFunction from '../../functions/reader.ts'
import { passedBy, shownIn, type Visits } from '../../functions/_news/ranking/visits.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token, type Edition } from '../suites/news-client.ts'
import { openNews } from './news-env.ts'

const secret = 'a secret of this test'
const start = Date.parse('2026-11-20T12:00:00Z')

describe('what a reader passed over', () => {
  const visits = (...shows: [seconds: number, stories: string[]][]): Visits | undefined =>
    shows.reduce<Visits | undefined>((before, [seconds, stories]) => shownIn(before, stories, start + seconds * 1000), undefined)
  const passed = (before: Visits | undefined, seconds: number) => Object.fromEntries(passedBy(before, start + seconds * 1000))

  test('counts once for each visit, when it is over; loads and pages within half a minute are one', () => {
    const one = visits([0, ['a', 'b']], [10, ['a', 'b']], [20, ['c']])
    assert.deepEqual(passed(one, 25), {})
    assert.deepEqual(passed(one, 30), { a: 1, b: 1, c: 1 })
    const two = shownIn(one, ['a', 'd'], start + 60_000)
    assert.deepEqual(passed(two, 70), { a: 1, b: 1, c: 1 })
    assert.deepEqual(passed(two, 100), { a: 2, b: 1, c: 1, d: 1 })
  })

  test('is of the three hundred stories that were shown last', () => {
    const many = visits([0, Array.from({ length: 250 }, (_, i) => `old${i}`)], [60, ['old0']], [120, Array.from({ length: 100 }, (_, i) => `new${i}`)], [180, ['now']])
    const { times } = many!
    assert.equal(Object.keys(times).length, 300)
    assert.deepEqual([times['old0'], times['old1'], times['new0']], [2, undefined, 1])
  })
})

test('a story that was shown and not opened gives way at the next visit and says so; a load again changes nothing; nobody is noted who has no name, and no feed reader', async (t) => {
  const server = await startFeedServer()
  t.after(() => server.stop())
  const item = (i: number) => `<item><guid isPermaLink="false">g${i}</guid><link>https://p${i}.example/</link><title>Tale number${i} of lamp${i}</title><pubDate>${new Date(Date.now() - (i + 1) * 60_000).toUTCString()}</pubDate></item>`
  for (let i = 0; i < 6; i++) server.answers.set(`/${i}.rss`, { body: `<rss version="2.0"><channel><title>P${i}</title>${item(i)}</channel></rss>` })
  server.list(Array.from({ length: 6 }, (_, i) => ({ path: `/${i}.rss`, title: `P${i}` })))
  const news = openNews(t, { SOURCES: `${server.origin}/sources.opml`, READER_SECRET: secret })
  await news.tick()
  const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
  const read = async (path = '/edition?limit=3') => (await news.ask<Edition>(edition, path, { headers })).body
  const visited = async () => (await news.env.DB.prepare('SELECT reader FROM visit').all<{ reader: string }>()).results.map(({ reader }) => reader)

  await news.ask(edition, '/edition')
  const { body: links } = await news.ask<{ json: string }>(feedsFunction, '/reader/feed', { method: 'POST', headers })
  await news.ask(feedsFunction, new URL(links.json).pathname + new URL(links.json).search)
  assert.deepEqual(await visited(), [])

  const first = await read()
  assert.deepEqual(await visited(), ['ada'])
  assert.deepEqual((await read()).stories.map(({ id, score }) => [id, score]), first.stories.map(({ id, score }) => [id, score]))
  await news.ask(readerFunction, '/reader/events', { method: 'POST', headers, body: JSON.stringify({ events: [{ id: 'e1', type: 'like', story: first.stories[0]!.id }] }) })
  await news.env.DB.prepare('UPDATE visit SET at = at - 60000').run()
  const second = (await read('/edition?limit=6')).stories
  const told = new Map(second.map(({ id, reasons }) => [id, reasons.find(({ signal }) => signal === 'passed')]))
  for (const { id } of first.stories) assert.equal(told.get(id)?.label, 'shown to you once, and not opened')
  assert.equal([...told.values()].filter((reason) => reason !== undefined && reason.weight < 0).length, 3)
  for (const { score, reasons } of second) assert.equal(score, reasons.reduce((sum, { weight }) => sum + weight, 0))
  const places = second.map(({ id }) => first.stories.some((one) => one.id === id))
  assert.ok(places.lastIndexOf(false) < places.lastIndexOf(true), 'those that were not shown yet come before the last of those that were')
  const { body: kept } = await news.ask<{ shown: { story: string; times: number }[] }>(readerFunction, '/reader/export', { headers })
  assert.deepEqual(kept.shown.filter(({ times }) => times === 2).map(({ story }) => story).toSorted(), first.stories.map(({ id }) => id).toSorted())
})
