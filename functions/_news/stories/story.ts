import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { visibleTo } from '../subscriptions/subscription.ts'

/** A story with all that is told of it, the first article first. */
export interface Story {
  id: string
  title: string
  published_at: string
  articles: { id: string; title: string; url: string; source: { id: string; title: string }; published_at: string; summary: string; image?: string }[]
}

interface Row {
  story: string
  id: string
  title: string
  url: string
  source: string
  source_title: string
  published_at: number
  summary: string
  image: string | null
}

const maxArticles = 100

/** Reads a story by its id or that of any article of it; undefined where there is none. Articles of sources that `reader` does not see are left out. */
export async function storyOf(db: NewsDatabase, id: string, reader?: string): Promise<Story | undefined> {
  const { rows } = await sql<Row>`
    SELECT article.story, article.id, article.title, article.url, source.id AS source, source.title AS source_title, published_at, summary, image
    FROM article JOIN source ON source.id = article.source
    WHERE article.story = (SELECT story FROM article WHERE id = ${id}) AND ${visibleTo(reader)}
    ORDER BY article.id <> article.story, published_at, seq LIMIT ${maxArticles}`.execute(db)
  const [first] = rows
  if (first === undefined) return undefined
  return {
    id: first.story,
    title: first.title,
    published_at: new Date(first.published_at).toISOString(),
    articles: rows.map((row) => ({
      id: row.id,
      title: row.title,
      url: row.url,
      source: { id: row.source, title: row.source_title },
      published_at: new Date(row.published_at).toISOString(),
      summary: row.summary,
      ...(row.image === null ? {} : { image: row.image }),
    })),
  }
}
