import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { likeness } from './signals.ts'

/** Openings of the reader that are looked at, and at most so many readers who share one. */
const OPENINGS = 20
const PEERS = 200
const DAY = 24 * 3_600_000

/** A story that readers of the same stories opened, and by how many of them. */
export interface CoRead {
  story: string
  together: number
  readers: number
  peers: number
}

/** A query for what those who opened the reader's latest stories opened too, in the last two days before `at`. */
export function coReadOf(db: NewsDatabase, reader: string, at: number): CompiledQuery<CoRead> {
  return sql<CoRead>`
    WITH mine AS (SELECT story FROM opening WHERE reader = ${reader} AND at <= ${at} ORDER BY at DESC LIMIT ${OPENINGS}),
    peer AS (SELECT DISTINCT reader FROM (SELECT reader FROM opening WHERE story IN (SELECT story FROM mine) AND reader <> ${reader} AND at <= ${at} ORDER BY at DESC LIMIT ${PEERS})),
    theirs AS (SELECT story, count(*) AS together FROM opening WHERE reader IN (SELECT reader FROM peer) AND at > ${at - 2 * DAY} AND at <= ${at} GROUP BY story)
    SELECT story, together, (SELECT count(*) FROM opening WHERE opening.story = theirs.story AND at <= ${at}) AS readers, (SELECT count(*) FROM peer) AS peers FROM theirs`.compile(db)
}

/** Likeness of each story to what the reader opened; the readers who share that stand for one story. */
export function coReading(rows: readonly CoRead[]): Map<string, number> {
  return new Map(rows.map(({ story, together, readers, peers }) => [story, likeness([{ together, readers: peers }], readers)]))
}
