import type { CompiledQuery } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { reason } from '../problems.ts'
import type { VisitTable } from '../schema.ts'
import { shownIn, type Visits } from './visits.ts'

/** A query for the visits of a reader. */
export function visitsOf(db: NewsDatabase, reader: string): CompiledQuery<VisitTable> {
  return db.selectFrom('visit').selectAll().where('reader', '=', reader).compile()
}

/** Visits as they are stored. */
export function readVisits(row: VisitTable | undefined): Visits | undefined {
  return row && { at: row.at, last: JSON.parse(row.last) as string[], times: JSON.parse(row.times) as Record<string, number> }
}

/** Notes what a page that was ranked as of `at` showed to a reader; what shows nothing new is not written. */
export async function noteVisit(db: NewsDatabase, reader: string, before: Visits | undefined, stories: readonly string[], at: number): Promise<void> {
  const visits = shownIn(before, stories, at)
  if (before !== undefined && visits.at === before.at && visits.last.length === before.last.length) return
  const row = { at: visits.at, last: JSON.stringify(visits.last), times: JSON.stringify(visits.times) }
  await db.insertInto('visit').values({ reader, ...row }).onConflict((conflict) => conflict.column('reader').doUpdateSet(row)).execute()
    .catch((error: unknown) => console.warn(`edition: what was shown is not noted: ${reason(error)}`))
}
