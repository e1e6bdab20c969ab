import { halfLives, type Counters } from './counters.ts'

/** Everything a score is made of. Those of one group are told to readers as one reason. */
export const signals = {
  clicks1h: 'popularity',
  clicks4h: 'popularity',
  clicks24h: 'popularity',
  ctr4h: 'clickthrough',
  ctr24h: 'clickthrough',
  ctrEver: 'clickthrough',
  age: 'recency',
  coread: 'coread',
  opened: 'opened',
  passed: 'passed',
  text: 'text',
  words: 'words',
  topic: 'topic',
  source: 'source',
  follow: 'follow',
} as const

/** Name of a signal. */
export type SignalName = keyof typeof signals
/** What signals are told as. */
export type SignalGroup = (typeof signals)[SignalName]

/** The names, in the order of a vector of signals. */
export const signalNames = Object.keys(signals) as SignalName[]

/** What is known of a story and of what it is to one reader. */
export interface Facts {
  counters: Counters
  /** Since it was published, milliseconds. */
  ageMs: number
  /** How often it was read together with what the reader read last; see `likeness`. */
  coread: number
  /** The reader has opened it. */
  opened: boolean
  /** How often the reader was shown it and did not open it. */
  passed: number
  /** Likeness of its words to those of stories the reader liked, less that to skipped ones: −1 … 1. */
  text: number
  /** Mean log-odds of its words being clicked by anybody. */
  words: number
  /** How the reader feels about its strongest topic and its source: −1 … 1. */
  topic: number
  source: number
  /** How many of its topics and its source the reader follows, at most 2. */
  follow: number
}

/** How often a story that is shown is clicked, for want of anything better. */
export interface Prior {
  clicks: number
  views: number
}

/** Shown so often that its own click-through counts as much as that of all. */
const SMOOTHING = 40

/**
 * The signals of one story for one reader, in the order of `signalNames`: counts as logarithms, click-through as the logarithm of
 * its ratio to that of all stories, smoothed by forty showings, `(c + 40 p) / (v + 40)`.
 */
export function signalsOf(facts: Facts, prior: Prior): number[] {
  const { counters, ageMs } = facts
  const rate = (prior.clicks + 1) / (prior.views + 10)
  const clickthrough = (clicks: number, views: number) => Math.log((clicks + SMOOTHING * rate) / (views + SMOOTHING) / rate)
  const [, h4, day] = [0, 1, 2] as const
  return [
    ...counters.clicks.map((clicks) => Math.log1p(clicks)),
    clickthrough(counters.clicks[h4], counters.views[h4]),
    clickthrough(counters.clicks[day], counters.views[day]),
    clickthrough(counters.allClicks, counters.allViews),
    -Math.log1p(Math.max(0, ageMs) / halfLives[0]),
    Math.log1p(10 * facts.coread),
    facts.opened ? -1 : 0,
    -Math.log1p(facts.passed),
    facts.text,
    facts.words,
    facts.topic,
    facts.source,
    facts.follow,
  ]
}

/**
 * How often a story was read together with others, against how often it could have been: the sum over the others of
 * `together / √(readers of it × readers of the other)` (item-kNN by cosine).
 */
export function likeness(together: readonly { together: number; readers: number }[], readers: number): number {
  let sum = 0
  for (const other of together) sum += other.together / Math.sqrt(Math.max(1, readers) * Math.max(1, other.readers))
  return sum
}
