import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Candidate } from '../../functions/_news/ranking/pool.ts'
import { noPreferences, type Preferences, type Profile, profileOf, type ReaderEvent } from '../../functions/_news/profile.ts'
import { rank as rankWith, type Ranked } from '../../functions/_news/rank.ts'
import { noCounters, type Counters } from '../../functions/_news/ranking/counters.ts'
import { diversify } from '../../functions/_news/ranking/diversify.ts'
import { explore, type Trying } from '../../functions/_news/ranking/explore.ts'
import { buildPool, candidateAt, type PoolStory } from '../../functions/_news/ranking/pool.ts'

interface ReaderFixture {
  about: string
  preferences: Preferences
  events: { type: string; story: string; hours_ago: number }[]
  expected: { order: string[]; signals: Record<string, string[]> }
}

const folder = join(import.meta.dirname, '../../fixtures/readers')
const hour = 3_600_000
const at = Date.parse('2026-11-20T12:00:00Z')

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Content
}

/** Stories as a pool gives them. */
function pooled(stories: readonly PoolStory[]): Candidate[] {
  const pool = buildPool()
  for (const story of stories) pool.add(story)
  return stories.map((_, place) => candidateAt(pool.finish(), place, { text: 0, words: 0 }))
}

const candidates: Candidate[] = pooled(read<{ id: string; source: string; topics: string[]; hours_ago: number }[]>('stories.json').map(
  ({ id, source, topics, hours_ago }) => ({
    id,
    topics,
    title: id,
    url: `https://example.com/${id}`,
    source: { id: source, title: source },
    publishedAt: at - hours_ago * hour,
    undated: false,
    firstSeen: at - hours_ago * hour,
    articles: 1,
  }),
))

/** Ranks by what a reader did alone, and by these counters. */
function rank(list: readonly Candidate[], profile: Profile, counters: ReadonlyMap<string, Counters>, moment: number): Ranked[] {
  return rankWith(list, { at: moment, profile, counters, coreading: new Map(), passed: new Map(), prior: { clicks: 0, views: 0 } })
}

function eventsOf(events: ReaderFixture['events']): ReaderEvent[] {
  return events.map(({ type, story, hours_ago }) => {
    const candidate = candidates.find(({ id }) => id === story)
    const time = at - hours_ago * hour
    return { type, story, at: time, received_at: time, source: candidate?.source.id ?? '', topics: JSON.stringify(candidate?.topics ?? []), title: candidate?.title ?? '' }
  })
}

function ids(ranked: Ranked[]): string[] {
  return ranked.map(({ candidate }) => candidate.id)
}

function sum(story: Ranked): number {
  return story.reasons.reduce((total, { weight }) => total + weight, 0)
}

describe('the edition of a reader', () => {
  for (const name of readdirSync(folder).filter((file) => file !== 'stories.json')) {
    const { about, preferences, events, expected } = read<ReaderFixture>(name)
    test(`${name}: ${about}`, () => {
      const ranked = rank(candidates, profileOf(preferences, eventsOf(events), at), new Map(), at)
      assert.deepEqual(ids(ranked), expected.order)
      for (const [id, signals] of Object.entries(expected.signals)) {
        assert.deepEqual(ranked.find(({ candidate }) => candidate.id === id)?.reasons.map(({ signal }) => signal), signals, id)
      }
      for (const story of ranked) {
        assert.equal(sum(story), story.score)
        assert.ok(story.reasons.every(({ weight, label }) => Number.isInteger(weight) && label !== ''))
      }
    })
  }
})

describe('the ranking as of a moment', () => {
  const events = eventsOf([{ type: 'like', story: 'comet', hours_ago: 0 }])
  const before = profileOf(noPreferences(), [], at - 1)

  test('is not changed by what came later', () => {
    const asOfThen = profileOf(noPreferences(), events, at - 1)
    assert.deepEqual(rank(candidates, asOfThen, new Map(), at - 1), rank(candidates, before, new Map(), at - 1))
  })

  test('leaves out what is hidden later', () => {
    const hidden = profileOf(noPreferences(), eventsOf([{ type: 'hide', story: 'comet', hours_ago: 0 }]), at - 1)
    const others = ids(rank(candidates, before, new Map(), at - 1)).filter((id) => id !== 'comet')
    assert.deepEqual(ids(rank(candidates, hidden, new Map(), at - 1)), others)
  })

  test('leaves out what was first seen later', () => {
    assert.deepEqual(ids(rank(candidates, before, new Map(), at - 8 * hour)), ['endgame', 'figs', 'comet'])
  })
})

