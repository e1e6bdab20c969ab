import type { Context } from 'hono'
import { html } from 'hono/html'
import type { FunctionConfig } from 'pressroom'
import { imagesOf } from './_images/owners.ts'
import { newsApp, type NewsApp } from './_news/app.ts'
import { batch, openDatabase } from './_news/database.ts'
import { feedLinkOf } from './_news/feed-link.ts'
import { perform } from './_news/pages/acts.ts'
import { storyCard } from './_news/pages/edition.ts'
import { fitting, page } from './_news/pages/layout.ts'
import { topicsBody } from './_news/pages/lists.ts'
import { meBody } from './_news/pages/me.ts'
import { noteOf } from './_news/pages/notes.ts'
import { script } from './_news/pages/script.ts'
import { searchBody } from './_news/pages/search.ts'
import { sourceNews, sourcesBody } from './_news/pages/sources.ts'
import { storyBody } from './_news/pages/story.ts'
import { icon, style } from './_news/pages/style.ts'
import { Problem, reason } from './_news/problems.ts'
import { deedsOf, readPreferences } from './_news/profile.ts'
import { editionFor } from './_news/ranking/edition.ts'
import { readPlace, writePlace } from './_news/ranking/place.ts'
import { forgetCookie, identifyReader, knownReader, newReader } from './_news/reader.ts'
import { eventsOf, preferencesOf } from './_news/reader-data.ts'
import { findArticles } from './_news/search/find.ts'
import { listSources, sourceNames } from './_news/sources.ts'
import { storyOf } from './_news/stories/story.ts'
import { topicsOf } from './_news/stories/topics.ts'

