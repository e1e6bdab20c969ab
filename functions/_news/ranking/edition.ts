import { loadCandidates, type Candidate } from '../candidates.ts'
import { batch, openDatabase, type NewsDatabase } from '../database.ts'
import type { NewsEnv } from '../env.ts'
import { allMuted, emptyNotice } from '../notice.ts'
import { countersOf, slotsUntil } from '../popularity.ts'
import { reason } from '../problems.ts'
import { profileOf, readPreferences, type Profile } from '../profile.ts'
import { rank, type Ranked } from '../rank.ts'
import { eventsOf, preferencesOf } from '../reader-data.ts'
import { contentVersion, readSetting } from '../settings.ts'
import { coReading, coReadOf } from './coreading.ts'
import { diversify } from './diversify.ts'
import { explore } from './explore.ts'
import type { Knowledge } from './reasons.ts'
import { countShowings } from './showings.ts'
import { centroid, termsOf, vectorOf, wordOdds } from './words.ts'

/** Where a page ended: the moment the edition is ranked as of, and marks of what was shown. */
export interface Place {
  at: number
  shown: ReadonlySet<number>
}

/** A story of an edition; `exploration` where it is there to be tried. */
export interface EditionStory extends Ranked {
  exploration?: { propensity: number }
}

/** One page of an edition. */
export interface EditionPage {
  at: number
  stories: EditionStory[]
  /** Where the next page begins; undefined at the end. */
  next: Place | undefined
  /** Why there is no story at all. */
  notice?: string
}

/** What an edition is made for. */
export interface EditionWish {
  reader: string
  limit: number
  /** Of the page before. */
  place?: Place | undefined
  /** Takes what is left to do after the answer. */
  later(work: Promise<unknown>): void
}

/** Words are judged by what readers did once stories were shown this often. */
const ENOUGH_VIEWS = 1000
const HOUR = 3_600_000

/**
 * Makes a page of a reader's edition: ranked, put in order so that stories differ, on the first page with one story to be tried, and
 * counted as shown. Later pages are of the same moment, and show no story again.
 */
export async function editionFor(env: NewsEnv, { reader, limit, place, later }: EditionWish): Promise<EditionPage> {
  const now = Date.now()
  let at = place?.at ?? now
  const db = openDatabase(env.DB)
  const [version, preferences, events, slots, coReads] = await batch(env.DB, [
    db.selectFrom('setting').select('value').where('name', '=', contentVersion).compile(),
    preferencesOf(db, reader),
    eventsOf(db, reader),
    slotsUntil(db, at),
    coReadOf(db, reader, at),
  ])
  let known = version[0]?.value
  const first = known === undefined
  if (first) {
    await fillWithSamples(env, db)
    known = await readSetting(db, contentVersion)
  }
  const { list, rare } = await loadCandidates(env, db, known ?? '0', later)
  // The first stories of all came while this request was under way, and are not of the moment it began.
  if (place === undefined && (first || list.every(({ firstSeen }) => firstSeen > at))) at = Date.now()
  const profile = profileOf(readPreferences(preferences[0]?.preferences), events, at)
  const counters = countersOf(slots, at)
  const prior = { clicks: 0, views: 0 }
  for (const { allClicks, allViews } of counters.values()) {
    prior.clicks += allClicks
    prior.views += allViews
  }
  const tastes = profile.titles.map(({ title, weight }) => ({ vector: vectorOf(termsOf(title), rare), weight }))
  const knowledge: Knowledge = {
    at, profile, counters, prior,
    coreading: coReading(coReads),
    liked: centroid(tastes.filter(({ weight }) => weight > 0)),
    skipped: centroid(tastes.flatMap(({ vector, weight }) => (weight < 0 ? [{ vector, weight: -weight }] : []))),
    wordOdds: prior.views < ENOUGH_VIEWS ? () => 0 : oddsOf(list, counters),
  }
  const ranked = diversify(rank(list, knowledge), follows(profile))
  const rest = place === undefined ? ranked : ranked.filter(({ candidate }) => !place.shown.has(markOf(candidate.id)))
  const page: EditionStory[] = rest.slice(0, limit)
  const tried = place === undefined ? explore(ranked, counters, markOf(`${reader} ${Math.floor(at / HOUR)}`)) : undefined
  if (tried !== undefined && page.length > tried.place) {
    const { story, propensity } = tried
    const others = page.filter(({ candidate }) => candidate.id !== story.candidate.id)
    page.splice(0, page.length, ...others.toSpliced(tried.place, 0, { ...story, exploration: { propensity } }).slice(0, limit))
    later(noteExploration(db, reader, story.candidate.id, at, propensity))
  }
  if (page.length > 0) later(countShowings(env.DB, page.map(({ candidate }) => candidate.id), now).catch((error: unknown) => console.warn(`edition: showings are not counted: ${reason(error)}`)))
  const shown = new Set([...(place?.shown ?? []), ...page.map(({ candidate }) => markOf(candidate.id))])
  const more = rest.some(({ candidate }) => !shown.has(markOf(candidate.id)))
  const notice = place !== undefined || ranked.length > 0 ? undefined : list.length > 0 ? allMuted : await emptyNotice(db)
  return { at, stories: page, next: more ? { at, shown } : undefined, ...(notice === undefined ? {} : { notice }) }
}

/** 32 bits of an id (FNV-1a): so short that a cursor can hold many. */
export function markOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function oddsOf(list: readonly Candidate[], counters: Knowledge['counters']): Knowledge['wordOdds'] {
  return wordOdds(list.flatMap(({ id, terms }) => {
    const known = counters.get(id)
    return known === undefined ? [] : [{ terms, clicks: known.allClicks, skips: Math.max(0, known.allViews - known.allClicks) }]
  }))
}

function follows({ preferences }: Profile): (source: string) => boolean {
  return (source) => preferences.sources.follow.includes(source)
}

async function noteExploration(db: NewsDatabase, reader: string, story: string, at: number, propensity: number): Promise<void> {
  await db.insertInto('exploration').values({ reader, story, at, propensity }).onConflict((conflict) => conflict.doNothing()).execute()
    .catch((error: unknown) => console.warn(`edition: what was tried is not noted: ${reason(error)}`))
}

// Nothing was ever ingested: the samples need no network. Their parser is loaded only then: it takes longer than all the rest.
async function fillWithSamples(env: NewsEnv, db: NewsDatabase): Promise<void> {
  const { addSamples } = await import('../samples.ts')
  await addSamples(env, db).catch((error: unknown) => console.error(`edition: there are no samples: ${reason(error)}`))
}
