import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { readLimit } from './_news/cursor.ts'
import { editionFor, type EditionStory } from './_news/ranking/edition.ts'
import { readPlace, writePlace } from './_news/ranking/place.ts'
import { knownReader, newReader } from './_news/reader.ts'

export const config = {
  routes: ['GET /edition', 'OPTIONS /edition'],
  memory: 128,
  env: ['DB', 'CACHE', 'ASSETS', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

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
  const place = readPlace(c.req.query('cursor'), Date.now())
  const named = await knownReader(c)
  const reader = named ?? (await newReader(c))
  const { at, stories, next, notice } = await editionFor(c.env, { reader, known: named !== undefined, limit, place, later: (work) => c.executionCtx.waitUntil(work) })
  return c.json({
    reader, generated_at: new Date(at).toISOString(), stories: stories.map(storyOf), next: next === undefined ? null : writePlace(next),
    ...(notice === undefined ? {} : { notice }),
  })
})

export default app