describe('a story without a date', () => {
  const seen = (hours: number): Candidate => ({ ...candidates[0]!, id: 'undated', url: 'u', undated: true, publishedAt: at - hours * hour, firstSeen: at - hours * hour })
  const order = (hours: number): string[] => ids(rank([...candidates, seen(hours)], profileOf(noPreferences(), [], at), new Map(), at))

  test('stands below all of the last day, and falls from there', () => {
    assert.deepEqual(order(0), ['opening', 'moss', 'rocket', 'endgame', 'figs', 'undated', 'comet'])
    assert.equal(order(48).at(-1), 'undated')
  })
})

describe('a page that two sources carry', () => {
  const [comet] = candidates
  const copy = { ...comet, id: 'copy', source: { id: 'board', title: 'board' } } as Candidate
  const profile = profileOf({ ...noPreferences(), sources: { follow: ['board'], mute: [] } }, [], at)

  test('is there once, where it stands best', () => {
    assert.deepEqual(ids(rank([...candidates, copy], profile, new Map(), at)).filter((id) => id === 'comet' || id === 'copy'), ['copy'])
  })

  test('goes from both when it is hidden', () => {
    const hidden = profileOf(noPreferences(), eventsOf([{ type: 'hide', story: 'comet', hours_ago: 1 }]), at)
    assert.ok(!ids(rank([...candidates, copy], hidden, new Map(), at)).includes('copy'))
  })

  test('is another page under another title', () => {
    assert.ok(ids(rank([...candidates, { ...copy, title: 'other' }], profile, new Map(), at)).includes('comet'))
  })
})

describe('popularity', () => {
  test('lifts a story over newer ones when many open it', () => {
    const counters = new Map([['comet', { ...noCounters(at), clicks: [20, 50, 60] as [number, number, number], allClicks: 60 }]])
    const [first] = rank(candidates, profileOf(noPreferences(), [], at), counters, at)
    assert.equal(first?.candidate.id, 'comet')
    assert.equal(first?.reasons.find(({ signal }) => signal === 'popularity')?.label, 'opened by 60 readers')
  })

  test('falls for what is shown often and passed over', () => {
    const counters = new Map([['opening', { ...noCounters(at), views: [900, 900, 900] as [number, number, number], allViews: 900 }]])
    const order = ids(rankWith(candidates, {
      at, profile: profileOf(noPreferences(), [], at), counters, coreading: new Map(), passed: new Map(), prior: { clicks: 100, views: 1000 }
    }))
    assert.notEqual(order[0], 'opening')
  })
})

