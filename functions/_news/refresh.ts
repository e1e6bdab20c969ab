import { storeArticles } from './articles.ts'
import { batch, type NewsDatabase } from './database.ts'
import { download, DownloadError, type Download, type Validators } from './download.ts'
import type { NewsEnv } from './env.ts'
import { parseFeed } from './feed.ts'
import { hintsOf } from './fetching/hints.ts'
import { hostOf, takeTurn } from './fetching/host-turn.ts'
import type { InTurn } from './fetching/in-turn.ts'
import { takePlace, type Place } from './fetching/room.ts'
import { nextCheck, type Hints } from './fetching/schedule.ts'
import { nameOf } from './identity.ts'
import { reason } from './problems.ts'
import { retireSamples, sampleBase, sampleDocument } from './samples.ts'
import { contentChanged } from './settings.ts'
import { askedAt, holdOn, noteReading, settleFailure, settleSuccess, type Source } from './sources.ts'

const timeoutMs = 20_000
const maxBytes = 15 * 2 ** 20
/** Of the minute that a claim lasts. */
const holdAfterMs = 20_000
/** A document that ended its process so often in a row is not read again before the next check. */
const mostReadings = 2

/** What is known of the document that is stored, and the topics it was stored with. */
type Known = Validators & { topics: string }

// With other topics, and where the server refused the last question, the document is wanted whole.
function knownOf({ validators, topics, document, error_code: failed }: Source): Validators | undefined {
  const known = JSON.parse(validators) as Partial<Known>
  if (known.from === undefined || known.topics !== topics || document === null || /^http_4(?!29)/.test(failed ?? '')) return undefined
  return { ...known, from: known.from }
}

/** What storing a document did: its mark, how many articles are new or changed, and what it says of when to come again. */
interface Stored {
  mark: string
  changed: number
  hints: Hints
}

/** A document that is no feed. */
class NotAFeed extends Error {}

/** A document that ended the process which read it. */
class TooHeavy extends Error {}

const headLength = 65_536

/** A document without the time it was made, as its head tells it: many servers change that alone. What is never closed is not looked for far. */
export function unstamped(text: string): string {
  const head = text.slice(0, headLength)
  const end = /<(?:item|entry)\b/i.exec(head)?.index ?? head.length
  return head.slice(0, end).replaceAll(/<(lastBuildDate|pubDate|updated|dc:date|generated)\b[^<>]{0,200}>[^<]{0,200}<\/\1>/gi, '') + text.slice(end)
}

// A document that is stored already costs nothing more than its mark. Documents are read one at a time: of those that end their process, it is known which.
async function storeDocument(db: NewsDatabase, source: Source, text: string, address: string, { inTurn }: Refresh, place: Place): Promise<Stored> {
  // The topics of the source are stored with its articles, so they belong to the mark.
  const mark = await nameOf(`${source.topics}\n${unstamped(text)}`)
  if (mark === source.document) return { mark, changed: 0, hints: JSON.parse(source.hints) as Hints }
  // One that took long has to wait for others, perhaps.
  const hold = async (): Promise<unknown> => Date.now() - source.fetched_at > holdAfterMs && holdOn(db, source)
  await hold()
  const feed = await place.alone(async () => {
    await noteReading(db, source, source.reading + 1)
    const read = await parseFeed(text, address).catch((error: unknown) => {
      throw new NotAFeed(reason(error), { cause: error })
    })
    // While it waits to be stored, another may end the process.
    await noteReading(db, source, 0)
    return read
  })
  const hints = hintsOf(text, feed.items.map(({ publishedAt }) => publishedAt), Date.now())
  await hold()
  return { mark, changed: await inTurn(() => storeArticles(db, source, feed.items)), hints }
}

async function refreshSample(env: NewsEnv, db: NewsDatabase, source: Source, check: Refresh, place: Place): Promise<void> {
  const stored = await storeDocument(db, source, await sampleDocument(env, source.url), sampleBase, check, place)
  const settled = settleSuccess(db, source, { document: stored.mark, address: null, host: '', validators: '{}', hints: {}, notBefore: 0 })
  await batch(env.DB, [settled, ...(stored.changed > 0 ? [contentChanged(db)] : [])])
}

