import { html, raw } from 'hono/html'
import type { Found } from '../search/find.ts'
import { ago, counted, shortened, type Markup } from './layout.ts'

/** What is looked for, what was found, and how to find more. */
export interface Results {
  query: string
  found: Found | undefined
  /** Of those before. */
  offset: number
  /** Of the next page; undefined at the end. */
  next: string | undefined
  /** Of the reader's secret link; undefined where there is none. */
  key: string | undefined
  now: number
}

/** The form, and what was found for what it holds. */
export function searchBody(results: Results): Markup {
  const { query } = results
  return html`<form class="field" role="search" action="/news/search"><label for="q">Search for</label><div><input id="q" type="search" name="q" value="${query}" maxlength="500" autocomplete="off" aria-describedby="how"><button>Search</button></div>
<p id="how" class="note">Words, “phrases”, -without, OR, source:, topic:, before: and after: a day as in 2026-11-01.</p></form>
<p id="count" class="note" role="status">${said(results)}</p><div id="results">${listed(results)}</div>`
}

function said({ query, found, offset }: Results): Markup | string {
  if (found === undefined) return ''
  const { hits, more, corrected } = found
  if (hits.length === 0) return offset > 0 ? 'That was all.' : html`Nothing was found for “${query}”. Fewer words, or the beginning of one, may find more.`
  const count = more || offset > 0 ? `Results ${offset + 1}–${offset + hits.length}` : counted(hits.length, 'result')
  return corrected === undefined ? html`${count} for “${query}”.` : html`Nothing has “${query}”. ${count} for “${corrected}”.`
}

function listed({ query, found, next, key, now }: Results): Markup | string {
  if (found === undefined || found.hits.length === 0) return ''
  const hits = found.hits.map((hit) => {
    // What was found in the title is marked there.
    const inTitle = hit.snippet === hit.title
    return html`<li><article><h2 dir="auto"><a href="/news/story/${hit.story}">${inTitle ? raw(hit.snippet_html) : shortened(hit.title, 200)}</a></h2>
<p class="meta"><span class="source" dir="auto">${shortened(hit.source.title, 60)}</span> · ${ago(hit.published_at, now)}</p>${inTitle ? '' : html`<p dir="auto">${raw(hit.snippet_html)}</p>`}</article></li>`
  })
  const feed = (format: string) => `/search.${format}?${new URLSearchParams({ q: query, ...(key === undefined ? {} : { key }) }).toString()}`
  return html`<ol class="found">${hits}</ol>${next === undefined ? '' : html`<nav class="paging" aria-label="More results"><a class="button" href="${next}">More results</a></nav>`}
<p class="note">For a feed reader${key === undefined ? ', without what is yours alone' : ', as secret as your edition’s address'}: <a href="${feed('json')}">JSON Feed</a>, <a href="${feed('atom')}">Atom</a>, <a href="${feed('rss')}">RSS</a>.</p>`
}
