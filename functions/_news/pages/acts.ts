import { batch, openDatabase } from '../database.ts'
import type { NewsEnv } from '../env.ts'
import { badRequest } from '../problems.ts'
import { readPreferences, type Preferences } from '../profile.ts'
import { eraseReader, preferencesOf, storeEvents, unknownStories } from '../reader-data.ts'
import { unsubscribe } from '../subscriptions/subscription.ts'
import { topicsNamed } from '../topics/names.ts'

type Changed = Record<'topics' | 'sources', Record<'follow' | 'mute', Set<string>>>

const lists: Record<string, (preferences: Changed, value: string) => void> = {
  'follow-topic': ({ topics }, value) => void (topics.mute.delete(value), topics.follow.add(value)),
  'mute-topic': ({ topics }, value) => void (topics.follow.delete(value), topics.mute.add(value)),
  'drop-topic': ({ topics }, value) => void (topics.follow.delete(value), topics.mute.delete(value)),
  'follow-source': ({ sources }, value) => void (sources.mute.delete(value), sources.follow.add(value)),
  'mute-source': ({ sources }, value) => void (sources.follow.delete(value), sources.mute.add(value)),
  'drop-source': ({ sources }, value) => void (sources.follow.delete(value), sources.mute.delete(value)),
}
const deeds = ['like', 'unlike', 'hide', 'unhide', 'open']

/**
 * Does what a button of a page says: a deed to a story, a change of what is followed or muted, a source of the reader's own to be deleted, or `erase`.
 * @throws Problem 400 for what no button says
 */
export async function perform(env: NewsEnv, reader: string, what: string, value: string): Promise<void> {
  const db = openDatabase(env.DB)
  const now = Date.now()
  if (what === 'erase') return eraseReader(env, db, reader)
  if (value === '' || value.length > 200) throw badRequest('value: expected 1–200 characters')
  if (deeds.includes(what)) {
    const event = { id: what === 'open' ? `page-open-${value}` : crypto.randomUUID(), type: what, story: value, at: now }
    if ((await unknownStories(db, [event])).length > 0) throw badRequest(`value: there is no story ${JSON.stringify(value)}`)
    return void (await batch(env.DB, storeEvents(db, reader, [event], now)))
  }
  if (what === 'delete-source') return void (await unsubscribe(env, db, reader, value))
  const change = Object.hasOwn(lists, what) ? lists[what] : undefined
  if (change === undefined) throw badRequest(`what: expected one of ${[...deeds, ...Object.keys(lists), 'delete-source', 'erase'].join(', ')}, found ${JSON.stringify(what.slice(0, 40))}`)
  const [rows] = await batch(env.DB, [preferencesOf(db, reader)])
  const { topics, sources } = readPreferences(rows[0]?.preferences)
  const sets = (one: Preferences['topics']) => ({ follow: new Set(one.follow), mute: new Set(one.mute) })
  const changed: Changed = { topics: sets(topics), sources: sets(sources) }
  for (const one of what.endsWith('-topic') ? topicsNamed(value) : [value]) change(changed, one)
  const arrays = (one: Changed['topics']) => ({ follow: [...one.follow].slice(0, 200), mute: [...one.mute].slice(0, 200) })
  const preferences = JSON.stringify({ topics: arrays(changed.topics), sources: arrays(changed.sources) })
  await db.insertInto('reader').values({ id: reader, preferences }).onConflict((conflict) => conflict.column('id').doUpdateSet({ preferences })).execute()
}