/** A check of a source. */
export interface Refresh {
  /** The moment it was due, milliseconds since 1970. */
  dueAt: number
  /** From 0 to 1, by chance: spreads the next check. */
  random(): number
  /** Articles are stored by one source at a time, so that those on the same event find each other. */
  inTurn: InTurn
}

/** The name of what a check failed by. */
function codeOf(error: unknown): string {
  return error instanceof DownloadError ? error.code : error instanceof NotAFeed ? 'not_a_feed' : error instanceof TooHeavy ? 'too_heavy' : 'failed'
}

/** Gives a source back that failed by `error`: it is checked again later, the more failures the later. */
export async function giveBack(db: NewsDatabase, source: Source, error: unknown, { dueAt, random }: Pick<Refresh, 'dueAt' | 'random'>): Promise<void> {
  const retryAfterMs = error instanceof DownloadError ? error.retryAfterMs : undefined
  const hints = JSON.parse(source.hints) as Hints
  const notBefore = nextCheck({ dueAt, endedAt: Math.max(Date.now(), dueAt), hints, failures: source.failures + 1, retryAfterMs, random: random() })
  await settleFailure(db, source, { words: reason(error), code: codeOf(error), notBefore })
}

/**
 * Fetches a claimed source, stores its articles and gives it back. Never rejects for what the source does: its failure is written to it,
 * and answered in words; undefined where all went well. What was stored before stays.
 */
export async function refreshSource(env: NewsEnv, db: NewsDatabase, source: Source, check: Refresh): Promise<string | undefined> {
  const place = takePlace()
  try {
    if (source.sample === 1) await refreshSample(env, db, source, check, place)
    else if (source.reading >= mostReadings) throw new TooHeavy(`ingest: ${source.reading} times the process ended that read its document`)
    else await settleAnswer(env, db, source, await fetched(db, source, place), check, place)
    return undefined
  } catch (error) {
    if (source.sample === 1) throw error
    await giveBack(db, source, error, check)
    return reason(error)
  } finally {
    place.leave()
  }
}

async function fetched(db: NewsDatabase, source: Source, place: Place): Promise<Download> {
  let host = source.host
  const enter = async (next: string, signal: AbortSignal): Promise<void> => {
    if (next === host) return
    await takeTurn(db, source, next, signal)
    host = next
  }
  return download({ address: askedAt(source), known: knownOf(source), timeoutMs, maxBytes, place, enter })
}

/** Stores a document that was fetched for a claimed source already, and gives the source back. */
export async function settleDocument(env: NewsEnv, db: NewsDatabase, source: Source, answer: Download, check: Refresh, place: Place): Promise<void> {
  try {
    await settleAnswer(env, db, source, answer, check, place)
  } catch (error) {
    await giveBack(db, source, error, check)
  }
}

async function settleAnswer(env: NewsEnv, db: NewsDatabase, source: Source, answer: Download, check: Refresh, place: Place): Promise<void> {
  const { text, validators, movedTo, freshMs, retryAfterMs } = answer
  const asked = askedAt(source)
  const stored: Stored = text === undefined
    ? { mark: source.document ?? '', changed: 0, hints: JSON.parse(source.hints) as Hints }
    : await storeDocument(db, source, text, movedTo ?? asked, check, place)
  const endedAt = Math.max(Date.now(), check.dueAt)
  const notBefore = nextCheck({ dueAt: check.dueAt, endedAt, hints: stored.hints, freshMs, retryAfterMs, failures: 0, random: check.random() })
  await batch(env.DB, [
    settleSuccess(db, source, {
      document: stored.mark,
      address: movedTo ?? (asked === source.url ? null : asked),
      host: hostOf(validators.from),
      validators: text === undefined ? source.validators : JSON.stringify({ ...validators, topics: source.topics } satisfies Known),
      hints: stored.hints,
      notBefore,
    }),
    ...(stored.changed > 0 ? [contentChanged(db)] : []),
  ])
  // Once for each source is enough: each tick looks, too.
  if (stored.changed > 0 && source.active === 1 && source.last_success === null) await retireSamples(env, db)
}
