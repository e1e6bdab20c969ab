import { html } from 'hono/html'
import type { Preferences } from '../profile.ts'
import type { TopicCount } from '../stories/topics.ts'
import { act, counted, paged, type Markup } from './layout.ts'

/** Follow and mute, or what was chosen of them, to be taken back. */
export function choice(kind: 'topic' | 'source', value: string, name: string, { follow, mute }: Preferences['topics']): Markup {
  const [followed, muted] = [follow.includes(value), mute.includes(value)]
  const drop = `drop-${kind}`
  return html`${followed ? act({ label: 'Followed', what: drop, value, about: name, pressed: true }) : act({ label: 'Follow', what: `follow-${kind}`, value, about: name })}${muted ? act({ label: 'Muted', what: drop, value, about: name, pressed: true }) : act({ label: 'Mute', what: `mute-${kind}`, value, about: name })}`
}

/** Topics in a page, to follow and mute: those of the week, and before them what the reader chose that is not among them. */
export function topicsBody(topics: readonly TopicCount[], chosen: Preferences['topics'], wanted: string | undefined): Markup {
  const there = new Set(topics.map(({ topic }) => topic))
  const others = [...chosen.follow, ...chosen.mute].filter((topic) => !there.has(topic)).map((topic) => ({ topic, stories: 0 }))
  const { entries, links } = paged([...topics, ...others], wanted, 42, (number) => `/news/topics?page=${number}`)
  const rows = entries.map(({ topic, stories }) => html`<li><div class="told"><b dir="auto"><a href="/news/search?q=${encodeURIComponent(`topic:"${topic}"`)}">${topic}</a></b> <span class="meta">${counted(stories, 'story', 'stories')}</span></div><div class="acts">${choice('topic', topic, topic, chosen)}</div></li>`)
  return html`<p class="note">Of the last week. What you follow rises; what you mute does not come.</p>
${rows.length === 0 ? html`<p>No story of the last week has a topic yet.</p>` : html`<ul class="rows two">${rows}</ul>`}${links}`
}
