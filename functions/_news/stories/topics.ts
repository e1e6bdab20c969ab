import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'

const days = 7
const maxTopics = 200

/** The topics of the last week's articles, those with most stories first. */
export async function topicsOf(db: NewsDatabase, now: number): Promise<{ topic: string; stories: number }[]> {
  const { rows } = await sql<{ topic: string; stories: number }>`
    SELECT value AS topic, count(DISTINCT article.story) AS stories FROM article JOIN source ON source.id = article.source, json_each(article.topics)
    WHERE source.active = 1 AND article.published_at > ${now - days * 86_400_000}
    GROUP BY value ORDER BY stories DESC, topic LIMIT ${maxTopics}`.execute(db)
  return rows
}
