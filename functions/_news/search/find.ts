import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { noPreferences, type Preferences } from '../profile.ts'
import { visibleTo } from '../subscriptions/subscription.ts'
import { parseQuery, type ParsedQuery } from './parse.ts'
import { respelt } from './respell.ts'

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

/** What is looked for. */
export interface Search {
  query: string
  limit: number
  offset: number
  /** Newest article that is looked at, by its number: later ones do not push the next page down. */
  ceiling: number
  /** What the reader follows counts a third more; what is muted does not come. */
  preferences?: Preferences
  /** Whose own sources are looked through as well. */
  reader?: string | undefined
}

/** Results, and what they were found by where nothing was spelt as it was asked for. */
export interface Found {
  hits: Hit[]
  more: boolean
  corrected?: string
}

// Marks that no text holds: they are put in place when the rest is safe.
const [OPEN, CLOSE] = ['\u0001', '\u0002']

/** Finds articles by words of title and summary, titles counting four times; of equal ones the newest first. */
export async function findArticles(db: NewsDatabase, search: Search): Promise<Found> {
  const parsed = parseQuery(search.query)
  const first = await run(db, parsed, search)
  if (first.hits.length > 0 || search.offset > 0 || parsed.match === undefined) return first
  const corrected = await respelt(db, search.query, parsed.words)
  if (corrected === undefined) return first
  const second = await run(db, parseQuery(corrected), search)
  return second.hits.length === 0 ? first : { ...second, corrected }
}

/** Common words are looked for among so many of the newest articles, if these have so many results; rare ones among all. */
const NEWEST = 10_000
const ENOUGH = 1_000

async function run(db: NewsDatabase, parsed: ParsedQuery, search: Search): Promise<Found> {
  const { rows: [newest] } = await sql<{ seq: number | null }>`SELECT max(seq) AS seq FROM article`.execute(db)
  const top = Math.min(search.ceiling, newest?.seq ?? 0)
  const { match } = parsed
  // The same for every page: a page's cursor keeps the ceiling.
  const common = match !== undefined && top > NEWEST && (await sql`
    SELECT 1 FROM article_text WHERE article_text MATCH ${match} AND rowid > ${top - NEWEST} AND rowid <= ${top} LIMIT ${ENOUGH}`.execute(db)).rows.length === ENOUGH
  return among(db, parsed, search, common ? top - NEWEST : 0, top)
}

async function among(db: NewsDatabase, parsed: ParsedQuery, { limit, offset, reader, preferences = noPreferences() }: Search, floor: number, ceiling: number): Promise<Found> {
  const { match, source, topic, before = Number.MAX_SAFE_INTEGER, after = Number.MIN_SAFE_INTEGER } = parsed
  if (match === undefined && source === undefined && topic === undefined && parsed.before === undefined && parsed.after === undefined) return { hits: [], more: false }
  const list = (values: readonly string[]) => JSON.stringify(values)
  const { topics, sources } = preferences
  const rows = await sql<{ id: string; story: string; title: string; url: string; source: string; source_title: string; published_at: number; snippet: string }>`
    SELECT article.id, article.story, article.title, article.url, source.id AS source, source.title AS source_title, article.published_at,
      ${match === undefined ? sql`article.summary` : sql`snippet(article_text, -1, ${OPEN}, ${CLOSE}, '…', 32)`} AS snippet
    FROM ${match === undefined ? sql`article` : sql`article_text JOIN article ON article.seq = article_text.rowid`} JOIN source ON source.id = article.source
    WHERE ${match === undefined ? sql`article.seq > ${floor} AND article.seq <= ${ceiling}` : sql`article_text MATCH ${match} AND article_text.rowid > ${floor} AND article_text.rowid <= ${ceiling}`}
      AND ${visibleTo(reader)}
      AND article.published_at < ${before} AND article.published_at >= ${after}
      AND (${source ?? null} IS NULL OR source.id = ${source ?? null} OR instr(lower(source.title), ${source ?? null}) > 0)
      AND (${topic ?? null} IS NULL OR EXISTS (SELECT 1 FROM json_each(article.topics) WHERE value = ${topic ?? null}))
      AND source.id NOT IN (SELECT value FROM json_each(${list(sources.mute)}))
      AND NOT EXISTS (SELECT 1 FROM json_each(article.topics) WHERE value IN (SELECT value FROM json_each(${list(topics.mute)})))
    ORDER BY ${match === undefined ? sql`NULL` : sql`round(bm25(article_text, 4.0, 1.0) * iif(source.id IN (SELECT value FROM json_each(${list(sources.follow)})), 1.3, 1), 1)`},
      article.published_at DESC, article.seq
    LIMIT ${limit + 1} OFFSET ${offset}`.execute(db)
  return {
    more: rows.rows.length > limit,
    hits: rows.rows.slice(0, limit).map((row) => ({
      id: row.id, story: row.story, title: row.title, url: row.url, source: { id: row.source, title: row.source_title }, published_at: row.published_at,
      snippet: row.snippet.replaceAll(/[\u0001\u0002]/g, ''),
      snippet_html: escaped(row.snippet).replaceAll(OPEN, '<mark>').replaceAll(CLOSE, '</mark>'),
    })),
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