describe('an edition in its places', () => {
  const many = pooled(Array.from({ length: 60 }, (_, i) => ({
    ...candidates[0]!, id: `s${i}`, url: `https://example.com/s${i}`, title: `story ${i}`, topics: [`t${i % 3}`],
    // The newest thirty are of one source.
    source: i < 30 ? { id: 'loud', title: 'Loud' } : { id: `calm${i % 6}`, title: `Calm ${i % 6}` }, publishedAt: at - i * (hour / 4), firstSeen: at - 20 * hour,
  })))
  const ranked = rank(many, profileOf(noPreferences(), [], at), new Map(), at)
  const [nobody, anybody] = [() => false, () => true]
  const trying = (what: Partial<Trying>): Trying => ({ counters: new Map(), seed: 1, follows: anybody, passed: nobody, before: [], ...what })

  test('has at most two of one source among the first ten, unless the reader follows it', () => {
    const loud = (list: Ranked[]): number => list.slice(0, 10).filter(({ candidate }) => candidate.source.id === 'loud').length
    assert.equal(loud(ranked), 10)
    assert.equal(loud(diversify(ranked, () => false)), 2)
    assert.ok(loud(diversify(ranked, (source) => source === 'loud')) > 2)
  })

  test('loses and doubles no story, stays in the order of scores, and says what was lost for variety', () => {
    const diverse = diversify(ranked, () => false)
    assert.deepEqual(ids(diverse).toSorted(), ids(ranked).toSorted())
    for (const [i, story] of diverse.entries()) {
      assert.equal(sum(story), story.score)
      assert.ok(i === 0 || story.score <= diverse[i - 1]!.score)
      for (const { signal, weight } of story.reasons) if (signal === 'diversity') assert.ok(weight < 0)
    }
  })

  test('one story from below is tried; what is clicked more often is tried more often, and its chance is told truly', () => {
    const counters = new Map([[ranked[15]!.candidate.id, { ...noCounters(at), allClicks: 40, allViews: 100 }]])
    const times = new Map<string, { chosen: number; told: number }>()
    for (let seed = 0; seed < 400; seed++) {
      const tried = explore(ranked, trying({ counters, seed: seed * 7919 }))!
      const { id } = tried.story.candidate
      const known = times.get(id) ?? { chosen: 0, told: 0 }
      times.set(id, { chosen: known.chosen + 1, told: known.told + tried.propensity })
      assert.ok(ranked.findIndex(({ candidate }) => candidate.id === id) >= 10)
      assert.deepEqual(explore(ranked, trying({ counters, seed: seed * 7919 })), tried, 'the same reader and hour, the same choice')
    }
    const favourite = times.get(ranked[15]!.candidate.id)!
    assert.ok(favourite.chosen > 200, `${favourite.chosen} of 400`)
    assert.ok(Math.abs(favourite.told / favourite.chosen - favourite.chosen / 400) < 0.1)
    assert.equal(explore(ranked.slice(0, 11), trying({ seed: 1 })), undefined)
  })

  test('what is tried is no third story of a source among the first ten, unless the reader follows it or all sources have their share', () => {
    const of = (...sources: string[]) => sources.map((source, i): Ranked => ({ ...ranked[i]!, candidate: { ...ranked[i]!.candidate, source: { id: source, title: source } } }))
    const first = ['a', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'b', 'h']
    const tried = (list: Ranked[], follows: (source: string) => boolean) => new Set(Array.from({ length: 60 }, (_, seed) => explore(list, trying({ seed: seed * 7919, follows }))!.story.candidate.source.id))
    assert.deepEqual(tried(of(...first, 'a', 'b', 'a', 'h'), nobody), new Set(['h']), 'the tenth gives way to it')
    assert.ok(tried(of(...first, 'a', 'b', 'a', 'h'), (source) => source === 'a').has('a'))
    assert.deepEqual(tried(of('a', 'a', 'b', 'b', 'a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'), nobody), new Set(['a', 'b']))
  })

  test('what is tried stays for the hour, with its chance, whatever others do; not what was passed over, gone, or is among the first ten by now', () => {
    const idAt = (place: number) => ranked[place]!.candidate.id
    const counters = new Map([[idAt(15), { ...noCounters(at), allClicks: 400, allViews: 500 }]])
    const kept = { story: idAt(12), propensity: 0.25 }
    const tried = (what: Partial<Trying>, list = ranked) => explore(list, trying({ counters, ...what }))!
    const chosen = (what: Partial<Trying>, list = ranked) => tried(what, list).story.candidate.id
    assert.equal(chosen({}), idAt(15))
    assert.deepEqual([chosen({ before: [kept] }), tried({ before: [kept] }).propensity], [idAt(12), 0.25])
    assert.equal(chosen({ before: [{ story: idAt(13), propensity: 0.1 }, kept] }), idAt(13), 'the latest')
    assert.equal(chosen({ before: [kept], passed: (story) => story === idAt(12) }), idAt(15))
    assert.equal(chosen({ before: [kept] }, ranked.filter(({ candidate }) => candidate.id !== idAt(12))), idAt(15))
    assert.equal(chosen({ before: [{ story: idAt(3), propensity: 0.1 }] }), idAt(15))
    for (let seed = 0; seed < 50; seed++) assert.notEqual(chosen({ seed: seed * 7919, passed: (story) => story === idAt(15) }), idAt(15), 'what was shown before is nothing new')
  })
})
