import type { Profile } from '../profile.ts'
import { toldUnmuted } from '../stories/teller.ts'
import { halfLives, type Counters } from './counters.ts'
import { likenessAt, type Liking } from './liking.ts'
import { scoreOf, toVector } from './model.ts'
import { termsAt, type Pool } from './pool.ts'
import { felt } from './reasons.ts'
import { signalsOf, type Prior } from './signals.ts'
import { weights } from './weights.ts'
import { wordOdds } from './words.ts'

/** What the stories of a pool are worth to anybody, and the log-odds of each term being clicked. */
export interface Standing {
  at: number
  worth: Float64Array
  odds: Float64Array
}

/** Words are judged by what readers did once stories were shown this often. */
const ENOUGH_VIEWS = 1000
const vector = toVector(weights)

/** Of each term the log-odds of being clicked; none where readers were shown too little. */
export function oddsOf(pool: Pool, counters: ReadonlyMap<string, Counters>, prior: Prior): Float64Array {
  const odds = new Float64Array(pool.termNames.length)
  if (prior.views < ENOUGH_VIEWS) return odds
  const shown = [...counters].flatMap(([story, { allClicks, allViews }]) => {
    const place = pool.places.get(story)
    return place === undefined ? [] : [{ terms: termsAt(pool, place), clicks: allClicks, skips: Math.max(0, allViews - allClicks) }]
  })
  const of = wordOdds(shown)
  for (const term of new Set(shown.flatMap(({ terms }) => terms))) odds[pool.termNumbers.get(term)!] = of([term])
  return odds
}

/** The mean log-odds of the terms of the story at a place. */
export function oddsAt(pool: Pool, place: number, odds: Float64Array): number {
  const { starts, values } = pool.terms
  let sum = 0
  for (let j = starts[place]!; j < starts[place + 1]!; j++) sum += odds[values[j]!]!
  return sum / Math.max(1, starts[place + 1]! - starts[place]!)
}

/** What each story is worth to a reader of whom nothing is known. */
export function standingOf(pool: Pool, counters: ReadonlyMap<string, Counters>, prior: Prior, odds: Float64Array, at: number): Standing {
  const worth = new Float64Array(pool.list.length)
  const wordy = odds.some((value) => value !== 0)
  for (let i = 0; i < worth.length; i++) {
    const ageMs = Math.max(0, at - pool.published[i]!)
    // The other signals of a story that nobody has seen are 0.
    worth[i] = -weights.age * Math.log1p(ageMs / halfLives[0])
    if (wordy) worth[i]! += weights.words * oddsAt(pool, i, odds)
  }
  for (const [story, known] of counters) {
    const place = pool.places.get(story)
    if (place !== undefined) worth[place]! += scoreOf(vector, signalsOf({ counters: known, ageMs: 0, coread: 0, opened: false, passed: 0, text: 0, words: 0, topic: 0, source: 0, follow: 0 }, prior))
  }
  return { at, worth, odds }
}

/** What a reader's shortlist is made by. */
export interface Taste {
  profile: Profile
  liking: Liking
  coreading: ReadonlyMap<string, number>
  passed: ReadonlyMap<string, number>
  at: number
}

/** A column of scores for each pool, written anew by each shortlist: half a megabyte a time would have to be cleared away. */
const columns = new WeakMap<Pool, Float64Array>()

/**
 * Places of the stories that can be among the best `count` for a reader, in no order: by the very sum that their reasons add up to, but
 * for what happened since the standing was made. Muted ones and those first seen later are left out.
 */
