import type { FunctionConfig } from 'pressroom'
import { eraseImages, imagesOf } from './_images/owners.ts'
import { newsApp } from './_news/app.ts'
import { batch, openDatabase } from './_news/database.ts'
import { readJson } from './_news/body.ts'
import { readEvents } from './_news/events.ts'
import { badRequest } from './_news/problems.ts'
import { profileOf, readPreferences, replacePreferences } from './_news/profile.ts'
import { forgetCookie, identifyReader, namedReader } from './_news/reader.ts'
import { eraseReader, eventsOf, preferencesOf, recordOf, storeEvents, unknownStories } from './_news/reader-data.ts'
import { sourceNames } from './_news/sources.ts'

export const config = {
  routes: ['GET /reader', 'PUT /reader', 'DELETE /reader', 'OPTIONS /reader', 'GET /reader/export', 'OPTIONS /reader/export', 'POST /reader/events', 'OPTIONS /reader/events'],
  memory: 128,
  env: ['DB', 'CACHE', 'PICTURES', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

/** Topics and sources that are told of what was learned, the strongest. */
const maxLearned = 50

const app = newsApp()

app.get('/reader', async (c) => {
  const reader = await identifyReader(c)
  const db = openDatabase(c.env.DB)
  const [rows, events, sources] = await batch(c.env.DB, [preferencesOf(db, reader), eventsOf(db, reader), sourceNames(db, reader)])
  const preferences = readPreferences(rows[0]?.preferences)
  const { topics, sources: felt, opened, hidden } = profileOf(preferences, events, Date.now())
  const titles = new Map(sources.map(({ id, title }) => [id, title]))
  const strongest = (feelings: ReadonlyMap<string, number>, what: (name: string) => object) =>
    [...feelings].map(([name, value]) => ({ ...what(name), feeling: Math.round(value * 100) / 100, words: value > 0 ? 'you read about it' : 'you hide it' }))
      .filter(({ feeling }) => feeling !== 0).toSorted((a, b) => Math.abs(b.feeling) - Math.abs(a.feeling)).slice(0, maxLearned)
  return c.json({
    ...preferences,
    learned: {
      topics: strongest(topics, (topic) => ({ topic })),
      sources: strongest(felt, (id) => ({ id, title: titles.get(id) ?? id })),
      opened: opened.size,
      hidden: hidden.size,
    },
  })
})

app.get('/reader/export', async (c) => {
  const reader = await namedReader(c)
  const record = { ...(await recordOf(openDatabase(c.env.DB), reader)), images: await imagesOf(c.env, reader) }
  c.header('content-disposition', 'attachment; filename="reader.json"')
  return c.json(record)
})

app.delete('/reader', async (c) => {
  const reader = await namedReader(c)
  await eraseImages(c.env, reader)
  await eraseReader(c.env, openDatabase(c.env.DB), reader)
  forgetCookie(c)
  return c.body(null, 204)
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
