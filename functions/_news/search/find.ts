import { sql, type RawBuilder } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { noPreferences, type Preferences } from '../profile.ts'
import { visibleTo } from '../subscriptions/subscription.ts'
import { daysIn, stretchesOf, type Stretch } from './days.ts'
import { hitsOf, type Hit } from './hits.ts'
import { parseQuery, type ParsedQuery } from './parse.ts'
import { respelt } from './respell.ts'

/** What is looked for. */
export interface Search {
  query: string
  limit: number
  offset: number
  /** When it was asked first: the further pages are of the same moment. Milliseconds since 1970. */
  at: number
  /** Newest article that is looked at, by its number, of a further page: later ones do not push it down. */
  ceiling?: number
  /** What the reader follows counts a third more; what is muted does not come. */
  preferences?: Preferences
  /** Whose own sources are looked through as well. */
  reader?: string | undefined
}

/** Results, and what they were found by where nothing was spelt as it was asked for. */
export interface Found {
  hits: Hit[]
  more: boolean
  /** The newest article that was looked at. */
  ceiling: number
  corrected?: string
}

/** Words that so many articles have are common. */
const COMMON = 2000
/** Of each stretch of time so many are looked at that have common words in the title, and so many that have them elsewhere. */
const OF_COMMON = 300
/** What a word in the title counts more than one in the summary, and a source that the reader follows more than another. */
const IN_TITLE = 4
const FOLLOWED = 1.3

/**
 * Finds articles by words of title and summary, titles counting more; of equal ones the newest first. Rare words are weighed by how rare they
 * are. What many articles have is searched by stretches of time, the latest first, and of each the newest few hundred are looked at.
 */
export async function findArticles(db: NewsDatabase, search: Search): Promise<Found> {
  const parsed = parseQuery(search.query)
  const first = await run(db, parsed, search)
  if (first.hits.length > 0 || search.offset > 0 || parsed.words.length === 0) return first
  const corrected = await respelt(db, search.query, parsed.words)
  if (corrected === undefined) return first
  const second = await run(db, parseQuery(corrected), search)
  return second.hits.length === 0 ? first : { ...second, corrected }
}

/** A query, with the sources that it names, the time that there is, and the newest article that counts. */
interface Asked extends ParsedQuery {
  sourceIds: readonly string[]
  time: Stretch
  top: number
}

const nothing: Found = { hits: [], more: false, ceiling: 0 }

async function run(db: NewsDatabase, parsed: ParsedQuery, search: Search): Promise<Found> {
  const { match, without, any, sources, topics, before, after } = parsed
  const { limit, reader } = search
  if (match === undefined && sources.length + topics.length + without.length === 0 && before === undefined && after === undefined) return nothing
  const { rows: [bounds] } = await sql<{ newest: number | null; first: number | null; last: number | null }>`
    SELECT (SELECT max(seq) FROM article) AS newest, (SELECT min(published_at) FROM article) AS first, (SELECT max(published_at) FROM article) AS last`.execute(db)
  const time = { from: Math.max(after ?? -Infinity, bounds?.first ?? 0), until: Math.min(before ?? Infinity, (bounds?.last ?? 0) + 1) }
  const sourceIds = sources.length === 0 ? [] : await sourcesNamed(db, sources, reader)
  if (time.from >= time.until || (sources.length > 0 && sourceIds.length === 0)) return nothing
  const asked: Asked = { ...parsed, sourceIds, time, top: Math.min(search.ceiling ?? Infinity, bounds?.newest ?? 0) }
  // Weighing all takes as long as there are articles with any of the words.
  const some = match === undefined ? COMMON : await countUpTo(db, `${TEXT} : (${any})`, asked.top, COMMON)
  if (some === 0) return nothing
  const places = some < COMMON ? await ofRare(db, asked, search, match!) : await ofCommon(db, asked, search)
  return { more: places.length > limit, ceiling: asked.top, hits: await hitsOf(db, match === undefined ? undefined : `${TEXT} : (${match})`, places.slice(0, limit)) }
}

/** The columns that words are looked for in: the others are for sources, topics and days. */
const TEXT = '{title summary}'

/** Ids of the sources that have one of these names, or one that contains it. */
async function sourcesNamed(db: NewsDatabase, names: readonly string[], reader: string | undefined): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM source WHERE ${visibleTo(reader)} AND EXISTS (
      SELECT 1 FROM json_each(${JSON.stringify(names)}) WHERE id = value OR instr(lower(title), lower(value)) > 0 OR instr(title, value) > 0)`.execute(db)
  return rows.map(({ id }) => id)
}

async function countUpTo(db: NewsDatabase, expression: string, top: number, most: number): Promise<number> {
  const { rows } = await sql`SELECT 1 FROM article_text WHERE article_text MATCH ${expression} AND rowid <= ${top} LIMIT ${most}`.execute(db)
  return rows.length
}

/** What an article must be beside having the words. */
function wanted({ sources, sourceIds, topics, time }: Asked, { reader, preferences = noPreferences() }: Search): RawBuilder<unknown> {
  const muted = preferences
  const list = (values: readonly string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`
  const conditions = [
    visibleTo(reader),
    sql`article.published_at < ${time.until} AND article.published_at >= ${time.from}`,
    ...(sources.length === 0 ? [] : [sql`source.id IN ${list(sourceIds)}`]),
    ...topics.map((topic) => sql`EXISTS (SELECT 1 FROM json_each(article.topics) WHERE value = ${topic})`),
    ...(muted.sources.mute.length === 0 ? [] : [sql`source.id NOT IN ${list(muted.sources.mute)}`]),
    ...(muted.topics.mute.length === 0 ? [] : [sql`NOT EXISTS (SELECT 1 FROM json_each(article.topics) WHERE value IN ${list(muted.topics.mute)})`]),
  ]
  return sql.join(conditions, sql` AND `)
}

