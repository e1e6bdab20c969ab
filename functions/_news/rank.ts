import type { Profile } from './profile.ts'
import type { Candidate } from './ranking/pool.ts'
import { reasonsOf, type Knowledge, type Reason } from './ranking/reasons.ts'

/** A story with its score. */
export interface Ranked {
  candidate: Candidate
  score: number
  reasons: Reason[]
}

function wanted(candidate: Candidate, profile: Profile): boolean {
  const { topics, sources } = profile.preferences
  if (profile.hidden.has(candidate.id) || profile.opened.has(candidate.id) || sources.mute.includes(candidate.source.id)) return false
  return !candidate.topics.some((topic) => topics.mute.includes(topic))
}

// Address and title: some feeds give all their items one address.
type Page = Pick<Candidate, 'url' | 'title'>

function pageOf({ url, title }: Page): string {
  return `${url}\n${title}`
}

/** Orders two ranked stories: higher score first, then newer, then by id. */
export function compareRanked(a: Ranked, b: Ranked): number {
  return b.score - a.score || b.candidate.publishedAt - a.candidate.publishedAt || (a.candidate.id < b.candidate.id ? -1 : 1)
}

/**
 * Ranks stories for a reader by the sum of their reasons, as of one moment. Muted, hidden and opened ones are left out, and those first
 * seen later; a page that two sources carry is there once, where it stands best. The same input gives the same order.
 * @param alsoGone pages that the reader opened or hid and that are not among the candidates
 */
export function rank(candidates: readonly Candidate[], known: Knowledge, alsoGone: readonly Page[] = []): Ranked[] {
  const { profile, at } = known
  const gone = new Set([...alsoGone, ...candidates.filter(({ id }) => profile.hidden.has(id) || profile.opened.has(id))].map(pageOf))
  const ranked = candidates
    .filter((candidate) => candidate.firstSeen <= at && wanted(candidate, profile) && !gone.has(pageOf(candidate)))
    .map((candidate) => {
      const reasons = reasonsOf(candidate, known)
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
