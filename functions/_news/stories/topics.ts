import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import type { NewsEnv } from '../env.ts'
import { reason } from '../problems.ts'
import { contentVersion, readSetting } from '../settings.ts'

/** A topic, and how many stories of the last week it has. */
export interface TopicCount {
  topic: string
  stories: number
}

const days = 7
const maxTopics = 200

/** The topics of the last week's stories, those with most stories first; a story has those of its first article. */
async function countTopics(db: NewsDatabase, now: number): Promise<TopicCount[]> {
  // By whole lists first: many stories share one, and taking a list apart costs more than counting it.
  const { rows } = await sql<TopicCount>`
    SELECT value AS topic, sum(times) AS stories FROM (
      SELECT article.topics AS list, count(*) AS times FROM article JOIN source ON source.id = article.source
      WHERE source.active = 1 AND article.id = article.story AND article.published_at > ${now - days * 86_400_000} GROUP BY article.topics), json_each(list)
    GROUP BY value ORDER BY stories DESC, topic LIMIT ${maxTopics}`.execute(db)
  return rows
}

interface Kept {
  version: string
  at: number
  topics: TopicCount[]
}

const key = 'topics:1'
/** The week moves on, whether anything comes or not. */
const oldestMs = 3_600_000
/** Where there are more stories than this, they are counted again no more often than that: counting takes longer then. */
const fewStories = 2_000
const againMs = 30_000

/**
 * The topics of the last week's stories, those with most stories first, as of the content's version; of many stories, of half a minute ago.
 * They are counted once for all instances, and kept in the cache; what is left to do after the answer is given to `later`.
 */
export async function topicsOf(env: Pick<NewsEnv, 'CACHE'>, db: NewsDatabase, now: number, later: (work: Promise<unknown>) => void): Promise<TopicCount[]> {
  const [version = '0', kept] = await Promise.all([readSetting(db, contentVersion), env.CACHE.get<Kept>(key, 'json').catch(() => null)])
  if (kept !== null) {
    const age = now - kept.at
    const many = kept.topics.reduce((sum, { stories }) => sum + stories, 0) > fewStories
    if (age >= 0 && (kept.version === version ? age < oldestMs : many && age < againMs)) return kept.topics
  }
  const topics = await countTopics(db, now)
  const put = env.CACHE.put(key, JSON.stringify({ version, at: now, topics } satisfies Kept), { expirationTtl: oldestMs / 1000 })
  later(put.catch((error: unknown) => console.warn(`cache: the topics are not kept: ${reason(error)}`)))
  return topics
}
