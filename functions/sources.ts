import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { readText } from './_news/body.ts'
import { openDatabase } from './_news/database.ts'
import { words } from './_news/env.ts'
import { parseOpml, type Outline } from './_news/opml.ts'
import { badRequest, Problem, reason } from './_news/problems.ts'
import { knownReader } from './_news/reader.ts'
import { listSources, replaceSources } from './_news/sources.ts'

export const config = {
  routes: ['GET /sources', 'PUT /sources', 'OPTIONS /sources'],
  memory: 128,
  env: ['DB', 'READER_SECRET', 'CORS_ORIGINS', 'SOURCES_EDITORS'],
} satisfies FunctionConfig

const maxSources = 2000

function outlinesOf(document: string): Outline[] {
  let outlines: Outline[]
  try {
    outlines = parseOpml(document)
  } catch (error) {
    throw badRequest(`body: ${reason(error)}`)
  }
  if (outlines.length === 0) throw badRequest('body: opml: no outline with an xmlUrl; expected at least one feed')
  if (outlines.length > maxSources) throw badRequest(`body: opml: expected at most ${maxSources} feeds, found ${outlines.length}`)
  return outlines
}

const app = newsApp()

app.get('/sources', async (c) => c.json({ sources: await listSources(openDatabase(c.env.DB)) }))

app.put('/sources', async (c) => {
  const reader = await knownReader(c)
  if (reader === undefined) {
    throw new Problem(401, 'unauthorized', 'changes to the sources need a bearer token or the cookie of an earlier visit')
  }
  const editors = words(c.env.SOURCES_EDITORS)
  if (editors.length > 0 && !editors.includes(reader)) {
    throw new Problem(403, 'forbidden', 'only the readers named in SOURCES_EDITORS may change the sources')
  }
  const outlines = outlinesOf(await readText(c.req.raw))
  const db = openDatabase(c.env.DB)
  await replaceSources(c.env.DB, db, outlines)
  return c.json({ sources: await listSources(db) })
})

export default app