/** Numbers of the articles, best first: by how rare the words are and how often an article has them (BM25). */
async function ofRare(db: NewsDatabase, asked: Asked, search: Search, match: string): Promise<number[]> {
  const follows = JSON.stringify((search.preferences ?? noPreferences()).sources.follow)
  const expression = lacking(`${TEXT} : (${match})`, asked.without)
  const { rows } = await sql<{ seq: number }>`
    SELECT article.seq FROM article_text JOIN article ON article.seq = article_text.rowid JOIN source ON source.id = article.source
    WHERE article_text MATCH ${expression} AND article_text.rowid <= ${asked.top} AND ${wanted(asked, search)}
    ORDER BY round(bm25(article_text, ${IN_TITLE}, 1.0, 0, 0, 0) * iif(source.id IN (SELECT value FROM json_each(${follows})), ${FOLLOWED}, 1), 1),
      article.published_at DESC, article.seq
    LIMIT ${search.limit + 1} OFFSET ${search.offset}`.execute(db)
  return rows.map(({ seq }) => seq)
}

/** Sources that are looked up in the index one by one; more are too many to be rare. */
const FEW_SOURCES = 100

/**
 * The same for what much has: to weigh all of it would take too long, and tell little. The latest stretch of time comes first. Of each those
 * with the words in the title come first, those of sources that are followed before others, and then the newest.
 */
async function ofCommon(db: NewsDatabase, asked: Asked, search: Search): Promise<number[]> {
  const { match, without, sourceIds, topics, top } = asked
  const follows = new Set((search.preferences ?? noPreferences()).sources.follow)
  const filters = [
    ...(sourceIds.length === 0 || sourceIds.length > FEW_SOURCES ? [] : [`source : (${anyOf(sourceIds)})`]),
    ...topics.map((topic) => `topics : "${topic.replaceAll('"', ' ')}"`),
  ]
  const expressionOf = (words: string | undefined, stretch: Stretch) => {
    const asks = [...(words === undefined ? [] : [words]), ...filters]
    // All time is no condition, but something has to be asked for.
    const always = stretch === asked.time && asked.before === undefined && asked.after === undefined && asks.length > 0
    return lacking([...asks, ...(always ? [] : [`days : (${anyOf(daysIn(stretch))})`])].join(' AND '), without)
  }
  const newestOf = async (words: string | undefined, but: string | undefined, stretch: Stretch, worth: number) => {
    const expression = expressionOf(words, stretch)
    // CROSS JOIN: in the order of the index, newest first, so that it ends when there are enough.
    const { rows } = await sql<{ seq: number; source: string; published_at: number }>`
      SELECT article.seq, article.source, article.published_at FROM article_text CROSS JOIN article ON article.seq = article_text.rowid CROSS JOIN source ON source.id = article.source
      WHERE article_text MATCH ${but === undefined ? expression : `(${expression}) NOT (${but})`} AND article_text.rowid <= ${top} AND ${wanted({ ...asked, time: stretch }, search)}
      ORDER BY article_text.rowid DESC LIMIT ${OF_COMMON}`.execute(db)
    return rows.map((row) => ({ ...row, worth: worth * (follows.has(row.source) ? FOLLOWED : 1) }))
      .toSorted((a, b) => b.worth - a.worth || b.published_at - a.published_at || b.seq - a.seq).map(({ seq }) => seq)
  }
  const enough = search.offset + search.limit + 1
  const [inTitle, anywhere] = match === undefined ? [] : [`title : (${match})`, `${TEXT} : (${match})`]
  // All words together may be rare though each is common: then all time is one stretch.
  const together = await countUpTo(db, expressionOf(anywhere, asked.time), top, OF_COMMON)
  if (together === 0) return []
  const found: number[] = []
  for (const stretch of together < OF_COMMON ? [asked.time] : stretchesOf(asked.time, search.at)) {
    if (inTitle !== undefined) found.push(...(await newestOf(inTitle, undefined, stretch, IN_TITLE)))
    if (found.length < enough) found.push(...(await newestOf(anywhere, inTitle, stretch, 1)))
    if (found.length >= enough) break
  }
  return found.slice(search.offset, enough)
}

function anyOf(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(' OR ')
}

function lacking(expression: string, without: readonly string[]): string {
  return without.length === 0 ? expression : `(${expression}) NOT (${TEXT} : (${without.join(' OR ')}))`
}
