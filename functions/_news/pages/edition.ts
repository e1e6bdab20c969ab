import { html } from 'hono/html'
import { remoteImagePath } from '../../_images/remote.ts'
import type { NewsEnv } from '../env.ts'
import type { EditionStory } from '../ranking/edition.ts'
import { act, ago, shortened, type Markup } from './layout.ts'

/** A picture in a place of its own: whether it comes or not, nothing moves, and the place bears the name of its source. */
export async function picture(env: NewsEnv, address: string | null | undefined, source: string): Promise<Markup | string> {
  // What has an address as long as that says in it what a page should not carry.
  if (address === null || address === undefined || address.length > 600) return ''
  return html`<div class="picture"><span aria-hidden="true">${shortened(source, 30)}</span><img src="${await remoteImagePath(env, address, '640')}" alt="" loading="lazy" decoding="async" width="640" height="360"></div>`
}

/** What a card is made with beside its story. */
export interface CardOptions {
  liked: boolean
  /** Topics that need not be offered. */
  followed: readonly string[]
  brief: boolean
  now: number
}

/** One story of the edition: what it says, why it stands there, and what can be done about it. */
export async function storyCard(env: NewsEnv, { candidate, score, reasons, exploration }: EditionStory, { liked, followed, brief, now }: CardOptions): Promise<Markup> {
  const { id, title, summary, source, image, articles, topics, publishedAt, firstSeen, undated } = candidate
  const offered = topics.find((topic) => !followed.includes(topic))
  const about = shortened(title, brief ? 30 : 80)
  return html`<li id="s-${id}"><article>
${brief ? '' : await picture(env, image, source.title)}<div class="told"><h2 dir="auto"><a href="/news/story/${id}">${shortened(title, brief ? 100 : 200)}</a></h2>
<p class="meta"><span class="source" dir="auto">${shortened(source.title, brief ? 30 : 60)}</span> · ${undated ? 'first seen ' : ''}${ago(undated ? firstSeen : publishedAt, now)}${articles > 1 ? html` · <b>told by ${articles}</b>` : ''}${exploration === undefined ? '' : html` <span class="try">something new to try</span>`}</p>
<p dir="auto">${shortened(summary, brief ? 80 : 280)}</p>
<details><summary>Why this<span class="aside">: ${about}</span></summary><ul class="reasons">${reasons.map(({ label, weight }) => html`<li><span>${shortened(label, brief ? 40 : 120)}</span><span>${weight > 0 ? '+' : ''}${weight}</span></li>`)}<li class="total"><span>points in all</span><span>${score}</span></li></ul></details>
<div class="acts">${liked ? act({ label: 'Liked', what: 'unlike', value: id, about, pressed: true }) : act({ label: 'Like', what: 'like', value: id, about })}${act({ label: 'Hide', what: 'hide', value: id, about })}${act({ label: 'Mute source', what: 'mute-source', value: source.id, about: shortened(source.title, brief ? 30 : 60) })}${offered === undefined ? '' : act({ label: `Follow ${offered}`, what: 'follow-topic', value: offered })}</div>
</div></article></li>`
}
