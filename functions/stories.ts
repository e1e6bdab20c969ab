import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { openDatabase } from './_news/database.ts'
import { Problem } from './_news/problems.ts'
import { knownReader } from './_news/reader.ts'
import { storyOf } from './_news/stories/story.ts'
import { topicsOf } from './_news/stories/topics.ts'

export const config = {
  routes: ['GET /stories/:id', 'OPTIONS /stories/:id', 'GET /topics', 'OPTIONS /topics'],
  memory: 128,
  env: ['DB', 'CACHE', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

const app = newsApp()

app.get('/stories/:id', async (c) => {
  const story = await storyOf(openDatabase(c.env.DB), c.req.param('id'), await knownReader(c))
  if (story === undefined) throw new Problem(404, 'not_found', `there is no story ${JSON.stringify(c.req.param('id').slice(0, 100))}`)
  return c.json(story)
})

app.get('/topics', async (c) => {
  return c.json({ topics: await topicsOf(c.env, openDatabase(c.env.DB), Date.now(), (work) => c.executionCtx.waitUntil(work)) })
})

export default app
