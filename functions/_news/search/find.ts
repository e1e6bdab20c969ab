import { sql, type RawBuilder } from 'kysely'
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

/** Finds articles by words of title and summary, titles counting more; of equal ones the newest first. Of common words the newest six hundred articles are looked at. */
export async function findArticles(db: NewsDatabase, search: Search): Promise<Found> {
  const parsed = parseQuery(search.query)
  const first = await run(db, parsed, search)
  if (first.hits.length > 0 || search.offset > 0 || parsed.match === undefined) return first
  const corrected = await respelt(db, search.query, parsed.words)
  if (corrected === undefined) return first
  const second = await run(db, parseQuery(corrected), search)
  return second.hits.length === 0 ? first : { ...second, corrected }
}

/** Words that so many of so many of the newest articles have are common: then the newest of those that have them are ranked, and so many of them. */
const NEWEST = 10_000
const ENOUGH = 150
const OF_COMMON = 300
/** What a word in the title counts more than one in the summary, and a source that the reader follows more than another. */
const IN_TITLE = 4
const FOLLOWED = 1.3

async function run(db: NewsDatabase, parsed: ParsedQuery, search: Search): Promise<Found> {
  const { match } = parsed
  const { limit, offset } = search
  if (match === undefined && parsed.source === undefined && parsed.topic === undefined && parsed.before === undefined && parsed.after === undefined) return { hits: [], more: false }
  const { rows: [newest] } = await sql<{ seq: number | null }>`SELECT max(seq) AS seq FROM article`.execute(db)
  // The same for every page: a page's cursor keeps the ceiling.
  const top = Math.min(search.ceiling, newest?.seq ?? 0)
  const common = match !== undefined && (await sql`
    SELECT 1 FROM article_text WHERE article_text MATCH ${match} AND rowid > ${top - NEWEST} AND rowid <= ${top} LIMIT ${ENOUGH}`.execute(db)).rows.length === ENOUGH
  const places = common ? (await ofCommon(db, parsed, search, match, top)).slice(offset, offset + limit + 1) : await ofRare(db, parsed, search, top)
  return { more: places.length > limit, hits: await hitsOf(db, match, places.slice(0, limit)) }
}

/** What an article must be beside having the words. */
function wanted({ source, topic, before = Number.MAX_SAFE_INTEGER, after = Number.MIN_SAFE_INTEGER }: ParsedQuery, { reader, preferences = noPreferences() }: Search): RawBuilder<unknown> {
  const { topics, sources } = preferences
  const list = (values: readonly string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`
  const conditions = [
    visibleTo(reader),
    sql`article.published_at < ${before} AND article.published_at >= ${after}`,
    ...(source === undefined ? [] : [sql`(source.id = ${source} OR instr(lower(source.title), ${source}) > 0)`]),
    ...(topic === undefined ? [] : [sql`EXISTS (SELECT 1 FROM json_each(article.topics) WHERE value = ${topic})`]),
    ...(sources.mute.length === 0 ? [] : [sql`source.id NOT IN ${list(sources.mute)}`]),
    ...(topics.mute.length === 0 ? [] : [sql`NOT EXISTS (SELECT 1 FROM json_each(article.topics) WHERE value IN ${list(topics.mute)})`]),
  ]
  return sql.join(conditions, sql` AND `)
}

/** Numbers of the articles, best first: by how rare the words are and how often an article has them (BM25). */
async function ofRare(db: NewsDatabase, parsed: ParsedQuery, search: Search, top: number): Promise<number[]> {
  const { match } = parsed
  const follows = JSON.stringify((search.preferences ?? noPreferences()).sources.follow)
  const { rows } = await sql<{ seq: number }>`
    SELECT article.seq FROM ${match === undefined ? sql`article` : sql`article_text JOIN article ON article.seq = article_text.rowid`} JOIN source ON source.id = article.source
    WHERE ${match === undefined ? sql`article.seq <= ${top}` : sql`article_text MATCH ${match} AND article_text.rowid <= ${top}`} AND ${wanted(parsed, search)}
    ORDER BY ${match === undefined ? sql`NULL` : sql`round(bm25(article_text, ${IN_TITLE}, 1.0) * iif(source.id IN (SELECT value FROM json_each(${follows})), ${FOLLOWED}, 1), 1)`},
      article.published_at DESC, article.seq
    LIMIT ${search.limit + 1} OFFSET ${search.offset}`.execute(db)
  return rows.map(({ seq }) => seq)
}

/**
 * The same for words that much has: to weigh all of it would take too long, and tell little. Of the newest that have them in the title and the
 * newest that have them elsewhere, those in the title come first, those of sources that are followed before others, and then the newest.
 */
async function ofCommon(db: NewsDatabase, parsed: ParsedQuery, search: Search, match: string, top: number): Promise<number[]> {
  const follows = new Set((search.preferences ?? noPreferences()).sources.follow)
  const newestOf = async (expression: string, worth: number, floor: number) => {
    // CROSS JOIN: in the order of the index, newest first, so that it ends when there are enough.
    const { rows } = await sql<{ seq: number; source: string; published_at: number }>`
      SELECT article.seq, article.source, article.published_at FROM article_text CROSS JOIN article ON article.seq = article_text.rowid CROSS JOIN source ON source.id = article.source
      WHERE article_text MATCH ${expression} AND article_text.rowid > ${floor} AND article_text.rowid <= ${top} AND ${wanted(parsed, search)} ORDER BY article_text.rowid DESC LIMIT ${OF_COMMON}`.execute(db)
    return rows.map((row) => ({ ...row, worth: worth * (follows.has(row.source) ? FOLLOWED : 1) }))
  }
  for (let window = NEWEST; ; window *= 8) {
    const floor = Math.max(0, top - window)
    const titles = await newestOf(`{title} : (${match})`, IN_TITLE, floor)
    const others = await newestOf(`(${match}) NOT ({title} : (${match}))`, 1, floor)
    // What else is asked for may be rare: then further back.
    if (titles.length + others.length <= search.offset + search.limit && floor > 0) continue
    return [...titles, ...others].toSorted((a, b) => b.worth - a.worth || b.published_at - a.published_at || b.seq - a.seq).map(({ seq }) => seq)
  }
}

/** Reads what is shown of articles, in their order. */
async function hitsOf(db: NewsDatabase, match: string | undefined, places: readonly number[]): Promise<Hit[]> {
  const { rows } = await sql<{ id: string; story: string; title: string; url: string; source: string; source_title: string; published_at: number; snippet: string }>`
    SELECT article.id, article.story, article.title, article.url, source.id AS source, source.title AS source_title, article.published_at,
      ${match === undefined ? sql`article.summary` : sql`snippet(article_text, -1, ${OPEN}, ${CLOSE}, '…', 32)`} AS snippet
    FROM json_each(${JSON.stringify(places)}) AS place CROSS JOIN ${match === undefined ? sql`article ON article.seq = place.value` : sql`article_text ON article_text.rowid = place.value JOIN article ON article.seq = place.value`}
      JOIN source ON source.id = article.source
    ${match === undefined ? sql`` : sql`WHERE article_text MATCH ${match}`} ORDER BY place.key`.execute(db)
  return rows.map((row) => ({
    id: row.id, story: row.story, title: row.title, url: row.url, source: { id: row.source, title: row.source_title }, published_at: row.published_at,
    snippet: row.snippet.replaceAll(/[\u0001\u0002]/g, ''),
    snippet_html: escaped(row.snippet).replaceAll(OPEN, '<mark>').replaceAll(CLOSE, '</mark>'),
  }))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
