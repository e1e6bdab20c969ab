import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { readCursor, readLimit, writeCursor } from './_news/cursor.ts'
import { fromBase64Url, toBase64Url } from './_news/identity.ts'
import { badRequest } from './_news/problems.ts'
import { editionFor, type EditionStory, type Place } from './_news/ranking/edition.ts'
import { identifyReader } from './_news/reader.ts'

export const config = {
  routes: ['GET /edition', 'OPTIONS /edition'],
  memory: 128,
  env: ['DB', 'CACHE', 'ASSETS', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

function placeOf(cursor: string | undefined, now: number): Place | undefined {
  if (cursor === undefined) return undefined
  const [at, marks] = readCursor(cursor, ['number', 'string']) as [number, string]
  if (at > now) throw badRequest('cursor: it is of a time to come; expected the "next" of an earlier answer, unchanged')
  try {
    return { at, shown: new Set(new Uint32Array(fromBase64Url(marks).slice().buffer)) }
  } catch {
    throw badRequest('cursor: expected the "next" of an earlier answer, unchanged')
  }
}

function cursorOf({ at, shown }: Place): string {
  return writeCursor([at, toBase64Url(new Uint8Array(Uint32Array.from(shown).buffer))])
}

function storyOf({ candidate, score, reasons, exploration }: EditionStory): object {
  return {
    id: candidate.id,
    title: candidate.title,
    url: candidate.url,
    source: candidate.source,
    published_at: new Date(candidate.publishedAt).toISOString(),
    summary: candidate.summary,
    articles: candidate.articles,
    ...(candidate.image === null ? {} : { image: candidate.image }),
    score,
    reasons,
    ...(exploration === undefined ? {} : { exploration }),
  }
}

const app = newsApp()

app.get('/edition', async (c) => {
  const limit = readLimit(c.req.query('limit'))
  const place = placeOf(c.req.query('cursor'), Date.now())
  const reader = await identifyReader(c)
  const { at, stories, next, notice } = await editionFor(c.env, { reader, limit, place, later: (work) => c.executionCtx.waitUntil(work) })
  return c.json({
    reader, generated_at: new Date(at).toISOString(), stories: stories.map(storyOf), next: next === undefined ? null : cursorOf(next),
    ...(notice === undefined ? {} : { notice }),
  })
})

export default app
