import { sql } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { NewsEnv } from './env.ts'
import { reason } from './problems.ts'

/** A story that an edition may show. Times in milliseconds since 1970. */
export interface Candidate {
  id: string
  title: string
  url: string
  source: { id: string; title: string }
  publishedAt: number
  firstSeen: number
  summary: string
  image: string | null
  topics: string[]
}

interface Row {
  id: string
  title: string
  url: string
  source: string
  source_title: string
  published_at: number
  first_seen: number
  summary: string
  image: string | null
  topics: string
}

interface CandidateList {
  version: string
  candidates: Candidate[]
}

const maxCandidates = 600
// So that one busy feed does not crowd out the others.
const maxPerSource = 40
const key = 'candidates'
const keepSeconds = 24 * 3600

async function queryCandidates(db: NewsDatabase): Promise<Candidate[]> {
  const { rows } = await sql<Row>`
    SELECT article.id, article.title, article.url, source.id AS source, source.title AS source_title, published_at, first_seen, summary, image, article.topics
    FROM source JOIN article ON article.seq IN (
      SELECT seq FROM article AS newest WHERE newest.source = source.id ORDER BY published_at DESC, seq DESC LIMIT ${maxPerSource})
    WHERE source.active = 1
    ORDER BY published_at DESC, article.seq DESC LIMIT ${maxCandidates}`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    url: row.url,
    source: { id: row.source, title: row.source_title },
    publishedAt: row.published_at,
    firstSeen: row.first_seen,
    summary: row.summary,
    image: row.image,
    topics: JSON.parse(row.topics) as string[],
  }))
}

const held = new WeakMap<D1Database, CandidateList>()

/**
 * The stories an edition is chosen from, newest first. Kept in memory and in the cache until the content changes; where it changed and the
 * database does not answer, the old list serves on.
 */
export async function loadCandidates(env: NewsEnv, db: NewsDatabase, version: string, later: (work: Promise<unknown>) => void): Promise<Candidate[]> {
  const inMemory = held.get(env.DB)
  if (inMemory?.version === version) return inMemory.candidates
  const cached = await env.CACHE.get<CandidateList>(key, 'json').catch(() => null)
  if (cached?.version === version) {
    held.set(env.DB, cached)
    return cached.candidates
  }
  try {
    const list = { version, candidates: await queryCandidates(db) }
    held.set(env.DB, list)
    later(env.CACHE.put(key, JSON.stringify(list), { expirationTtl: keepSeconds }))
    return list.candidates
  } catch (error) {
    const stale = inMemory ?? cached
    if (stale === null) throw error
    console.warn(`edition: serving an old list of stories: ${reason(error)}`)
    return stale.candidates
  }
}
