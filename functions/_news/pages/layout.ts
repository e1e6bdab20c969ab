import type { Context } from 'hono'
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { NewsApp } from '../app.ts'

/** A piece of a page; everything put into it is escaped. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

const rooms = [['/', 'Edition'], ['/news/topics', 'Topics'], ['/news/search', 'Search'], ['/news/sources', 'Sources'], ['/news/me', 'About you']] as const

/** Nothing but what this host itself serves is shown, run or sent anywhere. */
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** What a page is made with beside its body. */
export interface PageOptions {
  status?: 200 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 500
  /** What was just done, above all else on the page. */
  note?: Markup | undefined
}

/** Answers a whole page. Its buttons, wherever they stand, belong to one form, which comes back to this page. */
export async function page(c: Context<NewsApp>, title: string, body: Markup, { status = 200, note }: PageOptions = {}): Promise<Response> {
  const here = new URL(c.req.url).pathname
  c.header('content-security-policy', POLICY)
  c.header('referrer-policy', 'same-origin')
  c.header('x-content-type-options', 'nosniff')
  const links = rooms.map(([path, name]) => html`<li><a href="${path}"${path === here ? html` aria-current="page"` : ''}>${name}</a></li>`)
  return c.html(await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Pressroom</title>
<link rel="stylesheet" href="/news/style.css">
<link rel="icon" href="/news/icon.svg" type="image/svg+xml">
<script src="/news/pages.js" defer></script>
</head>
<body>
<a class="skip" href="#main">To the page</a>
<header><a class="name" href="/">Pressroom</a><p>A front page of your own that says why.</p><nav aria-label="Pages"><ul>${links}</ul></nav></header>
<div id="note" role="status">${note === undefined ? '' : html`<div>${note}</div>`}</div>
<main id="main" tabindex="-1"><h1 dir="auto">${title}</h1>${body}</main>
<footer><p>Ranked for you alone, by reasons you can read and change.</p></footer>
<form id="acts" method="post" action="/news/act"><input type="hidden" name="back" value="${backOf(c.req.url)}"></form>
</body>
</html>`, status)
}

/** Where a page is come back to: its own address without what was told there. */
function backOf(address: string): string {
  const { pathname, searchParams } = new URL(address)
  for (const told of ['did', 'to', 'done', 'problem', 'url']) searchParams.delete(told)
  const query = searchParams.toString()
  return pathname + (query === '' ? '' : `?${query}`)
}

/** What a button says and does. */
export interface Act {
  label: string
  /** Known to `perform`. */
  what: string
  value: string
  /** Of what, for who hears the button alone. */
  about?: string
  /** What it did is still so; pressed again it is taken back. */
  pressed?: boolean
}

/** A button that does one thing and comes back. */
export function act({ label, what, value, about, pressed }: Act): Markup {
  const name = about === undefined ? '' : html` aria-label="${`${label}: ${shortened(about, 80)}`}"`
  return html`<button form="acts" name="act" value="${what} ${value}"${name}${pressed === true ? html` aria-pressed="true"` : ''}>${label}</button>`
}

/** A text of at most so many characters, cut at a word's end where there is one, with an ellipsis where it was longer. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = text.slice(0, limit - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).replace(/[\ud800-\udbff]$/, '').replace(/[\s,;:.–—-]+$/, '')}…`
}

/** Bytes of a page's body beyond which it is told in brief. */
const ROOM = 55_000

/** A body in full where it fits into a page of 60 KB, else the same in brief. */
export async function fitting(body: (brief: boolean) => Markup | Promise<Markup>): Promise<Markup> {
  const full = await body(false)
  return new TextEncoder().encode(String(full)).byteLength <= ROOM ? full : body(true)
}

/** So many of something, in words. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** A time as a reader says it: how long ago, beyond a week the day. */
export function ago(at: number | string, now: number): Markup {
  const time = new Date(at)
  const minutes = Math.max(0, Math.round((now - time.getTime()) / 60_000))
  const words = minutes < 1 ? 'just now' : minutes < 60 ? `${minutes} min ago` : minutes < 36 * 60 ? `${Math.round(minutes / 60)} h ago`
    : minutes < 7 * 1440 ? `${Math.round(minutes / 1440)} days ago` : time.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  return html`<time datetime="${time.toISOString()}">${words}</time>`
}

/** One page of a long list, and the links to the others; `here` gives the address of a page by its number. */
export function paged<Entry>(list: readonly Entry[], wanted: string | undefined, size: number, here: (page: number) => string): { entries: readonly Entry[]; links: Markup | string } {
  const last = Math.max(1, Math.ceil(list.length / size))
  const current = Math.min(last, Math.max(1, /^\d{1,6}$/.test(wanted ?? '') ? Number(wanted) : 1))
  const link = (page: number, label: string) => html`<a class="button" href="${here(page)}">${label}</a>`
  const links = last === 1 ? '' : html`<nav class="paging" aria-label="More of the list">${current > 1 ? link(current - 1, 'Before') : ''}<span>Page ${current} of ${last}</span>${current < last ? link(current + 1, 'Next') : ''}</nav>`
  return { entries: list.slice((current - 1) * size, current * size), links }
}