export const config = {
  routes: [
    'GET /', 'GET /news/story/:id', 'GET /news/search', 'GET /news/topics', 'GET /news/sources', 'GET /news/me', 'POST /news/act',
    'GET /news/style.css', 'GET /news/pages.js', 'GET /news/icon.svg', 'GET /news/*',
  ],
  memory: 128,
  env: ['DB', 'CACHE', 'PICTURES', 'ASSETS', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

/** Stories of a front page and results of a page, so that it stays small. */
const STORIES = 20
const RESULTS = 20
const deepest = 1000

const app = newsApp()

const note = (c: Context<NewsApp>, reader: string) => noteOf(openDatabase(c.env.DB), reader, c.req.query('did'), c.req.query('to'))

app.get('/', async (c) => {
  const now = Date.now()
  const place = readPlace(c.req.query('cursor'), now)
  const named = await knownReader(c)
  const reader = named ?? (await newReader(c))
  const { stories, profile: { liked, preferences }, next, notice } = await editionFor(c.env, { reader, known: named !== undefined, limit: STORIES, place, later: (work) => c.executionCtx.waitUntil(work) })
  const more = next === undefined ? '' : html`<nav class="paging" aria-label="More stories">${place === undefined ? '' : html`<a class="button" href="/">The first page</a>`}<a class="button" href="/?cursor=${writePlace(next)}">More stories</a></nav>`
  const none = html`<p>${notice ?? 'That was all.'}</p><p><a class="button" href="/news/sources">See the sources</a> <a class="button" href="/news/me">See what you muted</a></p>`
  const cards = await fitting(async (brief) => html`<ol class="stories">${await Promise.all(stories.map((story) => storyCard(c.env, story, { liked: liked.has(story.candidate.id), followed: preferences.topics.follow, brief, now })))}</ol>${more}`)
  return page(c, place === undefined ? 'Your edition' : 'Your edition, further down', stories.length === 0 ? none : cards, { note: await note(c, reader) })
})

app.get('/news/story/:id', async (c) => {
  const named = await knownReader(c)
  const reader = named ?? (await newReader(c))
  const db = openDatabase(c.env.DB)
  const story = await storyOf(db, c.req.param('id'), reader)
  if (story === undefined) return page(c, 'No such story', html`<p>There is no story here any more. <a href="/">Your edition</a> has others.</p>`, { status: 404 })
  // Who comes without a name was shown no edition: a program, most likely, and each time another reader.
  if (named !== undefined) c.executionCtx.waitUntil(perform(c.env, reader, 'open', story.id))
  const [events] = await batch(c.env.DB, [eventsOf(db, reader)])
  const deeds = deedsOf(events).get(story.id)
  return page(c, story.title, await fitting((brief) => storyBody(c.env, story, { deeds, brief, now: Date.now() })), { note: await note(c, reader) })
})

app.get('/news/search', async (c) => {
  const reader = await identifyReader(c)
  const query = (c.req.query('q') ?? '').trim().slice(0, 500)
  const from = c.req.query('from') ?? ''
  const offset = /^\d{1,4}$/.test(from) ? Math.min(Number(from), deepest) : 0
  const db = openDatabase(c.env.DB)
  const [rows] = await batch(c.env.DB, [preferencesOf(db, reader)])
  const found = query === '' ? undefined : await findArticles(db, { query, limit: RESULTS, offset, at: Date.now(), reader, preferences: readPreferences(rows[0]?.preferences) })
  const next = found?.more === true && offset < deepest ? `/news/search?${new URLSearchParams({ q: query, from: String(offset + RESULTS) }).toString()}` : undefined
  return page(c, 'Search', searchBody({ query, found, offset, next, key: await feedLinkOf(db, reader), now: Date.now() }))
})

app.get('/news/topics', async (c) => {
  const reader = await identifyReader(c)
  const db = openDatabase(c.env.DB)
  const [rows] = await batch(c.env.DB, [preferencesOf(db, reader)])
  const topics = await topicsOf(c.env, db, Date.now(), (work) => c.executionCtx.waitUntil(work))
  return page(c, 'Topics', topicsBody(topics, readPreferences(rows[0]?.preferences).topics, c.req.query('page')), { note: await note(c, reader) })
})

app.get('/news/sources', async (c) => {
  const reader = await identifyReader(c)
  const db = openDatabase(c.env.DB)
  const [rows] = await batch(c.env.DB, [preferencesOf(db, reader)])
  const wish = { show: c.req.query('show'), name: (c.req.query('name') ?? '').trim().slice(0, 100), page: c.req.query('page'), refused: (c.req.query('url') ?? '').slice(0, 2000), now: Date.now() }
  const body = sourcesBody(await listSources(db, reader), readPreferences(rows[0]?.preferences).sources, wish)
  return page(c, 'Sources', body, { note: sourceNews(c.req.query('done'), c.req.query('problem')) ?? (await note(c, reader)) })
})

app.get('/news/me', async (c) => {
  const reader = await identifyReader(c)
  const db = openDatabase(c.env.DB)
  const [rows, events, names] = await batch(c.env.DB, [preferencesOf(db, reader), eventsOf(db, reader), sourceNames(db, reader)])
  const known = {
    reader, preferences: readPreferences(rows[0]?.preferences), events, deeds: deedsOf(events), titles: new Map(names.map(({ id, title }) => [id, title])),
    link: await feedLinkOf(db, reader), origin: new URL(c.req.url).origin,
    images: (await imagesOf(c.env, reader)).length, now: Date.now(),
  }
  return page(c, 'What we know about you', await fitting((brief) => meBody(known, brief)), { note: await note(c, reader) })
})

app.post('/news/act', async (c) => {
  const reader = await identifyReader(c)
  const form = await c.req.parseBody()
  const text = (name: string) => (typeof form[name] === 'string' ? form[name] : '')
  // A button says both in one; a form with a field of its own says them apart.
  const [, what, value] = /^([a-z-]+) (.*)$/s.exec(text('act')) ?? ['', text('what'), text('value')]
  const back = backTo(text('back'), c.req.url)
  await perform(c.env, reader, what!, value!)
  if (what === 'erase') forgetCookie(c)
  const url = what === 'erase' ? new URL('/', back) : back
  url.searchParams.set('did', what!)
  if (what !== 'erase') url.searchParams.set('to', value!)
  const place = what === 'like' || what === 'unlike' ? `#s-${encodeURIComponent(value!)}` : ''
  return c.redirect(url.pathname + url.search + place, 303)
})

/** @throws Problem 400 for what leads out of this site, as `//elsewhere` does, and `/.//elsewhere` once it is resolved */
function backTo(path: string, address: string): URL {
  const url = path.startsWith('/') ? URL.parse(path, address) : null
  if (url === null || url.origin !== new URL(address).origin || url.pathname.startsWith('//')) throw new Problem(400, 'bad_request', 'back: expected a path of this site')
  return url
}

app.get('/news/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=300' }))
app.get('/news/pages.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=300' }))
app.get('/news/icon.svg', (c) => c.body(icon, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }))

// What goes wrong on a page is told by a page.
app.notFound((c) => page(c, 'There is nothing here', html`<p>No page has this address. <a href="/">Your edition</a> is where it always is.</p>`, { status: 404 }))
app.onError((error, c) => {
  if (error instanceof Problem) return page(c, 'That did not work', html`<p>${error.message}.</p><p><a class="button" href="/">To your edition</a></p>`, { status: error.status })
  console.error(`${c.req.method} ${c.req.path}: ${reason(error)}`, error)
  return page(c, 'Something went wrong', html`<p>The fault is ours; nothing of yours was lost. Try again in a moment.</p><p><a class="button" href="/">To your edition</a></p>`, { status: 500 })
})

export default app
