import { html, raw } from 'hono/html'
import type { FunctionConfig } from 'pressroom'
import { newsApp } from './_news/app.ts'
import { batch, openDatabase } from './_news/database.ts'
import { perform } from './_news/pages/acts.ts'
import { storyCard } from './_news/pages/edition.ts'
import { act, ago, page } from './_news/pages/layout.ts'
import { sourceForms, sourceNews } from './_news/pages/sources.ts'
import { icon, script, style } from './_news/pages/style.ts'
import { Problem } from './_news/problems.ts'
import { profileOf, readPreferences } from './_news/profile.ts'
import { editionFor } from './_news/ranking/edition.ts'
import { forgetCookie, identifyReader } from './_news/reader.ts'
import { eventsOf, preferencesOf } from './_news/reader-data.ts'
import { findArticles } from './_news/search/find.ts'
import { listSources } from './_news/sources.ts'
import { storyOf } from './_news/stories/story.ts'
import { topicsOf } from './_news/stories/topics.ts'

export const config = {
  routes: ['GET /', 'GET /news/story/:id', 'GET /news/search', 'GET /news/topics', 'GET /news/sources', 'GET /news/me', 'POST /news/act', 'GET /news/style.css', 'GET /news/search.js', 'GET /news/icon.svg'],
  memory: 128,
  env: ['DB', 'CACHE', 'ASSETS', 'READER_SECRET', 'CORS_ORIGINS'],
} satisfies FunctionConfig

/** Stories of the front page, so that it stays small. */
const STORIES = 20

const app = newsApp()

app.get('/', async (c) => {
  const reader = await identifyReader(c)
  const { stories, notice } = await editionFor(c.env, { reader, limit: STORIES, later: (work) => c.executionCtx.waitUntil(work) })
  const now = Date.now()
  const cards = await Promise.all(stories.map((story) => storyCard(c.env, story, now)))
  return page(c, 'Your edition', notice === undefined ? html`<ol class="stories">${cards}</ol>` : html`<p>${notice}</p>`)
})

app.get('/news/story/:id', async (c) => {
  const reader = await identifyReader(c)
  const story = await storyOf(openDatabase(c.env.DB), c.req.param('id'), reader)
  if (story === undefined) return page(c, 'No such story', html`<p>There is no story here any more. <a href="/">Your edition</a> has others.</p>`, 404)
  c.executionCtx.waitUntil(perform(c.env, reader, 'open', story.id))
  const now = Date.now()
  const articles = story.articles.map(({ title, url, source, summary, published_at: at }) => html`<li><article>
<h2><a href="${url}" rel="noopener">${title}</a></h2><p class="meta">${source.title} · ${ago(at, now)}</p><p>${summary}</p></article></li>`)
  const count = story.articles.length === 1 ? 'Told by one article.' : `Told by ${story.articles.length} articles, side by side.`
  return page(c, story.title, html`<p class="note">${count}</p><ol class="stories">${articles}</ol>
<div class="acts">${act('Like', 'like', story.id, '/')}${act('Hide', 'hide', story.id, '/')}</div>`)
})

app.get('/news/search', async (c) => {
  const reader = await identifyReader(c)
  const query = (c.req.query('q') ?? '').trim().slice(0, 500)
  const db = openDatabase(c.env.DB)
  const [rows] = await batch(c.env.DB, [preferencesOf(db, reader)])
  const found = query === '' ? undefined : await findArticles(db, { query, limit: 30, offset: 0, at: Date.now(), ceiling: Number.MAX_SAFE_INTEGER, reader, preferences: readPreferences(rows[0]?.preferences) })
  const now = Date.now()
  const hits = found?.hits.map((hit) => html`<li><article><h2><a href="/news/story/${hit.story}">${hit.title}</a></h2>
<p class="meta">${hit.source.title} · ${ago(new Date(hit.published_at).toISOString(), now)}</p><p>${raw(hit.snippet_html)}</p></article></li>`)
  return page(c, 'Search', html`<form role="search" action="/news/search"><p><label for="q">Words, “phrases”, -without, OR, source:, topic:, before: and after: a day</label></p>
<p><input id="q" type="search" name="q" value="${query}" maxlength="500" autocomplete="off"> <button>Search</button></p></form>
<div id="results" aria-live="polite">${found?.corrected === undefined ? '' : html`<p class="note">Nothing has “${query}”; these have “${found.corrected}”.</p>`}
${hits === undefined ? '' : hits.length === 0 ? html`<p>Nothing was found for “${query}”.</p>` : html`<ol class="stories">${hits}</ol>`}</div>`)
})

app.get('/news/topics', async (c) => {
  const reader = await identifyReader(c)
  const db = openDatabase(c.env.DB)
  const [rows] = await batch(c.env.DB, [preferencesOf(db, reader)])
  const { topics } = readPreferences(rows[0]?.preferences)
  const lines = (await topicsOf(c.env, db, Date.now(), (work) => c.executionCtx.waitUntil(work))).map(({ topic, stories }) => {
    const [followed, muted] = [topics.follow.includes(topic), topics.mute.includes(topic)]
    const buttons = followed || muted
      ? html`${followed ? 'followed' : 'muted'} ${act('Undo', 'drop-topic', topic, '/news/topics', `Neither follow nor mute ${topic}`)}`
      : html`${act('Follow', 'follow-topic', topic, '/news/topics', `Follow ${topic}`)} ${act('Mute', 'mute-topic', topic, '/news/topics', `Mute ${topic}`)}`
    return html`<tr><th scope="row"><a href="/news/search?q=${encodeURIComponent(`topic:"${topic}"`)}">${topic}</a></th><td>${stories}</td><td>${buttons}</td></tr>`
  })
  return page(c, 'Topics', html`<p class="note">Of the last week. What you follow rises; what you mute does not come.</p>
<div class="wide"><table><thead><tr><th scope="col">Topic</th><th scope="col">Stories</th><th scope="col">You</th></tr></thead><tbody>${lines}</tbody></table></div>`)
})

