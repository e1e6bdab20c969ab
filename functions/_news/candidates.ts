import { sql } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { NewsEnv } from './env.ts'
import { reason } from './problems.ts'
import { buildPool, type Candidate, type Pool, type PoolStory } from './ranking/pool.ts'

interface Row {
  seq: number
  id: string
  title: string
  url: string
  source: string
  source_title: string
  published_at: number
  undated: number
  first_seen: number
  topics: string
  source_active: number
  /** JSON of the rows of those that tell it too, their sources in the list, the earliest first; null where there are none. */
  others: string | null
}

const maxCandidates = 50_000
// So that one busy feed does not crowd out the others.
const maxPerSource = 2_000
// So few that no request waits long for those of another; they are read in that many steps at most.
const rowsPerStep = 1_000
const maxSteps = 100
/** Articles beside the first one by which a story may be shown. */
const maxTellers = 50
/** Up to so many are kept in the cache, and read again before the answer where the content changed. */
const fewStories = 2_000
/** More are read again after an answer, and no more often than this. */
const againMs = 30_000
// The number changes with the shape of a story.
const key = 'candidates:5'
const keepSeconds = 24 * 3600

type Teller = [article: string, title: string, url: string, source: string, sourceTitle: string, topics: string]

function storyOf(row: Row, sources: Map<string, PoolStory['source']>): PoolStory {
  const sourceOf = (id: string, title: string) => {
    const source = sources.get(id) ?? { id, title }
    sources.set(id, source)
    return source
  }
  const story = {
    id: row.id, title: row.title, url: row.url, source: sourceOf(row.source, row.source_title), publishedAt: row.published_at, undated: row.undated === 1,
    firstSeen: row.first_seen, topics: JSON.parse(row.topics) as string[],
  }
  if (row.others === null) return { ...story, articles: 1 }
  const others = (JSON.parse(row.others) as Teller[]).map(([article, title, url, source, sourceTitle, topics]) => ({
    article, title, url, source: sourceOf(source, sourceTitle), topics: JSON.parse(topics) as string[],
  }))
  if (row.source_active === 1) return { ...story, articles: 1 + others.length, ...(others.length === 0 ? {} : { others }) }
  // Its first article is no longer among those that are shown: the next one stands for it.
  const [next, ...rest] = others
  return { ...story, ...next, articles: others.length, ...(rest.length === 0 ? {} : { others: rest }) }
}

async function readPool(db: NewsDatabase, before: Pool | undefined): Promise<Pool> {
  const pool = buildPool(before)
  const sources = new Map<string, PoolStory['source']>()
  const perSource = new Map<string, number>()
  let last = { published_at: Number.MAX_SAFE_INTEGER, seq: 0 }
  for (let step = 0; step < maxSteps && pool.size < maxCandidates; step++) {
    // CROSS JOIN: in the order of the index, which the other order would have to sort.
    const { rows } = await sql<Row>`
      SELECT article.seq, article.id, article.title, article.url, source.id AS source, source.title AS source_title, article.published_at, article.undated,
        article.first_seen, article.topics, source.active AS source_active, iif(story.articles > 1, (
          SELECT json_group_array(json_array(id, title, url, source, source_title, topics)) FROM (
            SELECT other.id, other.title, other.url, other.source, teller.title AS source_title, other.topics
            FROM article AS other JOIN source AS teller ON teller.id = other.source AND teller.active = 1
            WHERE other.story = article.story AND other.id <> article.id ORDER BY other.published_at, other.seq LIMIT ${maxTellers})), NULL) AS others
      FROM article CROSS JOIN source ON source.id = article.source LEFT JOIN story ON story.id = article.story
      WHERE (article.published_at, article.seq) < (${last.published_at}, ${last.seq}) AND article.id = article.story
        AND (source.active = 1 OR (story.articles > 1 AND EXISTS (
          SELECT 1 FROM article AS other JOIN source AS teller ON teller.id = other.source AND teller.active = 1 WHERE other.story = article.story AND other.id <> article.id)))
      ORDER BY article.published_at DESC, article.seq DESC LIMIT ${rowsPerStep}`.execute(db)
    for (const row of rows) {
      const times = (perSource.get(row.source) ?? 0) + 1
      perSource.set(row.source, times)
      if (times <= maxPerSource && pool.size < maxCandidates) pool.add(storyOf(row, sources))
    }
    if (rows.length < rowsPerStep) break
    last = rows.at(-1)!
  }
  return pool.finish()
}

