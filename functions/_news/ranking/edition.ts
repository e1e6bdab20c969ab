import { loadPool, withDetails } from '../candidates.ts'
import { batch, openDatabase, type NewsDatabase } from '../database.ts'
import type { NewsEnv } from '../env.ts'
import { allMuted, emptyNotice } from '../notice.ts'
import { reason } from '../problems.ts'
import { profileOf, readPreferences, type Profile } from '../profile.ts'
import { rank, type Ranked } from '../rank.ts'
import { eventsOf, preferencesOf } from '../reader-data.ts'
import { contentVersion, readSetting } from '../settings.ts'
import { toldUnmuted } from '../stories/teller.ts'
import { followingOwn, ownCandidates, ownSources, ownStories } from '../subscriptions/own-stories.ts'
import { coReading, coReadOf } from './coreading.ts'
import { countersNow, loadCrowd, noteOpened, openedLately, openedSince, type Crowd } from './crowd.ts'
import { diversify } from './diversify.ts'
import { hourOf, noteExploration, triedInHour } from './explorations.ts'
import { explore } from './explore.ts'
import { isNewcomer, topicsOfAll } from './newcomer.ts'
import { likenessAt, likenessOf, likingOf } from './liking.ts'
import { candidateAt, type Pool } from './pool.ts'
import type { Knowledge } from './reasons.ts'
import { oddsAt, oddsOf, shortlist, standingOf, type Standing } from './shortlist.ts'
import { countShowings } from './showings.ts'
import { noteVisit, readVisits, visitsOf } from './visit-notes.ts'
import { passedBy } from './visits.ts'

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
  /** Of whom it is. */
  profile: Profile
  /** Where the next page begins; undefined at the end. */
  next: Place | undefined
  /** Why there is no story at all. */
  notice?: string
}

/** What an edition is made for. */
export interface EditionWish {
  reader: string
  /** The reader comes again with a name: what is shown and tried is noted. */
  known: boolean
  limit: number
  /** Of the page before. */
  place?: Place | undefined
  /** Takes what is left to do after the answer. */
  later(work: Promise<unknown>): void
}

/** So many of the best are ranked with all their reasons, and so deep an edition is at most. */
const RANKED = 250
const DEEPEST = 1000
/** Of what was opened a moment ago, so much is ranked whatever it was worth before. */
const RISING = 100

/**
 * Makes a page of a reader's edition: ranked, put in order so that stories differ, on the first page with one story to be tried, and
 * counted as shown. Later pages are of the same moment, and show no story again.
 */
