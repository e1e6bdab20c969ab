import type { Context } from 'hono'
import type { FunctionConfig } from 'pressroom'
import { newsApp, type NewsApp } from './_news/app.ts'
import { jsonOf, readText, refuseUnknown, type JsonObject } from './_news/body.ts'
import { openDatabase } from './_news/database.ts'
import { words, type NewsEnv } from './_news/env.ts'
import { parseOpml, writeOpml, type Outline } from './_news/opml.ts'
import { badRequest, Problem, reason } from './_news/problems.ts'
import { knownReader } from './_news/reader.ts'
import { listSources, replaceSources, retireSource } from './_news/sources.ts'
import { addOutlines, addSource, type Added } from './_news/subscriptions/add.ts'
import { unsubscribe } from './_news/subscriptions/subscription.ts'
import { topicOf } from './_news/text.ts'

export const config = {
  routes: [
    'GET /sources', 'PUT /sources', 'POST /sources', 'OPTIONS /sources', 'DELETE /sources/:id', 'OPTIONS /sources/:id', 'GET /sources.opml', 'OPTIONS /sources.opml',
  ],
  // A feed that is added is read at once.
  memory: 256,
  timeout: 60,
  env: ['DB', 'CACHE', 'ASSETS', 'INGEST', 'READER_SECRET', 'CORS_ORIGINS', 'SOURCES_EDITORS'],
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

// A form of a page is answered by a page.
const pagePath = '/news/sources'

async function readerFor(c: Context<NewsApp>, what: string): Promise<string> {
  const reader = await knownReader(c)
  if (reader === undefined) throw new Problem(401, 'unauthorized', `${what} the sources needs a bearer token or the cookie of an earlier visit`)
  return reader
}

function folderOf(value: unknown): string[] | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string' || topicOf(value) === '') throw badRequest('folder: expected a text of 1–40 characters')
  return [topicOf(value)]
}

async function add(env: NewsEnv, reader: string, { url, folder, ...rest }: JsonObject): Promise<Added> {
  refuseUnknown(rest, ['url', 'folder'])
  if (typeof url !== 'string' || url.trim() === '') throw badRequest('url: expected the address of a feed, or of a page that names one')
  return addSource(env, openDatabase(env.DB), reader, url, folderOf(folder))
}

/** @throws Problem 400 for what is no form */
async function formOf(text: string, type: string): Promise<FormData> {
  const form = await new Response(text, { headers: { 'content-type': type } }).formData().catch(() => undefined)
  if (form === undefined) throw badRequest('body: expected the fields of a form')
  return form
}

// Of a form either an address or a file.
async function addByForm(env: NewsEnv, reader: string, form: FormData): Promise<void> {
  const [file, url, folder] = [form.get('opml'), form.get('url'), form.get('folder')]
  if (file !== null && typeof file !== 'string' && file.size > 0) await addOutlines(env, openDatabase(env.DB), reader, outlinesOf(await file.text()))
  else await add(env, reader, { url: url ?? '', ...(folder === null ? {} : { folder }) })
}

const app = newsApp()

app.get('/sources', async (c) => c.json({ sources: await listSources(openDatabase(c.env.DB), await knownReader(c)) }))

app.get('/sources.opml', async (c) => {
  const feeds = (await listSources(openDatabase(c.env.DB), await knownReader(c))).filter(({ url }) => /^https?:/.test(url))
  return c.body(writeOpml(feeds), 200, { 'content-type': 'text/x-opml; charset=utf-8', 'content-disposition': 'attachment; filename="sources.opml"' })
})

app.put('/sources', async (c) => {
  const reader = await readerFor(c, 'replacing')
  refuseOthers(reader, c.env.SOURCES_EDITORS)
  const outlines = outlinesOf(await readText(c.req.raw))
  const db = openDatabase(c.env.DB)
  await replaceSources(c.env.DB, db, outlines)
  return c.json({ sources: await listSources(db, reader) })
})

app.post('/sources', async (c) => {
  const type = c.req.header('content-type') ?? ''
  const multipart = /^multipart\/form-data\b/i.test(type)
  const text = multipart ? '' : await readText(c.req.raw)
  // curl calls whatever it sends a form; the fields of none begin like JSON or OPML.
  if (multipart || (/^application\/x-www-form-urlencoded\b/i.test(type) && !/^\s*[<{]/.test(text))) {
    let form: FormData | undefined
    try {
      const reader = await readerFor(c, 'adding to')
      form = await formOf(multipart ? await readText(c.req.raw) : text, type)
      await addByForm(c.env, reader, form)
      return c.redirect(`${pagePath}?done=added`, 303)
    } catch (error) {
      // What another site's page sent is no form of these pages.
      if (!(error instanceof Problem) || error.status === 403) throw error
      const url = form?.get('url')
      return c.redirect(`${pagePath}?${new URLSearchParams({ problem: error.code, ...(typeof url === 'string' ? { url: url.slice(0, 2000) } : {}) }).toString()}`, 303)
    }
  }
  const reader = await readerFor(c, 'adding to')
  const db = openDatabase(c.env.DB)
  if (/^\s*</.test(text)) return c.json(await addOutlines(c.env, db, reader, outlinesOf(text)), 201)
  const { id, added, others } = await add(c.env, reader, jsonOf(text))
  const [source] = await listSources(db, reader, id)
  return c.json({ source, other_feeds: others }, added ? 201 : 200)
})

app.delete('/sources/:id', async (c) => {
  const reader = await readerFor(c, 'deleting from')
  const id = c.req.param('id')
  const db = openDatabase(c.env.DB)
  const own = await unsubscribe(c.env, db, reader, id)
  if (own) return c.body(null, 204)
  if ((await listSources(db, reader, id)).length === 0) throw new Problem(404, 'not_found', `there is no source ${JSON.stringify(id.slice(0, 100))}; GET /sources lists them`)
  // It is everybody's; whoever does not want it mutes it.
  refuseOthers(reader, c.env.SOURCES_EDITORS)
  await retireSource(c.env.DB, db, id)
  return c.body(null, 204)
})

export default app
