import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { batch, openDatabase } from './_news/database.ts'
import { readJson } from './_news/body.ts'
import { readEvents } from './_news/events.ts'
import { badRequest } from './_news/problems.ts'
import { readPreferences, replacePreferences } from './_news/profile.ts'
import { identifyReader } from './_news/reader.ts'
import { preferencesOf, storeEvents, unknownStories } from './_news/reader-data.ts'

export const config = {
  routes: ['GET /reader', 'PUT /reader', 'OPTIONS /reader', 'POST /reader/events', 'OPTIONS /reader/events'],
  memory: 128,
  env: ['DB', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

const app = newsApp()

app.get('/reader', async (c) => {
  const reader = await identifyReader(c)
  const [rows] = await batch(c.env.DB, [preferencesOf(openDatabase(c.env.DB), reader)])
  return c.json(readPreferences(rows[0]?.preferences))
})

app.put('/reader', async (c) => {
  const reader = await identifyReader(c)
  const body = await readJson(c.req.raw)
  const db = openDatabase(c.env.DB)
  const [rows] = await batch(c.env.DB, [preferencesOf(db, reader)])
  const preferences = replacePreferences(readPreferences(rows[0]?.preferences), body)
  const stored = JSON.stringify(preferences)
  await db
    .insertInto('reader')
    .values({ id: reader, preferences: stored })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ preferences: stored }))
    .execute()
  return c.json(preferences)
})

app.post('/reader/events', async (c) => {
  const reader = await identifyReader(c)
  const now = Date.now()
  const events = readEvents(await readJson(c.req.raw), now)
  const db = openDatabase(c.env.DB)
  const [unknown] = await unknownStories(db, events)
  if (unknown !== undefined) {
    throw badRequest(`events[${unknown}].story: there is no story ${JSON.stringify(events[unknown]?.story)}; expected the id of one`)
  }
  const [stored] = await batch(c.env.DB, storeEvents(db, reader, events, now))
  return c.json({ accepted: stored.length, duplicates: events.length - stored.length }, 202)
})

export default app
