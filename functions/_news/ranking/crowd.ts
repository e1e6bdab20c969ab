import { sql, type CompiledQuery } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { countersOf, slotsUntil } from '../popularity.ts'
import { reason } from '../problems.ts'
import { fadeTo, noCounters, type Counters } from './counters.ts'
import type { Prior } from './signals.ts'

/** What all readers did in the day before `until`. */
export interface Crowd {
  until: number
  counters: ReadonlyMap<string, Counters>
  prior: Prior
}

/** Counted anew so often, after an answer; what is older than that is not served. */
const AGAIN_MS = 60_000
const OLDEST_MS = 300_000
/** After this the request that counts is taken for lost. */
const LOST_MS = 30_000
/** Openings that were stored late, by another instance, are counted all the same. */
const SETTLED_MS = 2_000

interface Held {
  crowd?: Crowd
  countingSince: number
}

const heldOf = new WeakMap<D1Database, Held>()

async function countAll(db: NewsDatabase, until: number): Promise<Crowd> {
  const { rows } = await db.executeQuery(slotsUntil(db, until))
  const counters = countersOf(rows, until)
  const prior = { clicks: 0, views: 0 }
  for (const { allClicks, allViews } of counters.values()) {
    prior.clicks += allClicks
    prior.views += allViews
  }
  return { until, counters, prior }
}

/**
 * What all readers did until a moment ago; `opensSince` tells the rest. Held by the instance, and counted anew every minute after an
 * answer was given, so that no reader waits for it.
 */
export async function loadCrowd(d1: D1Database, db: NewsDatabase, now: number, later: (work: Promise<unknown>) => void): Promise<Crowd> {
  const held = heldOf.get(d1) ?? { countingSince: 0 }
  heldOf.set(d1, held)
  const old = held.crowd
  if (old === undefined || now - old.until > OLDEST_MS || now < old.until) return (held.crowd = await countAll(db, now - SETTLED_MS))
  if (now - old.until > AGAIN_MS && now - held.countingSince > LOST_MS) {
    held.countingSince = now
    later(
      countAll(db, now - SETTLED_MS)
        .then((crowd) => void (held.crowd = crowd), (error: unknown) => console.warn(`edition: what readers did is not counted anew: ${reason(error)}`))
        .finally(() => (held.countingSince = 0)),
    )
  }
  return old
}

/** A query for the openings after `since`. */
export function opensSince(db: NewsDatabase, since: number, at: number): CompiledQuery<{ story: string; opens: number }> {
  return sql<{ story: string; opens: number }>`SELECT story, count(*) AS opens FROM opening WHERE at > ${since} AND at <= ${at} GROUP BY story`.compile(db)
}

/** The counters of some stories as of `at`: those of the crowd, and what was opened since. */
export function countersNow({ counters }: Crowd, since: ReadonlyMap<string, number>, stories: Iterable<string>, at: number): Map<string, Counters> {
  const now = new Map<string, Counters>()
  for (const story of stories) {
    const [known, opens] = [counters.get(story), since.get(story) ?? 0]
    if (known === undefined && opens === 0) continue
    const own: Counters = known === undefined ? noCounters(at) : { ...known, clicks: [...known.clicks], views: [...known.views] }
    fadeTo(own, at)
    for (let i = 0; i < own.clicks.length; i++) own.clicks[i]! += opens
    own.allClicks += opens
    now.set(story, own)
  }
  return now
}
