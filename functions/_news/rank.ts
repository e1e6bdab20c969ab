import { type Candidate, undatedAgeMs } from './candidates.ts'
import type { Profile } from './profile.ts'

/** Why a story stands where it does: whole points, whose sum is the score. */
export interface Reason {
  signal: 'recency' | 'popularity' | 'topic' | 'source' | 'follow' | 'opened'
  weight: number
  label: string
}

/** How often a story was opened lately: `opens` readers, `heat` with each open half after 4 hours. */
export interface Popularity {
  opens: number
  heat: number
}

/** A story with its score. */
export interface Ranked {
  candidate: Candidate
  score: number
  reasons: Reason[]
}

const hour = 3_600_000
const recencyHours = 18

function ago(ms: number): string {
  const hours = Math.floor(ms / hour)
  if (hours < 1) return 'within the hour'
  if (hours < 48) return `${hours} ${hours === 1 ? 'hour' : 'hours'} ago`
  return `${Math.floor(hours / 24)} days ago`
}

// 1000 at once, half after `recencyHours`. What has no date counts as a day older than it can be: it never stands above the news of a day.
function recencyOf({ publishedAt, undated }: Candidate, at: number): Reason {
  const since = Math.max(0, at - publishedAt)
  const age = undated ? since + undatedAgeMs : since
  const label = undated ? `first seen ${ago(since)}, without a date` : `published ${ago(since)}`
  return { signal: 'recency', weight: 1000 / (1 + age / (recencyHours * hour)), label }
}

// Between −1 and 1, steep at the start: the first likes tell most.
function felt(value: number): number {
  return Math.tanh(value / 4)
}

function reasonsOf(candidate: Candidate, profile: Profile, popularity: Popularity | undefined, at: number): Reason[] {
  const reasons: Reason[] = [recencyOf(candidate, at)]
  if (popularity !== undefined) {
    const label = `opened by ${popularity.opens} ${popularity.opens === 1 ? 'reader' : 'readers'} today`
    reasons.push({ signal: 'popularity', weight: 150 * Math.log2(1 + popularity.heat), label })
  }
  const { topics, sources } = profile.preferences
  const followed = candidate.topics.filter((topic) => topics.follow.includes(topic))
  if (followed.length > 0) reasons.push({ signal: 'follow', weight: 600, label: `you follow ${followed.join(', ')}` })
  if (sources.follow.includes(candidate.source.id)) {
    reasons.push({ signal: 'follow', weight: 600, label: `you follow ${candidate.source.title}` })
  }
  const feelings = candidate.topics.map((topic) => ({ topic, value: profile.topics.get(topic) ?? 0 })).filter(({ value }) => value !== 0)
  const strongest = feelings.sort((a, b) => Math.abs(b.value) - Math.abs(a.value))[0]
  if (strongest !== undefined) {
    const label = strongest.value > 0 ? `you read about ${strongest.topic}` : `you hide stories about ${strongest.topic}`
    reasons.push({ signal: 'topic', weight: 500 * felt(strongest.value), label })
  }
  const source = profile.sources.get(candidate.source.id) ?? 0
  if (source !== 0) {
    const label = source > 0 ? `you read ${candidate.source.title}` : `you hide stories from ${candidate.source.title}`
    reasons.push({ signal: 'source', weight: 400 * felt(source), label })
  }
  if (profile.opened.has(candidate.id)) reasons.push({ signal: 'opened', weight: -500, label: 'you opened it already' })
  // Whole points: their sum is exact in any order.
  const rounded = reasons.map((reason) => ({ ...reason, weight: Math.round(reason.weight) || 0 }))
  return rounded.filter((reason) => reason.weight !== 0 || reason.signal === 'recency')
}

function wanted(candidate: Candidate, profile: Profile): boolean {
  const { topics, sources } = profile.preferences
  if (profile.hidden.has(candidate.id) || sources.mute.includes(candidate.source.id)) return false
  return !candidate.topics.some((topic) => topics.mute.includes(topic))
}

// Address and title: some feeds give all their items one address.
function pageOf(candidate: Candidate): string {
  return `${candidate.url}\n${candidate.title}`
}

/** Orders two ranked stories: higher score first, then newer, then by id. */
export function compareRanked(a: Ranked, b: Ranked): number {
  return b.score - a.score || b.candidate.publishedAt - a.candidate.publishedAt || (a.candidate.id < b.candidate.id ? -1 : 1)
}

/**
 * Ranks stories for a reader as of `at`, by recency, popularity, what the reader follows and what the reader read before. Muted and hidden
 * ones are left out, and those first seen later than `at`; a page that two sources carry is there once, where it stands best. The same
 * input gives the same order.
 */
export function rank(candidates: Candidate[], profile: Profile, popularity: Map<string, Popularity>, at: number): Ranked[] {
  const hidden = new Set(candidates.filter(({ id }) => profile.hidden.has(id)).map(pageOf))
  const ranked = candidates
    .filter((candidate) => candidate.firstSeen <= at && wanted(candidate, profile) && !hidden.has(pageOf(candidate)))
    .map((candidate) => {
      const reasons = reasonsOf(candidate, profile, popularity.get(candidate.id), at)
      return { candidate, reasons, score: reasons.reduce((sum, reason) => sum + reason.weight, 0) }
    })
    .sort(compareRanked)
  const shown = new Set<string>()
  return ranked.filter(({ candidate }) => {
    const page = pageOf(candidate)
    if (shown.has(page)) return false
    shown.add(page)
    return true
  })
}