/** What one instance holds of a database. Never a promise: on Workers one request may not wait for another's. */
interface Held {
  version?: string
  pool?: Pool
  /** When a request began to read the stories again; 0 while none does. */
  loadingSince: number
  loadedAt: number
}

// After this the request that reads the stories is taken for lost.
const loadingMs = 5_000
const heldOf = new WeakMap<D1Database, Held>()

type Later = (work: Promise<unknown>) => void

/** Reads the stories into what is held; what was there serves on where that fails, and the cache's where nothing was. */
async function renew(env: NewsEnv, db: NewsDatabase, version: string, held: Held, later: Later): Promise<Pool> {
  const old = held.pool
  const cached = await env.CACHE.get<{ version: string; list: PoolStory[] }>(key, 'json').catch(() => null)
  const pooled = (list: PoolStory[]) => {
    const pool = buildPool(old)
    for (const story of list) pool.add(story)
    return pool.finish()
  }
  try {
    if (cached?.version === version) held.pool = pooled(cached.list)
    else {
      const { list } = (held.pool = await readPool(db, old))
      // The cache takes one write a second; a list that does not get in is made again.
      if (list.length <= fewStories) {
        const put = env.CACHE.put(key, JSON.stringify({ version, list }), { expirationTtl: keepSeconds })
        later(put.catch((error: unknown) => console.warn(`cache: the list of stories is not kept: ${reason(error)}`)))
      }
    }
    held.version = version
    held.loadedAt = Date.now()
    return held.pool
  } catch (error) {
    if (old === undefined && cached === null) throw error
    console.warn(`edition: serving an old list of stories: ${reason(error)}`)
    return old ?? (held.pool = pooled(cached!.list))
  } finally {
    held.loadingSince = 0
  }
}

/**
 * The stories an edition is chosen from, as of the content's `version`: the newest 50,000, at most 2,000 of a source. Held in memory, and
 * read again when the content changed: up to 2,000 before the answer, by one request while the others are served what was there; more
 * after it, every half a minute at most. What is left to do after the answer is given to `later`.
 */
export async function loadPool(env: NewsEnv, db: NewsDatabase, version: string, later: Later): Promise<Pool> {
  const held = heldOf.get(env.DB) ?? { loadingSince: 0, loadedAt: 0 }
  heldOf.set(env.DB, held)
  const old = held.pool
  if (old !== undefined && held.version === version) return old
  const now = Date.now()
  const many = old !== undefined && old.list.length > fewStories
  // An empty list is worth nothing to anybody: better to read it twice.
  if (old !== undefined && old.list.length > 0 && now - held.loadingSince < (many ? againMs : loadingMs)) return old
  if (many && now - held.loadedAt < againMs) return old
  held.loadingSince = now
  const renewed = renew(env, db, version, held, later)
  if (!many) return renewed
  later(renewed)
  return old
}

/** Reads what a pool does not hold of some stories, and their words as they are now; those that are gone are not among the answers. */
export async function withDetails<Story extends { candidate: Candidate }>(db: NewsDatabase, stories: readonly Story[]): Promise<Story[]> {
  if (stories.length === 0) return []
  const { rows } = await sql<Pick<Candidate, 'id' | 'title' | 'url' | 'summary' | 'image'>>`
    SELECT id, title, url, summary, image FROM article WHERE id IN (SELECT value FROM json_each(${JSON.stringify(stories.map(({ candidate }) => candidate.article ?? candidate.id))}))`.execute(db)
  const details = new Map(rows.map((row) => [row.id, row]))
  return stories.flatMap((story) => {
    const own = details.get(story.candidate.article ?? story.candidate.id)
    return own === undefined ? [] : [{ ...story, candidate: { ...story.candidate, ...own, id: story.candidate.id } }]
  })
}
