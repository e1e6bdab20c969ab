import { html } from 'hono/html'
import { remoteImagePath } from '../../_images/remote.ts'
import type { NewsEnv } from '../env.ts'
import type { EditionStory } from '../ranking/edition.ts'
import { act, ago, type Markup } from './layout.ts'

/** One story of the edition: what it says, why it stands there, and what can be done about it. */
export async function storyCard(env: NewsEnv, { candidate, score, reasons, exploration }: EditionStory, now: number): Promise<Markup> {
  const { id, title, summary, source, image, articles, topics } = candidate
  const picture = image === null ? '' : html`<img class="picture" src="${await remoteImagePath(env, image, '640')}" alt="" loading="lazy" width="640" height="360">`
  return html`<li><article>
${picture}<h2><a href="/news/story/${id}">${title}</a></h2>
<p class="meta">${source.title} · ${ago(new Date(candidate.publishedAt).toISOString(), now)}${articles > 1 ? ` · told by ${articles} articles` : ''} ${exploration === undefined ? '' : html`<span class="try">something new to try</span>`}</p>
<p>${summary}</p>
<details><summary>Why this, with ${score} points</summary><ul class="reasons">${reasons.map(({ label, weight }) => html`<li><span>${label}</span><span>${weight > 0 ? '+' : ''}${weight}</span></li>`)}</ul></details>
<div class="acts">${act('Like', 'like', id, '/', `Like: ${title}`)}${act('Hide', 'hide', id, '/', `Hide: ${title}`)}${act('Mute source', 'mute-source', source.id, '/', `Mute source: ${source.title}`)}${topics[0] === undefined ? '' : act(`Follow ${topics[0]}`, 'follow-topic', topics[0], '/')}</div>
</article></li>`
}
