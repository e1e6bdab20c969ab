import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { NewsApp } from '../app.ts'

/** A piece of a page; everything put into it is escaped. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

const rooms = [['/', 'Edition'], ['/news/topics', 'Topics'], ['/news/search', 'Search'], ['/news/sources', 'Sources'], ['/news/me', 'What we know about you']] as const

/** Nothing but what this host itself serves is shown, run or sent anywhere. */
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Answers a whole page. */
export async function page(c: Context<NewsApp>, title: string, body: Markup, status: 200 | 404 = 200): Promise<Response> {
  const here = new URL(c.req.url).pathname
  c.header('content-security-policy', POLICY)
  c.header('referrer-policy', 'same-origin')
  c.header('x-content-type-options', 'nosniff')
  const links = rooms.map(([path, name]) => html`<li><a href="${path}" ${path === here ? raw('aria-current="page"') : ''}>${name}</a></li>`)
  return c.html(await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Pressroom</title>
<link rel="stylesheet" href="/news/style.css">
<link rel="icon" href="/news/icon.svg" type="image/svg+xml">
<script src="/news/search.js" defer></script>
</head>
<body>
<a class="skip" href="#main">To the page</a>
<header><a class="name" href="/">Pressroom</a><p>A front page of your own that says why.</p><nav aria-label="Pages"><ul>${links}</ul></nav></header>
<main id="main"><h1>${title}</h1>${body}</main>
<footer>Ranked for you alone, by reasons you can read and change.</footer>
</body>
</html>`, status)
}

/** A button that does one thing and comes back. */
export function act(label: string, what: string, value: string, back: string, about?: string): Markup {
  return html`<form class="inline" method="post" action="/news/act"><input type="hidden" name="what" value="${what}"><input type="hidden" name="value" value="${value}"><input type="hidden" name="back" value="${back}"><button${about === undefined ? '' : html` aria-label="${about}"`}>${label}</button></form>`
}

/** A time as a reader says it. */
export function ago(iso: string, now: number): string {
  const minutes = Math.max(0, Math.round((now - Date.parse(iso)) / 60_000))
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`
  return `${Math.round(minutes / 1440)} days ago`
}
