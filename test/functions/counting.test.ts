import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { chance } from '../../bench/eval/clicks/chance.ts'
import { batch, openDatabase } from '../../functions/_news/database.ts'
import { count, fadeTo, noCounters, type Counters } from '../../functions/_news/ranking/counters.ts'
import { countersIn, countersSince, counting } from '../../functions/_news/ranking/counting.ts'
import { countersNow, loadCrowd, noteOpened, openedSince } from '../../functions/_news/ranking/crowd.ts'
import { forgetOld } from '../../functions/_news/stories/retention.ts'
import { openNews } from './news-env.ts'

const hour = 3_600_000
const now = Date.parse('2026-11-20T12:00:00Z')
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const one = (story: string, clicks: number, views: number) => sql`SELECT ${story} AS story, ${clicks} AS clicks, ${views} AS views`
const never = () => assert.fail('nothing is left for later')

function near(found: Counters | undefined, expected: Counters, what: string): void {
  assert.ok(found !== undefined, what)
  assert.deepEqual([found.allClicks, found.allViews, found.at], [expected.allClicks, expected.allViews, expected.at], what)
  for (const name of ['clicks', 'views'] as const) for (const [i, value] of expected[name].entries()) assert.ok(Math.abs(found[name][i]! - value) < 1e-9, `${what}: ${name}[${i}] is ${found[name][i]}, not ${value}`)
}

test(`the counters of the database are those that rankers are evaluated by, in order and late (seed ${seed})`, async (t) => {
  const { env } = openNews(t)
  const db = openDatabase(env.DB)
  const next = chance(seed)
  const models = new Map<string, Counters>()
  for (let i = 0; i < 300; i++) {
    const [story, at, what] = [`s${Math.floor(next() * 5)}`, now + Math.floor(next() * 90 * hour), next() < 0.4 ? 'clicks' : 'views'] as const
    const model = models.get(story) ?? noCounters(at)
    models.set(story, model)
    count(model, what, at)
    await batch(env.DB, [counting(db, one(story, what === 'clicks' ? 1 : 0, what === 'views' ? 1 : 0), at)])
  }
  const [rows] = await batch(env.DB, [countersSince(db, 0, 'changed')])
  assert.equal(rows.length, models.size)
  for (const row of rows) near(countersIn(row), models.get(row.story)!, `seed ${seed}, ${row.story}`)
})

test('an instance knows what was opened at once, what was shown within minutes, and forgets what nobody saw for two days', async (t) => {
  const { env } = openNews(t)
  const db = openDatabase(env.DB)
  const tell = (story: string, clicks: number, views: number, at: number) => batch(env.DB, [counting(db, one(story, clicks, views), at)])
  await tell('old', 3, 30, now - 20 * hour)
  const crowd = await loadCrowd(env.DB, db, now, never)
  assert.deepEqual([crowd.prior, [...crowd.opened.keys()]], [{ clicks: 3, views: 30 }, []])
  await tell('old', 1, 0, now + 100)
  await tell('new', 1, 0, now + 200)
  await tell('shown', 0, 5, now + 300)
  for (let again = 0; again < 2; again++) {
    const [rows] = await batch(env.DB, [openedSince(db, crowd)])
    noteOpened(crowd, rows, now + 1000)
    assert.deepEqual(crowd.prior, { clicks: 5, views: 30 }, 'each once, however often it is read')
  }
  assert.deepEqual([...crowd.opened.keys()].toSorted(), ['new', 'old'])
  const expected: Counters = { at: now - 20 * hour, clicks: [3, 3, 3], views: [30, 30, 30], allClicks: 3, allViews: 30 }
  count(expected, 'clicks', now + 100)
  fadeTo(expected, now + 2000)
  near(countersNow(crowd, ['old', 'nobody'], now + 2000).get('old'), expected, 'old')
  const left: Promise<unknown>[] = []
  assert.equal(await loadCrowd(env.DB, db, now + 61_000, (work) => void left.push(work)), crowd)
  await Promise.all(left)
  assert.deepEqual(crowd.prior, { clicks: 5, views: 35 })
  await loadCrowd(env.DB, db, now + 49 * hour, never)
  assert.deepEqual([crowd.counters.size, crowd.prior], [0, { clicks: 0, views: 0 }])
  await forgetOld(db, now + 49 * hour)
  assert.deepEqual(await batch(env.DB, [countersSince(db, 0, 'changed')]), [[]])
})
