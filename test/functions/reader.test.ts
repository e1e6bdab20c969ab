import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import edition from '../../functions/edition.ts'
import feeds from '../../functions/feeds.ts'
import pages from '../../functions/pages.ts'
import readerFunction from '../../functions/reader.ts'
import sources from '../../functions/sources.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token, type Edition } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { until } from '../journeys/host-process.ts'
import { openNews, type NewsAtHand } from './news-env.ts'

const secret = 'a secret of this test'

interface Sent {
  id: string
  type: string
  story: string
  at?: string
}

const byToken = (sub: string) => ({ authorization: `Bearer ${token(secret, { sub })}` })

async function begin(t: TestContext) {
  const server = await startFeedServer()
  t.after(() => server.stop())
  server.answers.set('/paper.rss', { body: madeFeed('Paper', 12, 30) })
  server.answers.set('/mine.rss', { body: madeFeed('Mine', 2, 30).replaceAll('Mine', 'Zyxwvutq') })
  server.list([{ path: '/paper.rss', title: 'Paper', topic: 'town' }])
  const news = openNews(t, { READER_SECRET: secret, SOURCES: `${server.origin}/sources.opml` })
  await news.tick()
  return { news, server }
}

const send = (news: NewsAtHand, sub: string, events: Sent[]) =>
  news.ask<{ accepted: number }>(readerFunction, '/reader/events', { method: 'POST', headers: byToken(sub), body: JSON.stringify({ events }) })
const state = async (news: NewsAtHand, sub: string) => (await news.ask<{ learned: object }>(readerFunction, '/reader', { headers: byToken(sub) })).body.learned

test('events leave the same, in whatever order, how often and in how many parts they come', async (t) => {
  const { news } = await begin(t)
  const { body: { stories } } = await news.ask<Edition>(edition, '/edition', { headers: byToken('first') })
  const types = ['open', 'like', 'unlike', 'hide', 'unhide', 'like', 'hide']
  const began = Date.now() - 3_600_000
  // Some of them at the same moment.
  const events = stories.slice(0, 4).flatMap(({ id: story }, s) => types.map((type, i) => ({ id: `${s}-${i}`, type, story, at: new Date(began + Math.floor(((i * 5 + s) % 7) / 2) * 1000).toISOString() })))
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  await send(news, 'first', events)
  const expected = await state(news, 'first')
  let seed = 7
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
  for (let round = 0; round < 25; round++) {
    const sent = [...events, ...events.filter(() => random(3) === 0)].map((event) => ({ event, key: random(1e6) })).toSorted((a, b) => a.key - b.key).map(({ event }) => event)
    let accepted = 0
    while (sent.length > 0) accepted += (await send(news, `reader${round}`, sent.splice(0, 1 + random(9)))).body.accepted
    assert.equal(accepted, events.length)
    assert.deepEqual(await state(news, `reader${round}`), expected, `round ${round}`)
  }
})

test('events without a time count in the order of their list', async (t) => {
  const { news } = await begin(t)
  const { body: { stories: [story] } } = await news.ask<Edition>(edition, '/edition', { headers: byToken('ada') })
  const learned = async (sub: string, ...types: string[]) => {
    await send(news, sub, types.map((type, i) => ({ id: String(i), type, story: story!.id })))
    return (await state(news, sub)) as { sources: { feeling: number }[]; hidden: number }
  }
  assert.deepEqual((await learned('a', 'like', 'unlike')).sources, [])
  assert.equal((await learned('b', 'like', 'unlike', 'like')).sources[0]?.feeling, 3)
  assert.equal((await learned('c', 'hide', 'unhide')).hidden, 0)
  assert.equal((await learned('d', 'unhide', 'hide')).hidden, 1)
})

test('what was hidden stays hidden, however much is done after it', async (t) => {
  const { news } = await begin(t)
  const titles = async () => (await news.ask<Edition>(edition, '/edition', { headers: byToken('ada') })).body.stories
  const [hidden, other] = await titles()
  await send(news, 'ada', [{ id: 'hide', type: 'hide', story: hidden!.id }])
  for (let part = 0; part < 11; part++) await send(news, 'ada', Array.from({ length: 100 }, (_, i) => ({ id: `${part}-${i}`, type: 'open', story: other!.id })))
  assert.ok((await titles()).every(({ id }) => id !== hidden!.id))
})

test('the export holds what every table holds of a reader; after the erasure no file holds anything, neither of the reader nor of what only the reader read', async (t) => {
  const { news, server } = await begin(t)
  const headers = byToken('ada-of-this-test')
  const ask = <Body>(app: Parameters<NewsAtHand['ask']>[0], path: string, method = 'GET', body?: object) =>
    news.ask<Body>(app, path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const { body: { stories } } = await ask<Edition>(edition, '/edition')
  await ask(readerFunction, '/reader/events', 'POST', { events: stories.slice(0, 3).map(({ id: story }, i) => ({ id: `client-${i}`, type: 'open', story })) })
  await ask(readerFunction, '/reader', 'PUT', { topics: { follow: ['quetzalcoatlus'] } })
  await ask(sources, '/sources', 'POST', { url: `${server.origin}/mine.rss` })
  const { body: links } = await ask<{ json: string }>(feeds, '/reader/feed', 'POST')
  const key = new URL(links.json).searchParams.get('key')!
  await ask(pages, '/')

  const file = readdirSync(news.folder).find((name) => name === 'news.sqlite')!
  const rowsOf = () => {
    const db = new DatabaseSync(join(news.folder, file), { readOnly: true })
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) => String(name))
    const columns = tables.flatMap((table) => db.prepare('SELECT name FROM pragma_table_info(?)').all(table).map(({ name }) => ({ table, column: String(name) })))
    const counts = columns.filter(({ table, column }) => column === 'reader' || (table === 'reader' && column === 'id'))
      .map(({ table, column }) => [table, Number(db.prepare(`SELECT count(*) AS n FROM "${table}" WHERE "${column}" = ?`).get('ada-of-this-test')!['n'])] as const)
    db.close()
    return Object.fromEntries(counts)
  }
  const kept = rowsOf()
  const { body: record } = await ask<Record<string, object[] & { key?: string }>>(readerFunction, '/reader/export')
  assert.deepEqual({ ...kept }, {
    event: record['events']!.length, opening: record['openings']!.length, exploration: record['explorations']!.length, subscription: record['sources']!.length,
    feed_link: record['feed'] === null ? 0 : 1, visit: record['shown']!.length > 0 ? 1 : 0, reader: Object.keys(record['preferences']!).length > 0 ? 1 : 0,
  })
  assert.equal(record['feed']!.key, key)
  assert.ok(['event', 'opening', 'exploration', 'subscription', 'feed_link', 'visit', 'reader'].every((table) => kept[table]! > 0), JSON.stringify(kept))

  const found = () => readdirSync(news.folder).flatMap((name) => {
    const bytes = readFileSync(join(news.folder, name))
    // An index keeps a word without the beginning it shares with the one before.
    return ['ada-of-this-test', 'client-1', 'quetzalcoatlus', key, 'mine.rss', 'yxwvutq'].filter((word) => bytes.includes(word)).map((word) => `${name}: ${word}`)
  })
  assert.ok(found().length >= 6)
  assert.equal((await ask(readerFunction, '/reader', 'DELETE')).status, 204)
  assert.deepEqual(Object.values(rowsOf()).filter((count) => count > 0), [])
  await until('the log is emptied', async () => found().length === 0)
})
