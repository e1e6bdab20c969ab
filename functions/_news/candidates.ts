import { sql } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { NewsEnv } from './env.ts'
import { reason } from './problems.ts'
import { rarity, termsOf, vectorOf, type WordVector } from './ranking/words.ts'

/** A story that an edition may show. Times in milliseconds since 1970. */
export interface Candidate {
  id: string
  title: string
  url: string
  source: { id: string; title: string }
  publishedAt: number
  /** Its feed gives no date: `publishedAt` is when it was first seen. */
  undated: boolean
  firstSeen: number
  summary: string
  image: string | null
  topics: string[]
  /** What its title is compared by. */
  terms: string[]
  words: WordVector
}

/** Stories to choose from, and how rare each term is among them. */
export interface Candidates {
  list: Candidate[]
  rare(term: string): number
}

/** A story as it is kept in the cache. */
type Kept = Omit<Candidate, 'terms' | 'words'>

interface Row {
  id: string
  title: string
  url: string
  source: string
  source_title: string
  published_at: number
  undated: number
  first_seen: number
  summary: string
  image: string | null
  topics: string
}

interface CandidateList {
  version: string
  candidates: Kept[]
}

/** How much older than its first sight an item without a date counts: a feed could otherwise put all it adds above the news of the day. */
export const undatedAgeMs = 24 * 3600 * 1000

const maxCandidates = 1000
// So that one busy feed does not crowd out the others.
const maxPerSource = 40
// The number changes with the shape of a candidate.
const key = 'candidates:2'
const keepSeconds = 24 * 3600

async function queryCandidates(db: NewsDatabase): Promise<Kept[]> {
  const { rows } = await sql<Row>`
    SELECT article.id, article.title, article.url, source.id AS source, source.title AS source_title, published_at, undated, first_seen,
      summary, image, article.topics
    FROM source JOIN article ON article.seq IN (
      SELECT seq FROM article AS newest WHERE newest.source = source.id ORDER BY published_at DESC, seq DESC LIMIT ${maxPerSource})
    WHERE source.active = 1
    ORDER BY published_at - undated * ${undatedAgeMs} DESC, article.seq DESC LIMIT ${maxCandidates}`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    url: row.url,
    source: { id: row.source, title: row.source_title },
    publishedAt: row.published_at,
    undated: row.undated === 1,
    firstSeen: row.first_seen,
    summary: row.summary,
    image: row.image,
    topics: JSON.parse(row.topics) as string[],
  }))
}

/** What one instance holds of a database. Never a promise: on Workers one request may not wait for another's. */
interface Held {
  version?: string
  candidates?: Candidates
  /** When a request began to make the list again; 0 while none does. */
  loadingSince: number
}

// After this the request that makes the list is taken for lost.
const loadingMs = 5_000
const heldOf = new WeakMap<D1Database, Held>()

/** Undefined: it failed, and what was there serves on. */
async function loadList(env: NewsEnv, db: NewsDatabase, version: string, later: Later, fallback: boolean): Promise<CandidateList | undefined> {
  const cached = await env.CACHE.get<CandidateList>(key, 'json').catch(() => null)
  if (cached?.version === version) return cached
  try {
    const list = { version, candidates: await queryCandidates(db) }
    // The cache takes one write a second; a list that does not get in is made again.
    const put = env.CACHE.put(key, JSON.stringify(list), { expirationTtl: keepSeconds })
    later(put.catch((error: unknown) => console.warn(`cache: the list of stories is not kept: ${reason(error)}`)))
    return list
  } catch (error) {
    if (cached === null && !fallback) throw error
    console.warn(`edition: serving an old list of stories: ${reason(error)}`)
    return fallback ? undefined : (cached ?? undefined)
  }
}

type Later = (work: Promise<unknown>) => void

/**
 * The stories an edition is chosen from, newest first, as of the content's `version`. Kept in memory and for a day in the cache; made again
 * when the content changed, by one request while the others are served the old list; the old list serves on where that fails. What is left
 * to do after the answer is given to `later`.
 */
export async function loadCandidates(env: NewsEnv, db: NewsDatabase, version: string, later: Later): Promise<Candidates> {
  const held = heldOf.get(env.DB) ?? { loadingSince: 0 }
  heldOf.set(env.DB, held)
  const old = held.candidates
  if (old !== undefined && held.version === version) return old
  const now = Date.now()
  // An empty list is worth nothing to anybody: better to make the new one twice.
  if (old !== undefined && old.list.length > 0 && now - held.loadingSince < loadingMs) return old
  held.loadingSince = now
  try {
    const loaded = await loadList(env, db, version, later, old !== undefined)
    if (loaded === undefined) return old!
    held.version = loaded.version
    return (held.candidates = withWords(loaded.candidates))
  } finally {
    held.loadingSince = 0
  }
}

/** Adds what stories are compared by: among these, a term is as rare as it is here. */
export function withWords(kept: readonly Kept[]): Candidates {
  const terms = kept.map(({ title }) => termsOf(title))
  const rare = rarity(terms)
  return { rare, list: kept.map((one, i) => ({ ...one, terms: terms[i]!, words: vectorOf(terms[i]!, rare) })) }
}
