import { html } from 'hono/html'
import type { Markup } from './layout.ts'

/** The forms by which a reader adds sources. */
export const sourceForms: Markup = html`<form method="post" action="/sources"><p><label for="url">Add a feed, or a page that has one</label></p>
<p><input id="url" type="text" inputmode="url" name="url" required maxlength="2000" placeholder="https://example.com" autocomplete="url"> <button>Add</button></p></form>
<form method="post" action="/sources" enctype="multipart/form-data"><p><label for="opml">Add the feeds of an OPML file, as feed readers export it</label></p>
<p><input id="opml" type="file" name="opml" required accept=".opml,.xml,text/x-opml,text/xml"> <button>Import</button> <a class="button" href="/sources.opml">Export all as OPML</a></p></form>
<p class="note">What you add is read by you alone.</p>`

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
}

/** What to tell of a form that was sent, by the name of its outcome; undefined where none was. */
export function sourceNews(done: string | undefined, problem: string | undefined): string | undefined {
  if (problem !== undefined) return problems[problem] ?? 'The source could not be added: its server refuses or fails.'
  return done === undefined ? undefined : 'It is among your sources now.'
}