app.get('/news/sources', async (c) => {
  const reader = await identifyReader(c)
  const db = openDatabase(c.env.DB)
  const [rows] = await batch(c.env.DB, [preferencesOf(db, reader)])
  const { sources } = readPreferences(rows[0]?.preferences)
  const now = Date.now()
  const lines = (await listSources(db, reader)).map(({ id, title, url, own, articles, last_success: success, last_error: error }) => {
    const [followed, muted] = [sources.follow.includes(id), sources.mute.includes(id)]
    const buttons = followed || muted
      ? html`${followed ? 'followed' : 'muted'} ${act('Undo', 'drop-source', id, '/news/sources', `Neither follow nor mute ${title}`)}`
      : html`${act('Follow', 'follow-source', id, '/news/sources', `Follow ${title}`)} ${act('Mute', 'mute-source', id, '/news/sources', `Mute ${title}`)}`
    const health = error ?? (success === null ? 'not fetched yet' : `fetched ${ago(success, now)}`)
    return html`<tr><th scope="row"><a href="${url}" rel="noopener">${title}</a></th><td>${articles}</td><td>${health}</td><td>${buttons}${own ? html` ${act('Delete', 'delete-source', id, '/news/sources', `Delete ${title}`)}` : ''}</td></tr>`
  })
  const told = sourceNews(c.req.query('done'), c.req.query('problem'))
  return page(c, 'Sources', html`${told === undefined ? '' : html`<p class="note" role="status">${told}</p>`}${sourceForms}<div class="wide"><table><thead><tr><th scope="col">Source</th><th scope="col">Articles</th><th scope="col">Health</th><th scope="col">You</th></tr></thead><tbody>${lines}</tbody></table></div>`)
})

app.get('/news/me', async (c) => {
  const reader = await identifyReader(c)
  const db = openDatabase(c.env.DB)
  const [rows, events, sources] = await batch(c.env.DB, [preferencesOf(db, reader), eventsOf(db, reader), db.selectFrom('source').select(['id', 'title']).compile()])
  const preferences = readPreferences(rows[0]?.preferences)
  const { topics, sources: felt, opened, hidden } = profileOf(preferences, events, Date.now())
  const titles = new Map(sources.map(({ id, title }) => [id, title]))
  const list = (feelings: ReadonlyMap<string, number>, name: (key: string) => string) => {
    const lines = [...feelings].toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a)).slice(0, 20).map(([key, value]) => html`<tr><th scope="row">${name(key)}</th><td>${value.toFixed(1)}</td><td>${value > 0 ? 'you read it' : 'you hide it'}</td></tr>`)
    return lines.length === 0 ? html`<p>Nothing yet.</p>` : html`<div class="wide"><table><tbody>${lines}</tbody></table></div>`
  }
  const chosen = (what: 'topic' | 'source', values: readonly string[], name: (key: string) => string) =>
    values.length === 0 ? html`<p>Nothing.</p>` : html`<ul>${values.map((value) => html`<li>${name(value)} ${act('Undo', `drop-${what}`, value, '/news/me', `Undo ${name(value)}`)}</li>`)}</ul>`
  const [plain, titled] = [(key: string) => key, (key: string) => titles.get(key) ?? key]
  return page(c, 'What we know about you', html`<p>You are <b>${reader}</b> here. You opened ${opened.size} stories and hid ${hidden.size}. Nothing else is kept, and nobody is told.</p>
<h2>Topics you follow</h2>${chosen('topic', preferences.topics.follow, plain)}<h2>Topics you mute</h2>${chosen('topic', preferences.topics.mute, plain)}
<h2>Sources you follow</h2>${chosen('source', preferences.sources.follow, titled)}<h2>Sources you mute</h2>${chosen('source', preferences.sources.mute, titled)}
<h2>Topics, as learned</h2>${list(topics, plain)}<h2>Sources, as learned</h2>${list(felt, titled)}
<h2>Take it along, or have it erased</h2><div class="acts"><a class="button" href="/reader/export">Export everything</a>${act('Erase everything', 'erase', 'all', '/')}</div>`)
})

app.post('/news/act', async (c) => {
  const reader = await identifyReader(c)
  const form = await c.req.parseBody()
  const text = (name: string) => (typeof form[name] === 'string' ? form[name] : '')
  await perform(c.env, reader, text('what'), text('value'))
  if (text('what') === 'erase') forgetCookie(c)
  const back = text('back')
  // Only into this site: `//elsewhere` is another one.
  if (!/^\/(?![/\\])[\w\-/.]*$/.test(back)) throw new Problem(400, 'bad_request', 'back: expected a path of this site')
  return c.redirect(back, 303)
})

app.get('/news/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=300' }))
app.get('/news/search.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=300' }))
app.get('/news/icon.svg', (c) => c.body(icon, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }))

export default app
