import { eraseImages } from '../../_images/owners.ts'
import { batch, openDatabase } from '../database.ts'
import type { NewsEnv } from '../env.ts'
import { dropFeedLink, makeFeedLink } from '../feed-link.ts'
import { badRequest, Problem } from '../problems.ts'
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
const others = ['delete-source', 'make-link', 'drop-link', 'erase']
const longestList = 200
/** Buttons pressed at once change what is followed one after the other. */
const TRIES = 10

/**
 * Does what a button of a page says: a deed to a story, a change of what is followed or muted, a source of the reader's own to be deleted,
 * a secret link to be made or taken back, or `erase`.
 * @throws Problem 400 for what no button says
 */
export async function perform(env: NewsEnv, reader: string, what: string, value: string): Promise<void> {
  const db = openDatabase(env.DB)
  const now = Date.now()
  if (what === 'erase') {
    await eraseImages(env, reader)
    return eraseReader(env, db, reader)
  }
  if (what === 'make-link') return void (await makeFeedLink(db, reader))
  if (what === 'drop-link') return dropFeedLink(db, reader)
  if (value === '' || value.length > 200) throw badRequest('value: expected 1–200 characters')
  if (deeds.includes(what)) {
    const event = { id: what === 'open' ? `page-open-${value}` : crypto.randomUUID(), type: what, story: value, at: now }
    if ((await unknownStories(db, [event])).length > 0) throw badRequest(`value: there is no story ${JSON.stringify(value)}`)
    return void (await batch(env.DB, storeEvents(db, reader, [event], now)))
  }
  if (what === 'delete-source') return void (await unsubscribe(env, db, reader, value))
  const change = Object.hasOwn(lists, what) ? lists[what] : undefined
  if (change === undefined) throw badRequest(`what: expected one of ${[...deeds, ...Object.keys(lists), ...others].join(', ')}, found ${JSON.stringify(what.slice(0, 40))}`)
  for (let i = 0; i < TRIES; i++) {
    const [[row]] = await batch(env.DB, [preferencesOf(db, reader)])
    const preferences = JSON.stringify(changed(readPreferences(row?.preferences), change, what.endsWith('-topic') ? topicsNamed(value) : [value]))
    const { numInsertedOrUpdatedRows: stored = 0n } = await db.insertInto('reader').values({ id: reader, preferences })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ preferences }).where('reader.preferences', '=', row?.preferences ?? '')).executeTakeFirstOrThrow()
    if (stored > 0n) return
  }
  throw new Problem(409, 'conflict', 'what you follow was changed elsewhere all the time; try again')
}

function changed({ topics, sources }: Preferences, change: (preferences: Changed, value: string) => void, values: readonly string[]): Preferences {
  const sets = (one: Preferences['topics']) => ({ follow: new Set(one.follow), mute: new Set(one.mute) })
  const all: Changed = { topics: sets(topics), sources: sets(sources) }
  for (const value of values) change(all, value)
  const longest = Math.max(...[all.topics, all.sources].flatMap(({ follow, mute }) => [follow.size, mute.size]))
  if (longest > longestList) throw badRequest(`value: a list holds at most ${longestList}; take something from it first`)
  const arrays = (one: Changed['topics']) => ({ follow: [...one.follow], mute: [...one.mute] })
  return { topics: arrays(all.topics), sources: arrays(all.sources) }
}
