import type { CompiledQuery } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { reason } from '../problems.ts'

const HOUR = 3_600_000

/** The hour for which a reader keeps the story that is tried. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR)
}

/** A query for the stories that were tried with a reader in the hour of `at`, the latest first: each is noted once. */
export function triedInHour(db: NewsDatabase, reader: string, at: number): CompiledQuery<{ story: string; propensity: number }> {
  return db.selectFrom('exploration').select(['story', 'propensity']).where('reader', '=', reader).where('at', '>=', hourOf(at) * HOUR).orderBy('at', 'desc').compile()
}

/** Notes that a story was tried, and the chance it had: what is needed to judge another way of choosing by what readers did. */
export async function noteExploration(db: NewsDatabase, reader: string, story: string, at: number, propensity: number): Promise<void> {
  await db.insertInto('exploration').values({ reader, story, at, propensity }).onConflict((conflict) => conflict.doNothing()).execute()
    .catch((error: unknown) => console.warn(`edition: what was tried is not noted: ${reason(error)}`))
}
