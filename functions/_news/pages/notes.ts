import { html } from 'hono/html'
import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { visibleTo } from '../subscriptions/subscription.ts'
import { topicsNamed } from '../topics/names.ts'
import { act, shortened, type Markup } from './layout.ts'

/** What is said of a deed, and what takes it back. */
const said: Record<string, { words: string; undo?: string; of?: 'story' | 'source' }> = {
  like: { words: 'You like', undo: 'unlike', of: 'story' },
  unlike: { words: 'You like no longer', undo: 'like', of: 'story' },
  hide: { words: 'Hidden for good:', undo: 'unhide', of: 'story' },
  unhide: { words: 'Back again:', undo: 'hide', of: 'story' },
  'follow-topic': { words: 'You follow', undo: 'drop-topic' },
  'mute-topic': { words: 'Muted:', undo: 'drop-topic' },
  'drop-topic': { words: 'Neither followed nor muted:' },
  'follow-source': { words: 'You follow', undo: 'drop-source', of: 'source' },
  'mute-source': { words: 'Muted:', undo: 'drop-source', of: 'source' },
  'drop-source': { words: 'Neither followed nor muted:', of: 'source' },
  'delete-source': { words: 'The source is no longer yours.' },
  'make-link': { words: 'The secret address is there.' },
  'drop-link': { words: 'The secret address is taken back; it shows nothing any more.' },
  erase: { words: 'Everything about you is erased. You are a new reader.' },
}

/** What was just done by a button, with another to take it back; undefined where nothing was. */
export async function noteOf(db: NewsDatabase, reader: string, did: string | undefined, to: string | undefined): Promise<Markup | undefined> {
  const told = did !== undefined && Object.hasOwn(said, did) ? said[did] : undefined
  if (told === undefined) return undefined
  const { words, undo, of } = told
  if (to === undefined || to === '' || words.endsWith('.')) return html`<p>${words}</p>`
  const named = of === undefined ? topicsNamed(to).join(', ') : await titleOf(db, reader, of, to)
  if (named === undefined) return undefined
  return html`<p dir="auto">${words} ${of === 'story' ? `“${shortened(named, 70)}”` : shortened(named, 60)}</p>${undo === undefined ? '' : act({ label: 'Undo', what: undo, value: to })}`
}

async function titleOf(db: NewsDatabase, reader: string, of: 'story' | 'source', id: string): Promise<string | undefined> {
  const { rows } = await (of === 'source' ? sql<{ title: string }>`SELECT title FROM source WHERE id = ${id} AND ${visibleTo(reader)}`
    : sql<{ title: string }>`SELECT article.title FROM article JOIN source ON source.id = article.source WHERE article.id = ${id} AND ${visibleTo(reader)}`).execute(db)
  return rows[0]?.title
}
