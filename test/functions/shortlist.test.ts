import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noPreferences, profileOf, type ReaderEvent } from '../../functions/_news/profile.ts'
import { rank } from '../../functions/_news/rank.ts'
import { noCounters } from '../../functions/_news/ranking/counters.ts'
import { likenessAt, likenessOf, likingOf } from '../../functions/_news/ranking/liking.ts'
import { buildPool, candidateAt, termsAt, type Pool } from '../../functions/_news/ranking/pool.ts'
import { highest, oddsAt, oddsOf, shortlist, standingOf } from '../../functions/_news/ranking/shortlist.ts'
import { centroid, taste, vectorOf } from '../../bench/eval/clicks/taste.ts'
import { termsOf } from '../../functions/_news/ranking/words.ts'
import { chance } from '../../bench/eval/clicks/chance.ts'

const hour = 3_600_000
const now = Date.parse('2026-11-20T12:00:00Z')
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

function world(next: () => number, stories: number) {
  const pick = (count: number) => Math.floor(next() * count)
  const titles = Array.from({ length: stories }, () => Array.from({ length: 7 }, () => `w${Math.floor(next() ** 2 * 900)}`).join(' '))
  const builder = buildPool()
  for (const [i, title] of titles.entries()) {
    const seen = now - pick(72) * hour
    builder.add({
      id: `s${i}`, title, url: `https://example.com/${i}`, source: { id: `p${pick(30)}`, title: 'Paper' }, publishedAt: seen, undated: pick(20) === 0, firstSeen: seen,
      topics: [`t${pick(12)}`, `t${pick(12)}`], articles: 1,
    })
  }
  const pool = builder.finish()
  const events = Array.from({ length: 120 }, (_, i): ReaderEvent => {
    const place = pick(stories)
    const { id, source, topics, title } = pool.list[place]!
    const at = now - pick(200) * hour
    const gone = i % 10 === 0
    return { type: ['open', 'like', 'hide'][i % 3]!, story: gone ? `gone${i}` : id, at, received_at: at, source: source.id, topics: JSON.stringify(topics), title: gone ? `${title} never seen` : title }
  })
  const counters = new Map(Array.from({ length: 300 }, () => {
    const [clicks, views] = [pick(40), 40 + pick(400)]
    return [`s${pick(stories)}`, { ...noCounters(now), clicks: [clicks / 3, clicks / 2, clicks] as [number, number, number], views: [views / 3, views / 2, views] as [number, number, number], allClicks: clicks, allViews: views }] as const
  }))
  const coreading = new Map(Array.from({ length: 50 }, () => [`s${pick(stories)}`, next()] as const))
  const passed = new Map(Array.from({ length: 100 }, () => [`s${pick(stories)}`, 1 + pick(5)] as const))
  return { pool, events, counters, coreading, passed }
}

function everyCandidate(pool: Pool, said: (place: number) => { text: number; words: number }) {
  return pool.list.map((_, place) => candidateAt(pool, place, said(place)))
}

describe(`a shortlist (seed ${seed})`, () => {
  const next = chance(seed)

  test('holds what the sum of all reasons puts first', () => {
    for (let round = 0; round < 5; round++) {
      const { pool, events, counters, coreading, passed } = world(next, 3000)
      const preferences = { topics: { follow: ['t1'], mute: ['t2'] }, sources: { follow: ['p1'], mute: ['p2'] } }
      const profile = profileOf(preferences, events, now)
      const prior = { clicks: 4000, views: 70_000 }
      const liking = likingOf(pool, profile.titles)
      const standing = standingOf(pool, counters, prior, oddsOf(pool, counters, prior), now)
      const places = shortlist(pool, standing, { profile, liking, coreading, passed, at: now }, 200)
      assert.equal(places.length, 200)
      const all = rank(everyCandidate(pool, (place) => ({ text: likenessAt(pool, place, liking), words: oddsAt(pool, place, standing.odds) })), { at: now, profile, counters, coreading, passed, prior })
      const listed = new Set(places.map((place) => pool.list[place]!.id))
      // The last few may differ by the rounding to whole points.
      for (const { candidate, score } of all.slice(0, 200)) assert.ok(listed.has(candidate.id) || score <= all[199]!.score + 10, `${candidate.id} has ${score}`)
    }
  })

  test('leaves out what is muted, hidden, opened and first seen later', () => {
    const { pool, events } = world(next, 400)
    const profile = profileOf({ topics: { follow: [], mute: ['t2'] }, sources: { follow: [], mute: ['p2'] } }, events, now)
    const at = now - 24 * hour
    const standing = standingOf(pool, new Map(), { clicks: 0, views: 0 }, new Float64Array(pool.termNames.length), at)
    const stories = shortlist(pool, standing, { profile, liking: likingOf(pool, profile.titles), coreading: new Map(), passed: new Map(), at }, 400).map((place) => pool.list[place]!)
    const wanted = pool.list.filter(({ id, topics, source, firstSeen }) => !topics.includes('t2') && source.id !== 'p2' && !profile.hidden.has(id) && !profile.opened.has(id) && firstSeen <= at)
    assert.deepEqual(stories.map(({ id }) => id).toSorted(), wanted.map(({ id }) => id).toSorted())
  })

  test('is of the highest scores, whatever their order', () => {
    for (const count of [0, 1, 7, 100, 500]) {
      const scores = Float64Array.from({ length: 500 }, () => (next() < 0.1 ? -Infinity : Math.floor(next() * 50)))
      const taken = highest(scores, count).map((place) => scores[place]!).toSorted((a, b) => b - a)
      assert.deepEqual(taken, [...scores].filter((score) => score !== -Infinity).toSorted((a, b) => b - a).slice(0, count))
    }
  })
})

test('words are liked as the evaluated model has it: likeness to the centroid of what was liked, less that to what was turned down', () => {
  const { pool, events } = world(chance(seed), 300)
  const { titles } = profileOf(noPreferences(), events, now)
  const rare = (term: string) => pool.rare[pool.termNumbers.get(term) ?? -1] ?? Math.log(pool.list.length)
  const mean = (sign: number) => centroid(titles.filter(({ weight }) => weight * sign > 0).map(({ title, weight }) => ({ vector: vectorOf(termsOf(title), rare), weight: weight * sign })))
  const [liked, turnedDown] = [mean(1), mean(-1)]
  const liking = likingOf(pool, titles)
  for (let place = 0; place < pool.list.length; place++) {
    const expected = taste(vectorOf(termsAt(pool, place), rare), liked, turnedDown)
    assert.ok(Math.abs(likenessAt(pool, place, liking) - expected) < 1e-9)
    assert.ok(expected <= liking.most + 1e-9)
  }
  const unheld = termsOf('w1 w2 never seen before')
  assert.ok(Math.abs(likenessOf(pool, unheld, liking) - taste(vectorOf(unheld, rare), liked, turnedDown)) < 1e-9)
})
