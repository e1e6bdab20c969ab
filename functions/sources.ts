import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { readText } from './_news/body.ts'
import { openDatabase } from './_news/database.ts'
import { words } from './_news/env.ts'
import { parseOpml, writeOpml, type Outline } from './_news/opml.ts'
import { badRequest, Problem, reason } from './_news/problems.ts'
import { knownReader } from './_news/reader.ts'
import { listSources, replaceSources } from './_news/sources.ts'

export const config = {
  routes: ['GET /sources', 'PUT /sources', 'OPTIONS /sources', 'GET /sources.opml', 'OPTIONS /sources.opml'],
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
  if (outlines.length > maxSources) throw badRequest(`body: opml: expected at most ${maxSources} feeds, found ${outlines.length}`)
  return outlines
}

// What everybody reads is changed by those alone whom the operator named: a cookie of the first visit is anybody's.
function refuseOthers(reader: string, variable: string | undefined): void {
  const editors = words(variable)
  if (editors.includes(reader)) return
  const name = JSON.stringify(reader)
  const way = editors.length === 0
    ? `SOURCES_EDITORS is empty, so nobody may change the sources; start with SOURCES_EDITORS=${name} to let this reader`
    : `only the readers named in SOURCES_EDITORS may change the sources, and ${name} is not one of them`
  throw new Problem(403, 'forbidden', way)
}

const app = newsApp()

app.get('/sources', async (c) => c.json({ sources: await listSources(openDatabase(c.env.DB)) }))

app.get('/sources.opml', async (c) => {
  const feeds = (await listSources(openDatabase(c.env.DB))).filter(({ url }) => /^https?:/.test(url))
  return c.body(writeOpml(feeds), 200, { 'content-type': 'text/x-opml; charset=utf-8', 'content-disposition': 'attachment; filename="sources.opml"' })
})

app.put('/sources', async (c) => {
  const reader = await knownReader(c)
  if (reader === undefined) {
    throw new Problem(401, 'unauthorized', 'changes to the sources need a bearer token or the cookie of an earlier visit')
  }
  refuseOthers(reader, c.env.SOURCES_EDITORS)
  const outlines = outlinesOf(await readText(c.req.raw))
  const db = openDatabase(c.env.DB)
  await replaceSources(c.env.DB, db, outlines)
  return c.json({ sources: await listSources(db) })
})

export default app
