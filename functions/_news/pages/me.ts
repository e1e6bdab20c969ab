import { html } from 'hono/html'
import { addressesOf } from '../feed-link.ts'
import { profileOf, type Deeds, type Preferences, type ReaderEvent } from '../profile.ts'
import { act, ago, counted, shortened, type Markup } from './layout.ts'

/** What is known of a reader. */
export interface Known {
  reader: string
  preferences: Preferences
  events: ReaderEvent[]
  deeds: ReadonlyMap<string, Deeds>
  /** Of sources, by id. */
  titles: ReadonlyMap<string, string>
  /** The secret of the link for feed readers. */
  link: string | undefined
  origin: string
  /** How many the reader sent. */
  images: number
  now: number
}

/** Of the longest lists so much is shown; the rest is in the export. */
const FULL = { chosen: 60, learned: 12, stories: 15 }
const BRIEF = { chosen: 15, learned: 8, stories: 5 }

const kinds = [['topic', 'follow', 'Topics you follow'], ['topic', 'mute', 'Topics you mute'], ['source', 'follow', 'Sources you follow'], ['source', 'mute', 'Sources you mute']] as const

/** All that is known of a reader, in words and numbers, to be changed, taken along or erased. */
export function meBody(known: Known, brief: boolean): Markup {
  const most = brief ? BRIEF : FULL
  const { reader, preferences, events, deeds, titles, link, origin, images, now } = known
  const { topics, sources, opened, hidden, liked } = profileOf(preferences, events, now)
  const nameOf = (kind: 'topic' | 'source', value: string) => (kind === 'topic' ? value : titles.get(value) ?? value)
  const chosen = kinds.map(([kind, list, heading]) => {
    const values = preferences[`${kind}s`][list]
    const chips = values.slice(0, most.chosen).map((value) => html`<li>${chip(nameOf(kind, value), `drop-${kind}`, value, list === 'follow' ? 'Stop following' : 'No longer mute')}</li>`)
    const add = kind === 'source' ? html`<p class="note"><a href="/news/sources">Choose among the sources</a></p>`
      : html`<form class="field short" method="post" action="/news/act"><label for="${list}-topic">${list === 'follow' ? 'Follow a topic' : 'Mute a topic'}</label><div><input id="${list}-topic" type="text" name="value" required maxlength="40" autocomplete="off"><input type="hidden" name="back" value="/news/me"><button name="what" value="${list}-topic">${list === 'follow' ? 'Follow' : 'Mute'}</button></div></form>`
    return html`<section><h2>${heading}</h2>${values.length === 0 ? html`<p class="note">None.</p>` : html`<ul class="chips">${chips}</ul>`}${more(values.length - chips.length)}${add}</section>`
  })
  const learned = ([['topic', 'Topics, as learned', topics], ['source', 'Sources, as learned', sources]] as const).map(([kind, heading, feelings]) => {
    const lines = [...feelings].filter(([, value]) => Math.abs(value) >= 0.05).toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    const rows = lines.slice(0, most.learned).map(([key, value]) => html`<tr><th scope="row" dir="auto">${shortened(nameOf(kind, key), 60)}</th><td>${value > 0 ? '+' : '−'}${Math.abs(value).toFixed(1)}</td><td>${value > 0 ? 'you read it' : 'you hide it'}</td></tr>`)
    return html`<section><h2>${heading}</h2>${rows.length === 0 ? html`<p class="note">Nothing yet.</p>` : html`<table><tbody>${rows}</tbody></table>`}${more(lines.length - rows.length)}</section>`
  })
  const stories = ([['liked', 'Stories you liked', 'unlike', 'No longer liked'], ['hidden', 'Stories you hid', 'unhide', 'Show again']] as const).map(([deed, heading, what, label]) => {
    const all = [...deeds].filter(([, one]) => one[deed] !== undefined).toSorted(([, a], [, b]) => b[deed]! - a[deed]!)
    const rows = all.slice(0, most.stories).map(([id, one]) => html`<li><div class="told"><a dir="auto" href="/news/story/${id}">${shortened(one.title, 120)}</a> <span class="meta">${ago(one[deed]!, now)}</span></div><div class="acts">${act({ label, what, value: id, about: one.title })}</div></li>`)
    return html`<section><h2>${heading}</h2>${rows.length === 0 ? html`<p class="note">None.</p>` : html`<ul class="rows">${rows}</ul>`}${more(all.length - rows.length)}</section>`
  })
  return html`<p>You opened ${counted(opened.size, 'story', 'stories')}, liked ${liked.size} and hid ${hidden.size}.${images === 0 ? '' : ` You sent ${counted(images, 'image', 'images')}.`} Opening counts 1, liking 3, hiding −2; each half after two weeks. Nobody is told.</p>
<p class="note">Your name here is <code>${shortened(reader, 80)}</code>.</p>
<div class="halves">${chosen}${learned}</div>${stories}
<section><h2>Your edition in a feed reader</h2>${feedLink(link, origin)}</section>
<section><h2>Take it along, or have it erased</h2><div class="acts"><a class="button" href="/reader/export" download>Export everything</a><a class="button" href="/sources.opml" download>Export your sources</a></div>
<details class="danger"><summary>Erase everything …</summary><p>All that stands here is gone at once, and cannot be brought back. You begin as a new reader.</p><p>${act({ label: 'Erase everything', what: 'erase', value: 'all' })}</p></details></section>`
}

function chip(name: string, what: string, value: string, label: string): Markup {
  return html`<button form="acts" class="chip" name="act" value="${what} ${value}" aria-label="${label}: ${shortened(name, 60)}"><span dir="auto">${shortened(name, 40)}</span> <span aria-hidden="true">×</span></button>`
}

function more(count: number): Markup | string {
  return count > 0 ? html`<p class="note">And ${count} more, in the export.</p>` : ''
}

function feedLink(secret: string | undefined, origin: string): Markup {
  if (secret === undefined) return html`<p>A secret address shows your edition in any feed reader. Whoever has it reads along, until you take it back.</p><p>${act({ label: 'Make a secret address', what: 'make-link', value: 'feed' })}</p>`
  const names = { json: 'JSON Feed', atom: 'Atom', rss: 'RSS' }
  const lines = Object.entries(addressesOf(origin, secret)).map(([format, address]) => html`<li><a href="${address}">${names[format as keyof typeof names]}</a> <code>${address}</code></li>`)
  return html`<p>Whoever has one of these addresses reads along, until you take them back.</p><ul class="addresses">${lines}</ul>
<p>${act({ label: 'Take it back', what: 'drop-link', value: 'feed' })} ${act({ label: 'Make another', what: 'make-link', value: 'feed' })}</p>`
}
