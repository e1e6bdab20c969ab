import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { loadCandidates } from './_news/candidates.ts'
import { readCursor, readLimit, writeCursor } from './_news/cursor.ts'
import { batch, openDatabase, type NewsDatabase } from './_news/database.ts'
import type { NewsEnv } from './_news/env.ts'
import { allMuted, emptyNotice } from './_news/notice.ts'
import { openingsUntil, popularityOf } from './_news/popularity.ts'
import { badRequest, reason } from './_news/problems.ts'
import { profileOf, readPreferences } from './_news/profile.ts'
import { rank, type Ranked } from './_news/rank.ts'
import { identifyReader } from './_news/reader.ts'
import { eventsOf, preferencesOf } from './_news/reader-data.ts'
import { contentVersion, readSetting } from './_news/settings.ts'

export const config = {
  routes: ['GET /edition', 'OPTIONS /edition'],
  memory: 128,
  env: ['DB', 'CACHE', 'ASSETS', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

/** Where a page ended: the moment the edition is ranked as of, and the last story shown. */
interface Place {
  at: number
  score: number
  publishedAt: number
  id: string
}

function placeOf(cursor: string | undefined, now: number): Place | undefined {
  if (cursor === undefined) return undefined
  const [at, score, publishedAt, id] = readCursor(cursor, ['number', 'number', 'number', 'string']) as [number, number, number, string]
  if (at > now) throw badRequest('cursor: it is of a time to come; expected the "next" of an earlier answer, unchanged')
  return { at, score, publishedAt, id }
}

function isAfter({ score, candidate }: Ranked, place: Place): boolean {
  if (score !== place.score) return score < place.score
  if (candidate.publishedAt !== place.publishedAt) return candidate.publishedAt < place.publishedAt
  return candidate.id > place.id
}

function storyOf({ candidate, score, reasons }: Ranked): object {
  return {
    id: candidate.id,
    title: candidate.title,
    url: candidate.url,
    source: candidate.source,
    published_at: new Date(candidate.publishedAt).toISOString(),
    summary: candidate.summary,
    ...(candidate.image === null ? {} : { image: candidate.image }),
    score,
    reasons,
  }
}

// Nothing was ever ingested: the samples need no network. Their parser is loaded only then: it takes longer than all the rest.
async function fillWithSamples(env: NewsEnv, db: NewsDatabase): Promise<void> {
  const { addSamples } = await import('./_news/samples.ts')
  await addSamples(env, db).catch((error: unknown) => console.error(`edition: there are no samples: ${reason(error)}`))
}

const app = newsApp()

app.get('/edition', async (c) => {
  const limit = readLimit(c.req.query('limit'))
  const now = Date.now()
  const place = placeOf(c.req.query('cursor'), now)
  const reader = await identifyReader(c)
  let at = place?.at ?? now
  const db = openDatabase(c.env.DB)
  const [version, preferences, events, openings] = await batch(c.env.DB, [
    db.selectFrom('setting').select('value').where('name', '=', contentVersion).compile(),
    preferencesOf(db, reader),
    eventsOf(db, reader),
    openingsUntil(db, at),
  ])
  const later = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
  let known = version[0]?.value
  const first = known === undefined
  if (first) {
    await fillWithSamples(c.env, db)
    known = await readSetting(db, contentVersion)
  }
  const candidates = await loadCandidates(c.env, db, known ?? '0', later)
  // The first stories of all came while this request was under way, and are not of the moment it began.
  if (place === undefined && (first || candidates.every(({ firstSeen }) => firstSeen > at))) at = Date.now()
  const profile = profileOf(readPreferences(preferences[0]?.preferences), events, at)
  const ranked = rank(candidates, profile, popularityOf(openings, at), at)
  const rest = place === undefined ? ranked : ranked.filter((story) => isAfter(story, place))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const more = last !== undefined && rest.length > limit
  const next = more ? writeCursor([at, last.score, last.candidate.publishedAt, last.candidate.id]) : null
  const notice = place !== undefined || ranked.length > 0 ? undefined : candidates.length > 0 ? allMuted : await emptyNotice(db)
  return c.json({ reader, generated_at: new Date(at).toISOString(), stories: page.map(storyOf), next, ...(notice === undefined ? {} : { notice }) })
})

export default app
