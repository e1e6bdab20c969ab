import { batch, type NewsDatabase } from '../database.ts'
import { reason } from '../problems.ts'
import type { CounterTable } from '../schema.ts'
import { fadeTo, type Counters } from './counters.ts'
import { countersIn, countersSince, keptMs } from './counting.ts'
import type { Prior } from './signals.ts'

/** What all readers did lately, as far as one instance knows it. Openings are read with every edition, showings every minute. */
export interface Crowd {
  counters: Map<string, Counters>
  prior: Prior
  /** When stories were last opened, those of the last minute at least. */
  opened: Map<string, number>
  /** All that changed until then is known, and all that was opened. */
  changedUntil: number
  openedUntil: number
}

/** What was shown is read anew so often, after an answer; what is older than that is not served. */
const AGAIN_MS = 60_000
const OLDEST_MS = 300_000
/** After this the request that reads is taken for lost. */
const LOST_MS = 30_000
/** What another instance wrote late, or by a clock that is slow, is read all the same. */
const SETTLED_MS = 2_000

interface Held {
  crowd: Crowd
  readingSince: number
}

const heldOf = new WeakMap<D1Database, Held>()

/** Takes in counters as they are now: a row that was read before, or came behind a later one, changes nothing. */
function takeIn(crowd: Crowd, rows: readonly CounterTable[]): void {
  for (const row of rows) {
    const [old, now] = [crowd.counters.get(row.story), countersIn(row)]
    if (old !== undefined && old.allClicks + old.allViews > now.allClicks + now.allViews) continue
    crowd.counters.set(row.story, now)
    crowd.prior.clicks += now.allClicks - (old?.allClicks ?? 0)
    crowd.prior.views += now.allViews - (old?.allViews ?? 0)
    if (row.opened_at > 0) crowd.opened.set(row.story, row.opened_at)
  }
}

async function readChanges(d1: D1Database, db: NewsDatabase, crowd: Crowd, now: number): Promise<void> {
  const [rows] = await batch(d1, [countersSince(db, Math.max(now - keptMs, crowd.changedUntil - SETTLED_MS), 'changed')])
  takeIn(crowd, rows)
  crowd.changedUntil = now
  crowd.openedUntil = Math.max(crowd.openedUntil, now)
  for (const [story, at] of crowd.opened) if (at < now - AGAIN_MS) crowd.opened.delete(story)
  for (const [story, { at, allClicks, allViews }] of crowd.counters) {
    if (at >= now - keptMs) continue
    crowd.counters.delete(story)
    crowd.prior.clicks -= allClicks
    crowd.prior.views -= allViews
  }
}

/** What all readers did until a minute ago; `openedSince` tells of later openings. Nobody waits for more than what changed since. */
export async function loadCrowd(d1: D1Database, db: NewsDatabase, now: number, later: (work: Promise<unknown>) => void): Promise<Crowd> {
  const held = heldOf.get(d1) ?? { crowd: { counters: new Map(), prior: { clicks: 0, views: 0 }, opened: new Map(), changedUntil: 0, openedUntil: 0 }, readingSince: 0 }
  heldOf.set(d1, held)
  const { crowd } = held
  const age = now - crowd.changedUntil
  if (age > OLDEST_MS) await readChanges(d1, db, crowd, now)
  else if (age > AGAIN_MS && now - held.readingSince > LOST_MS) {
    held.readingSince = now
    later(
      readChanges(d1, db, crowd, now)
        .catch((error: unknown) => console.warn(`edition: what readers did is not read anew: ${reason(error)}`))
        .finally(() => (held.readingSince = 0)),
    )
  }
  return crowd
}

/** A query for what was opened lately; `noteOpened` takes its answer. */
export function openedSince(db: NewsDatabase, crowd: Crowd): ReturnType<typeof countersSince> {
  return countersSince(db, crowd.openedUntil - SETTLED_MS, 'opened')
}

/** Takes in what was opened until `now`. */
export function noteOpened(crowd: Crowd, rows: readonly CounterTable[], now: number): void {
  takeIn(crowd, rows)
  crowd.openedUntil = Math.max(crowd.openedUntil, now)
}

/** The stories that were opened after `since`, at most a minute ago, the latest first. */
export function openedLately({ opened }: Crowd, since: number): string[] {
  return [...opened].filter(([, at]) => at > since - SETTLED_MS).toSorted(([, a], [, b]) => b - a).map(([story]) => story)
}

/** The counters of some stories as of `at`. */
export function countersNow({ counters }: Crowd, stories: Iterable<string>, at: number): Map<string, Counters> {
  const now = new Map<string, Counters>()
  for (const story of stories) {
    const known = counters.get(story)
    if (known === undefined) continue
    const own: Counters = { ...known, clicks: [...known.clicks], views: [...known.views] }
    fadeTo(own, at)
    now.set(story, own)
  }
  return now
}
