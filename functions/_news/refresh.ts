import { storeArticles } from './articles.ts'
import { batch, type NewsDatabase } from './database.ts'
import { download, DownloadError, type Download } from './download.ts'
import type { NewsEnv } from './env.ts'
import { parseFeed } from './feed.ts'
import { hintsOf } from './fetching/hints.ts'
import type { InTurn } from './fetching/in-turn.ts'
import { nextCheck, type Hints } from './fetching/schedule.ts'
import { nameOf } from './identity.ts'
import { reason } from './problems.ts'
import { retireSamples, sampleBase, sampleDocument } from './samples.ts'
import { contentChanged } from './settings.ts'
import { settleFailure, settleSuccess, type Source } from './sources.ts'

/** A source's last good document, as it is kept in the cache. */
interface KeptDocument {
  address: string
  text: string
  etag?: string
  lastModified?: string
}

const keepSeconds = 14 * 24 * 3600
const timeoutMs = 20_000
const maxBytes = 15 * 2 ** 20

function keyOf({ id }: Source): string {
  return `document:${id}`
}

async function keptDocument(env: NewsEnv, key: string): Promise<KeptDocument | null> {
  try {
    return await env.CACHE.get<KeptDocument>(key, 'json')
  } catch (error) {
    console.warn(`cache: ${key} cannot be read; fetching without it: ${reason(error)}`)
    return null
  }
}

async function keepDocument(env: NewsEnv, key: string, document: KeptDocument): Promise<void> {
  try {
    await env.CACHE.put(key, JSON.stringify(document), { expirationTtl: keepSeconds })
  } catch (error) {
    console.warn(`cache: ${key} cannot be kept: ${reason(error)}`)
  }
}

/** What storing a document did: its mark, how many articles are new or changed, and what it says of when to come again. */
interface Stored {
  mark: string
  changed: number
  hints: Hints
}

/** A document that is no feed. */
class NotAFeed extends Error {}

const headLength = 65_536

/** A document without the time it was made, as its head tells it: many servers change that alone. What is never closed is not looked for far. */
export function unstamped(text: string): string {
  const head = text.slice(0, headLength)
  const end = /<(?:item|entry)\b/i.exec(head)?.index ?? head.length
  return head.slice(0, end).replaceAll(/<(lastBuildDate|pubDate|updated|dc:date|generated)\b[^<>]{0,200}>[^<]{0,200}<\/\1>/gi, '') + text.slice(end)
}

// A document that is stored already costs nothing more than its mark.
async function storeDocument(db: NewsDatabase, source: Source, text: string, address: string, inTurn: InTurn): Promise<Stored> {
  // The topics of the source are stored with its articles, so they belong to the mark.
  const mark = await nameOf(`${source.topics}\n${unstamped(text)}`)
  if (mark === source.document) return { mark, changed: 0, hints: JSON.parse(source.hints) as Hints }
  const feed = await parseFeed(text, address).catch((error: unknown) => {
    throw new NotAFeed(reason(error), { cause: error })
  })
  const hints = hintsOf(text, feed.items.map(({ publishedAt }) => publishedAt), Date.now())
  return { mark, changed: await inTurn(() => storeArticles(db, source, feed.items)), hints }
}

async function refreshSample(env: NewsEnv, db: NewsDatabase, source: Source, inTurn: InTurn): Promise<void> {
  const stored = await storeDocument(db, source, await sampleDocument(env, source.url), sampleBase, inTurn)
  const settled = settleSuccess(db, source, { document: stored.mark, address: null, hints: {}, notBefore: 0 })
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
  return error instanceof DownloadError ? error.code : error instanceof NotAFeed ? 'not_a_feed' : 'failed'
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
 * and answered in words; undefined where all went well.
 * While it cannot be fetched, its last good document is used where that was not stored yet.
 */
export async function refreshSource(env: NewsEnv, db: NewsDatabase, source: Source, check: Refresh): Promise<string | undefined> {
  if (source.sample === 1) {
    await refreshSample(env, db, source, check.inTurn)
    return undefined
  }
  const kept = await keptDocument(env, keyOf(source))
  const address = source.address ?? source.url
  const known = kept?.address === address ? kept : null
  try {
    await settleAnswer(env, db, source, await download({ address, etag: known?.etag, lastModified: known?.lastModified, timeoutMs, maxBytes }), known, check)
    return undefined
  } catch (error) {
    await giveBack(db, source, error, check)
    if (kept !== null) await storeKept(env, db, source, kept, check.inTurn)
    return reason(error)
  }
}

/** Stores a document that was fetched for a claimed source already, and gives the source back. */
export async function settleDocument(env: NewsEnv, db: NewsDatabase, source: Source, answer: Download, check: Refresh): Promise<void> {
  try {
    await settleAnswer(env, db, source, answer, null, check)
  } catch (error) {
    await giveBack(db, source, error, check)
  }
}

async function settleAnswer(env: NewsEnv, db: NewsDatabase, source: Source, answer: Download, known: KeptDocument | null, check: Refresh): Promise<void> {
  const address = source.address ?? source.url
  const text = answer.text ?? known?.text
  if (text === undefined) throw new DownloadError('not_answered', 'fetcher: the server answered 304 to a question without conditions')
  const stored = await storeDocument(db, source, text, answer.movedTo ?? address, check.inTurn)
  if (answer.text !== undefined && (stored.mark !== source.document || known === null || answer.etag !== known.etag || answer.lastModified !== known.lastModified)) {
    await keepDocument(env, keyOf(source), {
      address: answer.movedTo ?? address,
      text,
      ...(answer.etag === undefined ? {} : { etag: answer.etag }),
      ...(answer.lastModified === undefined ? {} : { lastModified: answer.lastModified }),
    })
  }
  const endedAt = Math.max(Date.now(), check.dueAt)
  const notBefore = nextCheck({ dueAt: check.dueAt, endedAt, hints: stored.hints, freshMs: answer.freshMs, failures: 0, random: check.random() })
  await batch(env.DB, [
    settleSuccess(db, source, { document: stored.mark, address: answer.movedTo ?? source.address, hints: stored.hints, notBefore }),
    ...(stored.changed > 0 ? [contentChanged(db)] : []),
  ])
  if (stored.changed > 0 && source.active === 1) await retireSamples(env, db)
}

async function storeKept(env: NewsEnv, db: NewsDatabase, source: Source, kept: KeptDocument, inTurn: InTurn): Promise<void> {
  try {
    const stored = await storeDocument(db, source, kept.text, kept.address, inTurn)
    if (stored.mark === source.document) return
    const remember = db.updateTable('source').set({ document: stored.mark, hints: JSON.stringify(stored.hints) }).where('id', '=', source.id).compile()
    await batch(env.DB, [remember, contentChanged(db)])
  } catch (error) {
    console.warn(`ingest: the kept document of ${source.url} cannot be stored: ${reason(error)}`)
  }
}
