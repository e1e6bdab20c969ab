import { sql } from 'kysely'
import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { openDatabase } from './_news/database.ts'
import { Problem } from './_news/problems.ts'
import { storyOf } from './_news/stories/story.ts'

export const config = {
  routes: ['GET /stories/:id', 'OPTIONS /stories/:id', 'GET /topics', 'OPTIONS /topics'],
  memory: 128,
  env: ['DB', 'CORS_ORIGINS'],
} satisfies FunctionConfig

/** Topics of the last days are listed, at most so many. */
const topicDays = 7
const maxTopics = 200

const app = newsApp()

app.get('/stories/:id', async (c) => {
  const story = await storyOf(openDatabase(c.env.DB), c.req.param('id'))
  if (story === undefined) throw new Problem(404, 'not_found', `there is no story ${JSON.stringify(c.req.param('id').slice(0, 100))}`)
  return c.json(story)
})

app.get('/topics', async (c) => {
  const { rows } = await sql<{ topic: string; stories: number }>`
    SELECT value AS topic, count(DISTINCT article.story) AS stories FROM article JOIN source ON source.id = article.source, json_each(article.topics)
    WHERE source.active = 1 AND article.published_at > ${Date.now() - topicDays * 86_400_000}
    GROUP BY value ORDER BY stories DESC, topic LIMIT ${maxTopics}`.execute(openDatabase(c.env.DB))
  return c.json({ topics: rows })
})

export default app
