import { html } from 'hono/html'
import type { NewsEnv } from '../env.ts'
import type { Deeds } from '../profile.ts'
import type { Story } from '../stories/story.ts'
import { picture } from './edition.ts'
import { act, ago, shortened, type Markup } from './layout.ts'

/** So many are shown: a hundred long ones would be too much for a page. */
const SHOWN = 30

/** All that is told of a story: one article alone, several side by side. */
export async function storyBody(env: NewsEnv, { id, title, articles }: Story, { deeds, brief, now }: { deeds: Deeds | undefined; brief: boolean; now: number }): Promise<Markup> {
  const alone = articles.length === 1
  const sources = new Set(articles.map(({ source }) => source.id)).size
  const told = await Promise.all(articles.slice(0, SHOWN).map(async ({ title: name, url, source, summary, published_at: at, image }) => html`<li><article>
${brief ? '' : await picture(env, image, source.title)}<div class="told">${alone && name === title ? '' : html`<h2 dir="auto"><a href="${url}" rel="noopener">${shortened(name, brief ? 100 : 200)}</a></h2>`}
<p class="meta"><a class="source" dir="auto" href="/news/search?q=source:${source.id}">${shortened(source.title, 60)}</a> · ${ago(at, now)}</p><p dir="auto">${shortened(summary, brief ? 120 : 500)}</p>${brief && !alone ? '' : html`<p><a class="button" href="${url}" rel="noopener">Read it at ${hostOf(url)}</a></p>`}</div></article></li>`))
  const left = articles.length - told.length
  return html`<div class="acts">${deeds?.liked === undefined ? act({ label: 'Like', what: 'like', value: id }) : act({ label: 'Liked', what: 'unlike', value: id, pressed: true })}${deeds?.hidden === undefined ? act({ label: 'Hide', what: 'hide', value: id }) : act({ label: 'Hidden', what: 'unhide', value: id, pressed: true })}</div>
${alone ? '' : html`<p class="note">Told by ${articles.length} articles of ${sources} ${sources === 1 ? 'source' : 'sources'}.</p>`}
<ol class="${alone ? 'alone' : 'sides'}">${told}</ol>${left > 0 ? html`<p class="note">And by ${left} more.</p>` : ''}`
}

function hostOf(url: string): string {
  return shortened(URL.parse(url)?.host.replace(/^www\./, '') ?? 'its source', 60)
}
