import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { likeness } from './signals.ts'

/** Openings of the reader that are looked at, and at most so many others who opened each of them, the latest. */
const OPENINGS = 20
const PEERS = 8
const DAY = 24 * 3_600_000

/** A story that readers of the same stories opened, and how many of them. */
export interface CoRead {
  story: string
  together: number
  peers: number
}

/** A query for what those who opened the reader's latest stories opened too, in the last two days before `at`. */
export function coReadOf(db: NewsDatabase, reader: string, at: number): CompiledQuery<CoRead> {
  return sql<CoRead>`
    WITH mine AS (SELECT story FROM opening WHERE reader = ${reader} AND at <= ${at} ORDER BY at DESC LIMIT ${OPENINGS}),
    peer AS MATERIALIZED (SELECT DISTINCT opening.reader FROM mine JOIN opening ON opening.story = mine.story AND opening.reader IN (
      SELECT reader FROM opening AS latest WHERE latest.story = mine.story AND latest.at <= ${at} AND latest.reader <> ${reader} ORDER BY latest.at DESC LIMIT ${PEERS}))
    SELECT story, count(*) AS together, (SELECT count(*) FROM peer) AS peers FROM peer CROSS JOIN opening
    ON opening.reader = peer.reader AND opening.at > ${at - 2 * DAY} AND opening.at <= ${at} GROUP BY story`.compile(db)
}

/** Likeness of each story to what the reader opened; the readers who share that stand for one story. `readersOf` tells how many opened a story. */
export function coReading(rows: readonly CoRead[], readersOf: (story: string) => number): Map<string, number> {
  return new Map(rows.map(({ story, together, peers }) => [story, likeness([{ together, readers: peers }], Math.max(together, readersOf(story)))]))
}
