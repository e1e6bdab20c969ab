import type { Profile } from '../profile.ts'
import { noCounters, type Counters } from './counters.ts'
import { signalNames, signals, signalsOf, type Prior, type SignalGroup } from './signals.ts'
import { toVector } from './model.ts'
import { undatedAgeMs, type Candidate } from './pool.ts'
import { weights } from './weights.ts'

/** Why a story stands where it does: whole points, whose sum is the score. */
export interface Reason {
  signal: Exclude<SignalGroup, 'opened'> | 'diversity'
  weight: number
  label: string
}

/** What is known beside the story itself, as of one moment. */
export interface Knowledge {
  at: number
  profile: Profile
  counters: ReadonlyMap<string, Counters>
  coreading: ReadonlyMap<string, number>
  /** How often the reader was shown a story and did not open it. */
  passed: ReadonlyMap<string, number>
  prior: Prior
}

/** Points of one unit of score. */
const POINTS = 400
const HOUR = 3_600_000
/** Recency is told as what is left until a story is a week old. */
const WEEK_HOURS = 168
const vector = toVector(weights)
const groups = signalNames.map((name) => signals[name])

/** How strongly a feeling counts: between −1 and 1, steep at the start, for the first likes tell most. */
export function felt(value: number): number {
  return Math.tanh(value / 4)
}

/** Everything that speaks for or against a story, in whole points; what comes to nothing is left out. */
export function reasonsOf(candidate: Candidate, known: Knowledge): Reason[] {
  const { profile, at } = known
  const counters = known.counters.get(candidate.id) ?? noCounters(at)
  const { topics, sources } = profile.preferences
  const followed = candidate.topics.filter((topic) => topics.follow.includes(topic))
  const strongest = strongestOf(candidate.topics, profile.topics)
  const source = profile.sources.get(candidate.source.id) ?? 0
  const followsSource = sources.follow.includes(candidate.source.id)
  const passed = known.passed.get(candidate.id) ?? 0
  const since = Math.max(0, at - candidate.publishedAt)
  const values = signalsOf({
    counters,
    // What has no date counts as a day older than it can be: it never stands above the news of a day.
    ageMs: candidate.undated ? since + undatedAgeMs : since,
    coread: known.coreading.get(candidate.id) ?? 0,
    opened: false,
    passed,
    // A story that the reader likes is like itself above all: that says nothing.
    text: profile.liked.has(candidate.id) ? 0 : candidate.text,
    words: candidate.words,
    topic: felt(strongest?.value ?? 0),
    source: felt(source),
    follow: (followed.length > 0 ? 1 : 0) + (followsSource ? 1 : 0),
  }, known.prior)

  const sums = new Map<SignalGroup, number>()
  for (let i = 0; i < values.length; i++) sums.set(groups[i]!, (sums.get(groups[i]!) ?? 0) + vector[i]! * values[i]!)
  sums.set('recency', (sums.get('recency') ?? 0) + weights.age * Math.log1p(WEEK_HOURS))
  const labels: Record<Reason['signal'], () => string> = {
    recency: () => candidate.undated ? `first seen ${ago(Math.max(0, at - candidate.firstSeen))}, without a date` : `published ${ago(since)}`,
    popularity: () => `opened by ${counters.allClicks} ${counters.allClicks === 1 ? 'reader' : 'readers'}`,
    clickthrough: () => (sums.get('clickthrough') ?? 0) > 0 ? 'opened more often than others where it is shown' : 'passed over more often than others where it is shown',
    coread: () => 'opened by readers of what you opened',
    passed: () => `shown to you ${passed === 1 ? 'once' : `${passed} times`}, and not opened`,
    text: () => (sums.get('text') ?? 0) > 0 ? 'its words are like those of stories you liked' : 'its words are like those of stories you hid',
    words: () => (sums.get('words') ?? 0) > 0 ? 'readers often open stories with its words' : 'readers seldom open stories with its words',
    topic: () => strongest !== undefined && strongest.value < 0 ? `you hide stories about ${strongest.topic}` : `${profile.ofAll ? 'many readers' : 'you'} read about ${strongest?.topic ?? ''}`,
    source: () => source < 0 ? `you hide stories from ${candidate.source.title}` : `you read ${candidate.source.title}`,
    follow: () => `you follow ${[...followed, ...(followsSource ? [candidate.source.title] : [])].join(', ')}`,
    diversity: () => '',
  }
  return [...sums].flatMap(([signal, sum]) => {
    // Whole points: their sum is exact in any order.
    const weight = Math.round(sum * POINTS) || 0
    return signal !== 'opened' && (weight !== 0 || signal === 'recency') ? [{ signal, weight, label: labels[signal]() }] : []
  })
}

/** The topic that the reader feels most about, for or against; of equal ones the first. */
function strongestOf(topics: readonly string[], feelings: ReadonlyMap<string, number>): { topic: string; value: number } | undefined {
  let strongest: { topic: string; value: number } | undefined
  for (const topic of topics) {
    const value = feelings.get(topic) ?? 0
    if (strongest === undefined || Math.abs(value) > Math.abs(strongest.value)) strongest = { topic, value }
  }
  return strongest
}

function ago(ms: number): string {
  const hours = Math.floor(ms / HOUR)
  if (hours < 1) return 'within the hour'
  if (hours < 48) return `${hours} ${hours === 1 ? 'hour' : 'hours'} ago`
  return `${Math.floor(hours / 24)} days ago`
}
