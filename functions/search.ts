import { sql } from 'kysely'
import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { readCursor, readLimit, writeCursor } from './_news/cursor.ts'
import { openDatabase, type NewsDatabase } from './_news/database.ts'
import { badRequest } from './_news/problems.ts'
import { matchExpression } from './_news/match.ts'

export const config = {
  routes: ['GET /search', 'OPTIONS /search'],
  memory: 128,
  env: ['DB', 'CORS_ORIGINS'],
} satisfies FunctionConfig

interface Hit {
  id: string
  seq: number
  title: string
  url: string
  source: string
  source_title: string
  published_at: number
  snippet: string
}

/** Where a page ended. `ceiling` is the newest article of the first page: later ones do not push the next page down. */
interface Place {
  ceiling: number
  offset: number
}

const maxOffset = 10_000

function placeOf(cursor: string): Place {
  const [ceiling, offset] = readCursor(cursor, ['number', 'number']) as [number, number]
  if (!Number.isSafeInteger(ceiling) || !Number.isInteger(offset) || offset < 0 || offset > maxOffset) {
    throw badRequest('cursor: expected the "next" of an earlier answer, unchanged')
  }
  return { ceiling, offset }
}

async function newestArticle(db: NewsDatabase): Promise<number> {
  const newest = await db.selectFrom('article').select(({ fn }) => fn.max('seq').as('seq')).executeTakeFirst()
  return newest?.seq ?? 0
}

const app = newsApp()

app.get('/search', async (c) => {
  const query = c.req.query('q')?.trim() ?? ''
  if (query === '') throw badRequest('q: expected what to search for, as in /search?q=moon')
  if (query.length > 500) throw badRequest('q: expected at most 500 characters')
  const limit = readLimit(c.req.query('limit'))
  const cursor = c.req.query('cursor')
  const place = cursor === undefined ? undefined : placeOf(cursor)
  const match = matchExpression(query)
  if (match === undefined) return c.json({ query, results: [], next: null })
  const db = openDatabase(c.env.DB)
  const { ceiling, offset } = place ?? { ceiling: await newestArticle(db), offset: 0 }
  const { rows } = await sql<Hit>`
    SELECT article.id, article.seq, article.title, article.url, source.id AS source, source.title AS source_title, published_at,
      snippet(article_text, -1, '', '', '…', 32) AS snippet
    FROM article_text JOIN article ON article.seq = article_text.rowid JOIN source ON source.id = article.source
    WHERE article_text MATCH ${match} AND article_text.rowid <= ${ceiling} AND source.active = 1
    ORDER BY bm25(article_text, 4.0, 1.0), published_at DESC, article.seq LIMIT ${limit + 1} OFFSET ${offset}`.execute(db)
  const results = rows.slice(0, limit).map((row) => ({
    id: row.id,
    title: row.title,
    url: row.url,
    source: { id: row.source, title: row.source_title },
    published_at: new Date(row.published_at).toISOString(),
    snippet: row.snippet,
  }))
  const more = rows.length > limit && offset + limit <= maxOffset
  return c.json({ query, results, next: more ? writeCursor([ceiling, offset + limit]) : null })
})

export default app
