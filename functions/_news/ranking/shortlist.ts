import type { Profile } from '../profile.ts'
import { toldUnmuted } from '../stories/teller.ts'
import { halfLives, type Counters } from './counters.ts'
import { scoreOf, toVector } from './model.ts'
import { termsAt, type Pool } from './pool.ts'
import { felt } from './reasons.ts'
import { signalsOf, type Prior } from './signals.ts'
import { weights } from './weights.ts'
import { wordOdds, type WordVector } from './words.ts'

/** What the stories of a pool are worth to anybody, and the log-odds of each term being clicked. */
export interface Standing {
  at: number
  worth: Float64Array
  odds: Float64Array
}

/** Words are judged by what readers did once stories were shown this often. */
const ENOUGH_VIEWS = 1000
/** Scores are sorted into so many drawers, of which the uppermost are taken. */
const DRAWERS = 2048
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

/** What each story is worth to a reader of whom nothing is known. */
export function standingOf(pool: Pool, counters: ReadonlyMap<string, Counters>, prior: Prior, odds: Float64Array, at: number): Standing {
  const worth = new Float64Array(pool.list.length)
  const { starts, values } = pool.terms
  const wordy = odds.some((value) => value !== 0)
  for (let i = 0; i < worth.length; i++) {
    const ageMs = Math.max(0, at - pool.published[i]!)
    // The other signals of a story that nobody has seen are 0.
    worth[i] = -weights.age * Math.log1p(ageMs / halfLives[0])
    if (!wordy) continue
    let sum = 0
    for (let j = starts[i]!; j < starts[i + 1]!; j++) sum += odds[values[j]!]!
    worth[i]! += (weights.words * sum) / Math.max(1, starts[i + 1]! - starts[i]!)
  }
  for (const [story, known] of counters) {
    const place = pool.places.get(story)
    if (place !== undefined) worth[place]! += scoreOf(vector, signalsOf({ counters: known, ageMs: 0, coread: 0, opened: false, text: 0, words: 0, topic: 0, source: 0, follow: 0 }, prior))
  }
  return { at, worth, odds }
}

/** What a reader's shortlist is made by. */
export interface Taste {
  profile: Profile
  liked: WordVector
  skipped: WordVector
  coreading: ReadonlyMap<string, number>
  at: number
}

/**
 * Places of the stories that can be among the best `count` for a reader, in no order: by the very sum that their reasons add up to, but
 * for what happened since the standing was made. Muted ones and those first seen later are left out.
 */
export function shortlist(pool: Pool, { worth }: Standing, taste: Taste, count: number): number[] {
  const { profile, liked, skipped, coreading, at } = taste
  const scores = worth.slice()
  // Half as long, for the sake of the processor's cache: each is looked up many times.
  const ofTerm = new Float32Array(pool.termNames.length)
  for (const [words, sign] of [[liked, 1], [skipped, -1]] as const) {
    for (const [term, value] of words) {
      const number = pool.termNumbers.get(term)
      if (number !== undefined) ofTerm[number]! += sign * weights.text * value * pool.rare[number]!
    }
  }
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
  const [words, of] = [pool.terms, pool.topics]
  const someLater = pool.lastSeen > at
  for (let i = 0; i < scores.length; i++) {
    let text = 0
    for (let j = words.starts[i]!; j < words.starts[i + 1]!; j++) text += ofTerm[words.values[j]!]!
    let [strongest, follows] = [0, 0]
    const source = ofSource[pool.sources[i]!]!
    let score = scores[i]! + text / pool.lengths[i]! + (source === -Infinity ? ofAnother(i) : source)
    for (let j = of.starts[i]!; j < of.starts[i + 1]!; j++) {
      const topic = of.values[j]!
      if (Math.abs(feelings[topic]!) > Math.abs(strongest)) strongest = feelings[topic]!
      if (followed[topic] === 1) follows = 1
      if (muted[topic] === 1) score = -Infinity
    }
    if (someLater && pool.list[i]!.firstSeen > at) score = -Infinity
    scores[i] = score + strongest + weights.follow * follows
  }
  for (const [story, value] of coreading) {
    const place = pool.places.get(story)
    if (place !== undefined) scores[place]! += weights.coread * Math.log1p(10 * value)
  }
  for (const gone of [profile.hidden, profile.opened]) {
    for (const story of gone) {
      const place = pool.places.get(story)
      if (place !== undefined) scores[place] = -Infinity
    }
  }
  return highest(scores, count)
}

/** Places of the highest `count` scores, in no order; a score of −Infinity never counts. */
export function highest(scores: Float64Array, count: number): number[] {
  let [low, high] = [Infinity, -Infinity]
  for (const score of scores) {
    if (score === -Infinity) continue
    if (score < low) low = score
    if (score > high) high = score
  }
  const drawerOf = (score: number) => Math.min(DRAWERS - 1, Math.floor(((score - low) / (high - low || 1)) * DRAWERS))
  const filled = new Int32Array(DRAWERS)
  for (const score of scores) if (score !== -Infinity) filled[drawerOf(score)]!++
  let [drawer, above] = [DRAWERS, 0]
  while (drawer > 0 && above < count) above += filled[--drawer]!
  const places: number[] = []
  for (let i = 0; i < scores.length; i++) if (scores[i]! !== -Infinity && drawerOf(scores[i]!) >= drawer) places.push(i)
  // The lowest drawer taken may hold many.
  return places.length <= count ? places : places.sort((a, b) => scores[b]! - scores[a]!).slice(0, count)
}
