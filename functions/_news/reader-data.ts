import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from './database.ts'
import type { ReaderEvent } from './profile.ts'

// Older deeds have faded anyway.
const maxEvents = 1000

/** A query for what a reader follows and mutes. */
export function preferencesOf(db: NewsDatabase, reader: string): CompiledQuery<{ preferences: string }> {
  return db.selectFrom('reader').select('preferences').where('id', '=', reader).compile()
}

/** A query for the newest deeds of a reader, with the source and topics of their stories. */
export function eventsOf(db: NewsDatabase, reader: string): CompiledQuery<ReaderEvent> {
  return db
    .selectFrom('event')
    .innerJoin('article', 'article.id', 'event.story')
    .select(['event.type', 'event.story', 'event.at', 'event.received_at', 'article.source', 'article.topics', 'article.title'])
    .where('event.reader', '=', reader)
    .orderBy('event.seq', 'desc')
    .limit(maxEvents)
    .compile()
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
): [CompiledQuery<{ id: string }>, CompiledQuery] {
  const list = JSON.stringify(events)
  const store = sql<{ id: string }>`
    INSERT INTO event (reader, id, type, story, at, received_at)
    SELECT ${reader}, value ->> 'id', value ->> 'type', value ->> 'story', value ->> 'at', ${now} FROM json_each(${list}) WHERE true
    ON CONFLICT (reader, id) DO NOTHING RETURNING id`.compile(db)
  // From the events as stored: a duplicate id with other content counts for nothing.
  const open = sql`
    INSERT INTO opening (story, reader, at)
    SELECT story, reader, received_at FROM event
    WHERE reader = ${reader} AND type = 'open' AND id IN (SELECT value ->> 'id' FROM json_each(${list}))
    ON CONFLICT DO NOTHING`.compile(db)
  return [store, open]
}
