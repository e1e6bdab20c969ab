import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'

/** One result. */
export interface Hit {
  id: string
  story: string
  title: string
  url: string
  source: { id: string; title: string }
  published_at: number
  snippet: string
  /** The same with what was found marked, ready for a page. */
  snippet_html: string
}

// Marks that no text holds: they are put in place when the rest is safe.
const [OPEN, CLOSE] = ['\u0001', '\u0002']

interface Row extends Omit<Hit, 'source' | 'snippet_html'> {
  seq: number
  source: string
  source_title: string
}

/** Reads what is shown of articles, in their order, by the numbers they have. `match`: what they were found by. */
export async function hitsOf(db: NewsDatabase, match: string | undefined, places: readonly number[]): Promise<Hit[]> {
  if (places.length === 0) return []
  const these = sql`(SELECT value FROM json_each(${JSON.stringify(places)}))`
  const shown = sql`article.seq, article.id, article.story, article.title, article.url, source.id AS source, source.title AS source_title, article.published_at`
  // One way through the index for all, newest first, that ends with the last of them: to look up one by one takes as long for each.
  const { rows } = await (match === undefined
    ? sql<Row>`SELECT ${shown}, article.summary AS snippet FROM article JOIN source ON source.id = article.source WHERE article.seq IN ${these}`
    : sql<Row>`
      SELECT ${shown}, snippet(article_text, -1, ${OPEN}, ${CLOSE}, '…', 32) AS snippet
      FROM article_text CROSS JOIN article ON article.seq = article_text.rowid CROSS JOIN source ON source.id = article.source
      WHERE article_text MATCH ${match} AND article_text.rowid <= ${Math.max(...places)} AND +article_text.rowid IN ${these} ORDER BY article_text.rowid DESC LIMIT ${places.length}`).execute(db)
  const bySeq = new Map(rows.map((row) => [row.seq, row]))
  return places.flatMap((seq) => bySeq.get(seq) ?? []).map((row) => ({
    id: row.id, story: row.story, title: row.title, url: row.url, source: { id: row.source, title: row.source_title }, published_at: row.published_at,
    snippet: row.snippet.replaceAll(/[\u0001\u0002]/g, ''),
    snippet_html: escaped(row.snippet).replaceAll(OPEN, '<mark>').replaceAll(CLOSE, '</mark>'),
  }))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
