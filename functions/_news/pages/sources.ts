import { html } from 'hono/html'
import type { Preferences } from '../profile.ts'
import type { SourceView } from '../sources.ts'
import { act, ago, counted, paged, shortened, type Markup } from './layout.ts'
import { choice } from './lists.ts'

/** The forms by which a reader adds sources; an address that was refused stands in its field, to be mended. */
function forms(refused: string): Markup {
  const wrong = refused === '' ? '' : html` value="${refused}" aria-invalid="true" aria-describedby="note"`
  return html`<div class="forms"><form class="field" method="post" action="/sources"><label for="url">Add a feed, or a page that has one</label><div><input id="url" type="text" inputmode="url" name="url" required maxlength="2000" placeholder="https://example.com" autocomplete="url"${wrong}><button>Add</button></div></form>
<form class="field" method="post" action="/sources" enctype="multipart/form-data"><label for="opml">Add the feeds of an OPML file, as feed readers export it</label><div><input id="opml" type="file" name="opml" required accept=".opml,.xml,text/x-opml,text/xml"><button>Import</button></div></form></div>
<p class="note">What you add is read by you alone. <a href="/sources.opml" download>Export all as OPML</a></p>`
}

const problems: Record<string, string> = {
  no_feed: 'The page names no feed that can be read. Give the address of the feed itself.',
  not_a_feed: 'There is neither a feed nor a page at this address.',
  gone: 'The server says that this is gone for good.',
  timeout: 'The server did not answer in time.',
  slow_body: 'The server answers too slowly.',
  unreachable: 'The server cannot be reached.',
  challenge: 'The server asks for a person and gives no feed.',
  too_many_sources: 'You have a hundred sources. Delete some first.',
  bad_request: 'This is no address of a feed or a page, and no OPML file.',
  body_too_large: 'The file is larger than 1 MiB.',
  unauthorized: 'Your browser did not say who you are. Open this page again, and let it keep the cookie.',
}

/** What to tell of a form that was sent, by the name of its outcome; undefined where none was. */
export function sourceNews(done: string | undefined, problem: string | undefined): Markup | undefined {
  if (problem !== undefined) return html`<p class="bad">${problems[problem] ?? 'The source could not be added: its server refuses or fails.'}</p>`
  return done === undefined ? undefined : html`<p>It is among your sources now.</p>`
}

type Shown = (source: SourceView, chosen: Preferences['sources']) => boolean

const kinds: Record<string, [string, Shown]> = {
  all: ['All', () => true],
  own: ['Yours', ({ own }) => own],
  followed: ['Followed', ({ id }, { follow }) => follow.includes(id)],
  muted: ['Muted', ({ id }, { mute }) => mute.includes(id)],
  failing: ['Failing', ({ last_error: error }) => error !== null],
}

/** What is shown of the sources. */
export interface SourcesWish {
  show: string | undefined
  name: string
  page: string | undefined
  /** An address that could not be added; '' where there was none. */
  refused: string
  now: number
}

/** The sources in a page: to add, follow, mute and delete, with how each of them does; the reader's own first. */
export function sourcesBody(sources: readonly SourceView[], chosen: Preferences['sources'], { show, name, page, refused, now }: SourcesWish): Markup {
  const kind = show !== undefined && Object.hasOwn(kinds, show) ? show : 'all'
  const wanted = name.toLowerCase()
  const found = sources.filter((source) => kinds[kind]![1](source, chosen) && (source.title.toLowerCase().includes(wanted) || source.url.toLowerCase().includes(wanted)))
    .toSorted((a, b) => Number(b.own) - Number(a.own))
  const address = (number: number, of = kind) => `/news/sources?${new URLSearchParams({ ...(of === 'all' ? {} : { show: of }), ...(name === '' ? {} : { name }), ...(number === 1 ? {} : { page: String(number) }) }).toString()}`
  const { entries, links } = paged(found, page, 30, (number) => address(number))
  const tabs = Object.entries(kinds).map(([one, [label, shown]]) => html`<li><a href="${address(1, one)}"${one === kind ? html` aria-current="true"` : ''}>${label} <span class="meta">${sources.filter((source) => shown(source, chosen)).length}</span></a></li>`)
  return html`${forms(refused)}
<nav aria-label="Which sources"><ul class="tabs">${tabs}</ul></nav>
<form class="field" action="/news/sources"><label for="name">Find by name</label><div>${kind === 'all' ? '' : html`<input type="hidden" name="show" value="${kind}">`}<input id="name" type="search" name="name" value="${name}" maxlength="100"><button>Find</button></div></form>
${found.length === 0 ? html`<p>There is none of this kind.</p>` : html`<ul class="rows">${entries.map((source) => row(source, chosen, now))}</ul>`}${links}`
}

function row(source: SourceView, chosen: Preferences['sources'], now: number): Markup {
  const { id, title, url, own, articles } = source
  const feed = /^https?:/.test(url) ? html` · <a href="${url}" rel="noopener">feed<span class="aside"> of ${shortened(title, 60)}</span></a>` : ''
  return html`<li><div class="told"><b dir="auto"><a href="/news/search?q=source:${id}">${shortened(title, 80)}</a></b>
<p class="meta">${own ? html`<b>yours</b> · ` : ''}${counted(articles, 'article')} · ${health(source, now)}${feed}</p></div>
<div class="acts">${choice('source', id, title, chosen)}${own ? act({ label: 'Delete', what: 'delete-source', value: id, about: title }) : ''}</div></li>`
}

function health({ last_error: error, last_success: success, next_check: next, failures }: SourceView, now: number): Markup | string {
  if (error === null) return success === null ? 'not fetched yet' : html`fetched ${ago(success, now)}`
  const again = next === null ? 'it is not asked again' : Date.parse(next) <= now ? 'asked again at the next tick' : `asked again in ${counted(Math.ceil((Date.parse(next) - now) / 60_000), 'minute')}`
  return html`<span class="bad">${shortened(error, 160)}</span>; failed ${counted(failures, 'time')}${success === null ? ', never read' : html`, last read ${ago(success, now)}`}, ${again}`
}
