import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Candidate } from '../../functions/_news/candidates.ts'
import { popularityOf } from '../../functions/_news/popularity.ts'
import { noPreferences, type Preferences, profileOf, type ReaderEvent } from '../../functions/_news/profile.ts'
import { rank, type Ranked } from '../../functions/_news/rank.ts'

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

const candidates = read<{ id: string; source: string; topics: string[]; hours_ago: number }[]>('stories.json').map(
  ({ id, source, topics, hours_ago }): Candidate => ({
    id,
    topics,
    title: id,
    url: `https://example.com/${id}`,
    source: { id: source, title: source },
    publishedAt: at - hours_ago * hour,
    undated: false,
    firstSeen: at - hours_ago * hour,
    summary: '',
    image: null,
  }),
)

function eventsOf(events: ReaderFixture['events']): ReaderEvent[] {
  return events.map(({ type, story, hours_ago }) => {
    const candidate = candidates.find(({ id }) => id === story)
    const time = at - hours_ago * hour
    return { type, story, at: time, received_at: time, source: candidate?.source.id ?? '', topics: JSON.stringify(candidate?.topics ?? []) }
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
  const quarter = hour / 4
  const now = Math.floor(at / quarter) * quarter
  const slot = (hours: number): number => now / quarter - 1 - hours * 4

  test('counts an open half after four hours', () => {
    const old = [{ story: 'b', slot: slot(4), opens: 8 }, { story: 'b', slot: slot(8), opens: 8 }]
    const popularity = popularityOf([{ story: 'a', slot: slot(0), opens: 8 }, ...old], now)
    assert.deepEqual(popularity.get('a'), { opens: 8, heat: 8 })
    assert.deepEqual(popularity.get('b'), { opens: 16, heat: 6 })
  })

  test('lifts a story over newer ones when many open it', () => {
    const popularity = new Map([['comet', { opens: 60, heat: 50 }]])
    const [first] = rank(candidates, profileOf(noPreferences(), [], at), popularity, at)
    assert.equal(first?.candidate.id, 'comet')
    assert.deepEqual(first?.reasons[1]?.label, 'opened by 60 readers today')
  })
})