export function shortlist(pool: Pool, { worth }: Standing, taste: Taste, count: number): number[] {
  const { profile, liking, coreading, passed } = taste
  const scores = columns.get(pool) ?? new Float64Array(worth.length)
  columns.set(pool, scores)
  scores.set(worth)
  addFeelings(pool, scores, taste)
  for (const [story, value] of coreading) {
    const place = pool.places.get(story)
    if (place !== undefined) scores[place]! += weights.coread * Math.log1p(10 * value)
  }
  for (const [story, times] of passed) {
    const place = pool.places.get(story)
    if (place !== undefined) scores[place]! -= weights.passed * Math.log1p(times)
  }
  for (const gone of [profile.hidden, profile.opened]) {
    for (const story of gone) {
      const place = pool.places.get(story)
      if (place !== undefined) scores[place] = -Infinity
    }
  }
  const best = highest(scores, count)
  if (best.length < count) return best
  // Words are compared where they can matter: so many have at least the lowest score of these, whatever the words of the others say.
  const said = (place: number) => scores[place]! + weights.text * likenessAt(pool, place, liking)
  const floor = best.reduce((lowest, place) => Math.min(lowest, said(place)), Infinity) - weights.text * liking.most - 1e-9
  const able: number[] = []
  for (let i = 0; i < scores.length; i++) if (scores[i]! >= floor) able.push(i)
  return highest(Float64Array.from(able, said), count).map((i) => able[i]!)
}

/** Adds to the scores how the reader feels about topics and sources. */
function addFeelings(pool: Pool, scores: Float64Array, { profile, at }: Taste): void {
  const { topics, sources } = profile.preferences
  const worthOf = (source: string) => weights.source * felt(profile.sources.get(source) ?? 0) + (sources.follow.includes(source) ? weights.follow : 0)
  const ofSource = Float64Array.from(pool.sourceNames, (source) => (sources.mute.includes(source) ? -Infinity : worthOf(source)))
  // What a muted source told first is worth what another that tells it is.
  const ofAnother = (place: number) => {
    const teller = toldUnmuted(pool.list[place]!, sources.mute)
    return teller === undefined ? -Infinity : worthOf(teller.source.id)
  }
  // Of several the strongest feeling counts: as points it is the strongest too.
  const feelings = Float64Array.from(pool.topicNames, (topic) => weights.topic * felt(profile.topics.get(topic) ?? 0))
  const muted = Uint8Array.from(pool.topicNames, (topic) => (topics.mute.includes(topic) ? 1 : 0))
  const followed = Uint8Array.from(pool.topicNames, (topic) => (topics.follow.includes(topic) ? 1 : 0))
  const { starts, values } = pool.topics
  const ofTopics = new Float64Array(starts.length - 1)
  for (let list = 0; list < ofTopics.length; list++) {
    let strongest = 0
    let follows = 0
    let muting = 0
    for (let j = starts[list]!; j < starts[list + 1]!; j++) {
      const topic = values[j]!
      if (Math.abs(feelings[topic]!) > Math.abs(strongest)) strongest = feelings[topic]!
      if (followed[topic] === 1) follows = weights.follow
      if (muted[topic] === 1) muting = -Infinity
    }
    ofTopics[list] = strongest + follows + muting
  }
  const someLater = pool.lastSeen > at
  for (let i = 0; i < scores.length; i++) {
    const source = ofSource[pool.sources[i]!]!
    scores[i]! += ofTopics[pool.topicLists[i]!]! + (source === -Infinity ? ofAnother(i) : source)
    if (someLater && pool.list[i]!.firstSeen > at) scores[i] = -Infinity
  }
}

/** Places of the highest `count` scores, in no order; a score of −Infinity never counts. */
export function highest(scores: Float64Array, count: number): number[] {
  // A heap of those kept so far, the lowest of them first: hardly one of many gets past it.
  const kept: number[] = []
  const lower = (a: number, b: number) => scores[kept[a]!]! < scores[kept[b]!]!
  const swap = (a: number, b: number) => ([kept[a], kept[b]] = [kept[b]!, kept[a]!])
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === -Infinity) continue
    if (kept.length < count) {
      kept.push(i)
      for (let child = kept.length - 1; child > 0 && lower(child, (child - 1) >> 1); child = (child - 1) >> 1) swap(child, (child - 1) >> 1)
    } else if (count > 0 && scores[i]! > scores[kept[0]!]!) {
      kept[0] = i
      for (let parent = 0, child = 1; child < count; parent = child, child = 2 * child + 1) {
        if (child + 1 < count && lower(child + 1, child)) child++
        if (!lower(child, parent)) break
        swap(child, parent)
      }
    }
  }
  return kept
}