export async function editionFor(env: NewsEnv, { reader, known: named, limit, place, later }: EditionWish): Promise<EditionPage> {
  const now = Date.now()
  let at = place?.at ?? now
  const db = openDatabase(env.DB)
  const crowd = await loadCrowd(env.DB, db, now, later)
  const [version, preferences, events, opened, coReads, own, stories, triedBefore, visitRows] = await batch(env.DB, [
    db.selectFrom('setting').select('value').where('name', '=', contentVersion).compile(),
    preferencesOf(db, reader),
    eventsOf(db, reader),
    openedSince(db, crowd),
    coReadOf(db, reader, at),
    ownSources(db, reader),
    ownStories(db, reader),
    triedInHour(db, reader, at),
    visitsOf(db, reader),
  ])
  noteOpened(crowd, opened, now)
  let known = version[0]?.value
  const first = known === undefined
  if (first) {
    await fillWithSamples(env, db)
    known = await readSetting(db, contentVersion)
  }
  const pool = await loadPool(env, db, known ?? '0', later)
  // The first stories of all came while this request was under way, and are not of the moment it began.
  if (place === undefined && (first || pool.list.every(({ firstSeen }) => firstSeen > at))) at = Date.now()
  const asked = followingOwn(profileOf(readPreferences(preferences[0]?.preferences), events, at), own.map(({ source }) => source))
  const newcomer = isNewcomer(asked)
  const profile: Profile = newcomer ? { ...asked, topics: likedByAll(pool, crowd, now), ofAll: true } : asked
  const liking = likingOf(pool, profile.titles)
  const coreading = coReading(coReads, (story) => crowd.counters.get(story)?.allClicks ?? 0)
  const visits = readVisits(visitRows[0])
  const passed = passedBy(visits, at)
  const standing = standingNow(pool, crowd, now)
  const rising = openedLately(crowd, standing.at).slice(0, RISING)
  const placesOf = (stories: Iterable<string>) => [...stories].flatMap((story) => pool.places.get(story) ?? [])
  // The same page may stand elsewhere.
  const gone = placesOf([...profile.hidden, ...profile.opened]).map((one) => pool.list[one]!)
  const count = Math.min(DEEPEST, RANKED + (place?.shown.size ?? 0))
  const places = new Set([...(pool.list.length <= count ? pool.list.keys() : shortlist(pool, standing, { profile, liking, coreading, passed, at }, count)), ...placesOf(rising)])
  const { mute } = profile.preferences.sources
  const oddsOfTerms = (terms: readonly string[]) => terms.reduce((sum, term) => sum + (standing.odds[pool.termNumbers.get(term) ?? -1] ?? 0), 0) / Math.max(1, terms.length)
  const candidates = [
    ...[...places].flatMap((one) => toldUnmuted(candidateAt(pool, one, { text: likenessAt(pool, one, liking), words: oddsAt(pool, one, standing.odds) }), mute) ?? []),
    ...ownCandidates(pool, stories, at, (terms) => ({ text: likenessOf(pool, terms, liking), words: oddsOfTerms(terms) })),
  ]
  const knowledge: Knowledge = {
    at, profile, coreading, passed,
    counters: countersNow(crowd, candidates.map(({ id }) => id), at),
    prior: crowd.prior,
  }
  const ranked = diversify(rank(candidates, knowledge, gone), follows(profile), newcomer).slice(0, DEEPEST)
  const rest = place === undefined ? ranked : ranked.filter(({ candidate }) => !place.shown.has(markOf(candidate.id)))
  const chosen: EditionStory[] = rest.slice(0, limit)
  const tried = place === undefined ? explore(ranked, {
    counters: knowledge.counters, seed: markOf(`${reader} ${hourOf(at)}`), follows: follows(profile), passed: (story) => passed.has(story), before: triedBefore,
  }) : undefined
  if (tried !== undefined && chosen.length > tried.place) {
    const { story, propensity } = tried
    const others = chosen.filter(({ candidate }) => candidate.id !== story.candidate.id)
    chosen.splice(0, chosen.length, ...others.toSpliced(tried.place, 0, { ...story, exploration: { propensity } }).slice(0, limit))
    if (named && !triedBefore.some((one) => one.story === story.candidate.id)) later(noteExploration(db, reader, story.candidate.id, at, propensity))
  }
  const shown = new Set([...(place?.shown ?? []), ...chosen.map(({ candidate }) => markOf(candidate.id))])
  const more = rest.some(({ candidate }) => !shown.has(markOf(candidate.id)))
  const page = await withDetails(db, chosen)
  if (page.length > 0) later(noteShowings(env.DB, page, now))
  if (page.length > 0 && named) later(noteVisit(db, reader, visits, page.map(({ candidate }) => candidate.id), at))
  const notice = place !== undefined || ranked.length > 0 ? undefined : pool.list.length > 0 ? allMuted : await emptyNotice(db)
  return { at, stories: page, profile, next: more ? { at, shown } : undefined, ...(notice === undefined ? {} : { notice }) }
}

/** What stories are worth to anybody changes little in a moment; what was opened since is ranked in any case. */
const STANDING_MS = 5_000
/** What words and topics are worth to all changes less. */
const LIKED_MS = 60_000

/** What one pool's stories are worth to all, and when it was found out. */
interface Held {
  standing?: Standing
  oddsAt: number
  topics?: Map<string, number>
  topicsAt: number
}

const heldOf = new WeakMap<Pool, Held>()

function heldFor(pool: Pool): Held {
  const held = heldOf.get(pool) ?? { oddsAt: 0, topicsAt: 0 }
  heldOf.set(pool, held)
  return held
}

function standingNow(pool: Pool, { counters, prior }: Crowd, now: number): Standing {
  const held = heldFor(pool)
  if (held.standing !== undefined && now - held.standing.at < STANDING_MS) return held.standing
  let odds = held.standing?.odds
  if (odds === undefined || now - held.oddsAt > LIKED_MS) [odds, held.oddsAt] = [oddsOf(pool, counters, prior), now]
  return (held.standing = standingOf(pool, counters, prior, odds, now))
}

function likedByAll(pool: Pool, { counters }: Crowd, now: number): Map<string, number> {
  const held = heldFor(pool)
  if (held.topics === undefined || now - held.topicsAt > LIKED_MS) [held.topics, held.topicsAt] = [topicsOfAll(pool, counters), now]
  return held.topics
}

async function noteShowings(d1: D1Database, stories: readonly EditionStory[], now: number): Promise<void> {
  await countShowings(d1, stories.map(({ candidate }) => candidate.id), now)
    .catch((error: unknown) => console.warn(`edition: showings are not counted: ${reason(error)}`))
}

/** 32 bits of an id (FNV-1a): so short that a cursor can hold many. */
export function markOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function follows({ preferences }: Profile): (source: string) => boolean {
  return (source) => preferences.sources.follow.includes(source)
}

// Nothing was ever ingested: the samples need no network. Their parser is loaded only then: it takes longer than all the rest.
async function fillWithSamples(env: NewsEnv, db: NewsDatabase): Promise<void> {
  const { addSamples } = await import('../samples.ts')
  await addSamples(env, db).catch((error: unknown) => console.error(`edition: there are no samples: ${reason(error)}`))
}
