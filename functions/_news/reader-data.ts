import { sql, type CompiledQuery } from 'kysely'
import { batch, type NewsDatabase } from './database.ts'
import type { NewsEnv } from './env.ts'
import type { ReaderEvent } from './profile.ts'
import { counting } from './ranking/counting.ts'
import { readVisits, visitsOf } from './ranking/visit-notes.ts'
import { passedBy } from './ranking/visits.ts'
import { forgettingOrphans } from './subscriptions/subscription.ts'

// Older deeds have faded anyway, but for what is hidden for good.
const maxEvents = 1000

/** A query for what a reader follows and mutes. */
export function preferencesOf(db: NewsDatabase, reader: string): CompiledQuery<{ preferences: string }> {
  return db.selectFrom('reader').select('preferences').where('id', '=', reader).compile()
}

/** A query for the newest deeds of a reader and all that hid a story or took that back, with the source and topics that their stories had then. */
export function eventsOf(db: NewsDatabase, reader: string): CompiledQuery<ReaderEvent> {
  // Of a story that was gone before events kept this, nothing is known: it has no source.
  return sql<ReaderEvent>`
    SELECT type, story, at, received_at, source, topics, title FROM event WHERE source <> '' AND seq IN (
      SELECT seq FROM (SELECT seq FROM event WHERE reader = ${reader} ORDER BY seq DESC LIMIT ${maxEvents})
      UNION SELECT seq FROM event WHERE reader = ${reader} AND type IN ('hide', 'unhide'))
    ORDER BY seq DESC`.compile(db)
}

/** An event as it is stored. Times in milliseconds since 1970. */
export interface NewEvent {
  id: string
  type: string
  story: string
  at: number
}

/** Names the events whose story does not exist, by their index. */
export async function unknownStories(db: NewsDatabase, events: NewEvent[]): Promise<number[]> {
  const { rows } = await sql<{ index: number }>`
    SELECT key AS "index" FROM json_each(${JSON.stringify(events)})
    WHERE NOT EXISTS (SELECT 1 FROM article WHERE article.id = value ->> 'story')`.execute(db)
  return rows.map((row) => row.index)
}

/** Queries that store a reader's events, each id once, and count the first opening of a story; the first answers the ids that were new. */
export function storeEvents(
  db: NewsDatabase, reader: string, events: NewEvent[], now: number,
): [CompiledQuery<{ id: string }>, ...CompiledQuery[]] {
  const list = JSON.stringify(events)
  const store = sql<{ id: string }>`
    INSERT INTO event (reader, id, type, story, at, received_at, source, topics, title)
    SELECT ${reader}, value ->> 'id', value ->> 'type', article.story, value ->> 'at', ${now}, article.source, article.topics, article.title
    FROM json_each(${list}) CROSS JOIN article ON article.id = value ->> 'story' WHERE true
    ON CONFLICT (reader, id) DO NOTHING RETURNING id`.compile(db)
  // From the events as stored: a duplicate id with other content counts for nothing.
  const opened = sql`FROM event WHERE reader = ${reader} AND type = 'open' AND id IN (SELECT value ->> 'id' FROM json_each(${list}))`
  const first = sql`SELECT DISTINCT story, 1 AS clicks, 0 AS views ${opened} AND NOT EXISTS (SELECT 1 FROM opening WHERE opening.story = event.story AND opening.reader = event.reader)`
  const open = sql`INSERT INTO opening (story, reader, at) SELECT story, reader, received_at ${opened} ON CONFLICT DO NOTHING`.compile(db)
  return [store, counting(db, first, now), open]
}

/** Everything that is kept of a reader. Times in ISO 8601. */
export interface ReaderRecord {
  reader: string
  preferences: object
  events: { id: string; type: string; story: string; title: string; at: string; received_at: string }[]
  openings: { story: string; at: string }[]
  explorations: { story: string; at: string; propensity: number }[]
  /** How often stories were shown, as far as that is remembered. */
  shown: { story: string; times: number }[]
  /** What the reader added. */
  sources: { url: string; title: string; topics: string[]; added_at: string }[]
  /** The secret link under which feed readers have the edition; null where there is none. */
  feed: { key: string; created_at: string } | null
}

/** Reads everything that is kept of a reader. */
export async function recordOf(db: NewsDatabase, reader: string): Promise<ReaderRecord> {
  const iso = (ms: number) => new Date(ms).toISOString()
  const stored = await db.selectFrom('reader').select('preferences').where('id', '=', reader).executeTakeFirst()
  const events = await db.selectFrom('event').select(['id', 'type', 'story', 'title', 'at', 'received_at']).where('reader', '=', reader).orderBy('seq').execute()
  const openings = await db.selectFrom('opening').select(['story', 'at']).where('reader', '=', reader).orderBy('at').execute()
  const explorations = await db.selectFrom('exploration').select(['story', 'at', 'propensity']).where('reader', '=', reader).orderBy('at').execute()
  const [visit] = await db.executeQuery(visitsOf(db, reader)).then(({ rows }) => rows)
  const sources = await db.selectFrom('subscription').innerJoin('source', 'source.id', 'subscription.source').select(['source.url', 'source.title', 'subscription.topics', 'added_at'])
    .where('reader', '=', reader).orderBy('added_at').execute()
  const link = await db.selectFrom('feed_link').select(['secret', 'created_at']).where('reader', '=', reader).executeTakeFirst()
  return {
    reader,
    preferences: stored === undefined ? {} : (JSON.parse(stored.preferences) as object),
    events: events.map((event) => ({ ...event, at: iso(event.at), received_at: iso(event.received_at) })),
    openings: openings.map(({ story, at }) => ({ story, at: iso(at) })),
    explorations: explorations.map(({ story, at, propensity }) => ({ story, at: iso(at), propensity })),
    shown: [...passedBy(readVisits(visit), Infinity)].map(([story, times]) => ({ story, times })),
    sources: sources.map(({ url, title, topics, added_at: at }) => ({ url, title, topics: JSON.parse(topics) as string[], added_at: iso(at) })),
    feed: link === undefined ? null : { key: link.secret, created_at: iso(link.created_at) },
  }
}

/** Erases everything that is kept of a reader, and the sources that nobody else reads; what was counted of a story without a name stays. */
export async function eraseReader(env: NewsEnv, db: NewsDatabase, reader: string): Promise<void> {
  const own = await db.selectFrom('subscription').select('source').where('reader', '=', reader).execute()
  await batch(env.DB, [
    db.deleteFrom('event').where('reader', '=', reader).compile(),
    db.deleteFrom('opening').where('reader', '=', reader).compile(),
    db.deleteFrom('exploration').where('reader', '=', reader).compile(),
    db.deleteFrom('visit').where('reader', '=', reader).compile(),
    db.deleteFrom('subscription').where('reader', '=', reader).compile(),
    db.deleteFrom('feed_link').where('reader', '=', reader).compile(),
    db.deleteFrom('reader').where('id', '=', reader).compile(),
    ...forgettingOrphans(db, own.map(({ source }) => source)),
  ])
}
