import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import type { Profile } from '../profile.ts'
import type { Candidate, Pool } from '../ranking/pool.ts'
import { termsOf } from '../ranking/words.ts'
import { topicsOfArticle } from '../topics/names.ts'

/** A story of a source that is not in everybody's list. */
export interface OwnStory {
  id: string
  title: string
  url: string
  source: string
  source_title: string
  published_at: number
  undated: number
  first_seen: number
  topics: string
  folders: string
}

const perSource = 20
const maxStories = 500

/** A query for the sources that a reader added: what is added is followed. */
export function ownSources(db: NewsDatabase, reader: string): CompiledQuery<{ source: string }> {
  return db.selectFrom('subscription').select('source').where('reader', '=', reader).compile()
}

/** A query for the newest stories of a reader's own sources that everybody's pool does not hold. */
export function ownStories(db: NewsDatabase, reader: string): CompiledQuery<OwnStory> {
  return sql<OwnStory>`
    SELECT article.id, article.title, article.url, source.id AS source, source.title AS source_title, article.published_at, article.undated, article.first_seen,
      article.topics, subscription.topics AS folders
    FROM subscription JOIN source ON source.id = subscription.source AND source.active = 0
      JOIN article ON article.seq IN (SELECT seq FROM article AS newest WHERE newest.source = source.id ORDER BY published_at DESC, seq DESC LIMIT ${perSource})
    WHERE subscription.reader = ${reader} ORDER BY article.published_at DESC LIMIT ${maxStories}`.compile(db)
}

/** Makes candidates of a reader's own stories. Those seen after `at` are left out. `say` tells what the terms of a title say. */
export function ownCandidates(pool: Pool, rows: readonly OwnStory[], at: number, say: (terms: string[]) => Pick<Candidate, 'text' | 'words'>): Candidate[] {
  return rows.filter(({ id, first_seen: seen }) => seen <= at && !pool.places.has(id)).map((row) => ({
    id: row.id, title: row.title, url: row.url, source: { id: row.source, title: row.source_title }, publishedAt: row.published_at, undated: row.undated === 1,
    firstSeen: row.first_seen, topics: topicsOfArticle([...(JSON.parse(row.topics) as string[]), ...(JSON.parse(row.folders) as string[])], []), articles: 1,
    summary: '', image: null, ...say(termsOf(row.title)),
  }))
}

/** A profile in which the sources a reader added are followed, unless they are muted. */
export function followingOwn(profile: Profile, own: readonly string[]): Profile {
  const { sources, topics } = profile.preferences
  const follow = [...new Set([...sources.follow, ...own.filter((source) => !sources.mute.includes(source))])]
  return { ...profile, preferences: { topics, sources: { ...sources, follow } } }
}
