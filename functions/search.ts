import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { readCursor, readLimit, writeCursor } from './_news/cursor.ts'
import { batch, openDatabase } from './_news/database.ts'
import { badRequest } from './_news/problems.ts'
import { readPreferences } from './_news/profile.ts'
import { knownReader } from './_news/reader.ts'
import { preferencesOf } from './_news/reader-data.ts'
import { findArticles } from './_news/search/find.ts'

export const config = {
  routes: ['GET /search', 'OPTIONS /search'],
  memory: 128,
  env: ['DB', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

/** Where a page ended. The first page was of the moment `at`, and `ceiling` was the newest article: later ones do not push the next page down. */
interface Place {
  at: number
  ceiling: number
  offset: number
}

const maxOffset = 10_000

function placeOf(cursor: string): Place {
  const [at, ceiling, offset] = readCursor(cursor, ['number', 'number', 'number']) as [number, number, number]
  const whole = [at, ceiling, offset].every((value) => Number.isSafeInteger(value) && value >= 0)
  if (!whole || at > Date.now() || offset > maxOffset) {
    throw badRequest('cursor: expected the "next" of an earlier answer, unchanged')
  }
  return { at, ceiling, offset }
}

const app = newsApp()

app.get('/search', async (c) => {
  const query = c.req.query('q')?.trim() ?? ''
  if (query === '') throw badRequest('q: expected what to search for, as in /search?q=moon')
  if (query.length > 500) throw badRequest('q: expected at most 500 characters')
  const limit = readLimit(c.req.query('limit'))
  const cursor = c.req.query('cursor')
  const place = cursor === undefined ? undefined : placeOf(cursor)
  const reader = await knownReader(c)
  const db = openDatabase(c.env.DB)
  const [rows] = reader === undefined ? [[]] : await batch(c.env.DB, [preferencesOf(db, reader)])
  const asked = place ?? { at: Date.now(), offset: 0 }
  const { hits, more, ceiling, corrected } = await findArticles(db, { ...asked, query, limit, reader, preferences: readPreferences(rows[0]?.preferences) })
  const offset = asked.offset + limit
  return c.json({
    query,
    ...(corrected === undefined ? {} : { corrected }),
    results: hits.map((hit) => ({ ...hit, published_at: new Date(hit.published_at).toISOString() })),
    next: more && offset <= maxOffset ? writeCursor([asked.at, ceiling, offset]) : null,
  })
})

export default app
