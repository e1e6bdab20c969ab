import { storeArticles } from './articles.ts'
import { batch, type NewsDatabase } from './database.ts'
import { download, DownloadError } from './download.ts'
import type { NewsEnv } from './env.ts'
import { parseFeed } from './feed.ts'
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

/** What storing a document did: its mark, and how many articles are new or changed. */
interface Stored {
  mark: string
  changed: number
}

/** The head of a document without the time it was made: many servers change that alone. */
function unstamped(text: string): string {
  const end = /<(?:item|entry)\b/i.exec(text)?.index ?? text.length
  return text.slice(0, end).replaceAll(/<(lastBuildDate|pubDate|updated|dc:date|generated)\b[^>]*>[^<]*<\/\1>/gi, '') + text.slice(end)
}

// A document that is stored already costs nothing more than its mark.
async function storeDocument(db: NewsDatabase, source: Source, text: string, address: string): Promise<Stored> {
  // The topics of the source are stored with its articles, so they belong to the mark.
  const mark = await nameOf(`${source.topics}\n${unstamped(text)}`)
  if (mark === source.document) return { mark, changed: 0 }
  const feed = await parseFeed(text, address)
  return { mark, changed: await storeArticles(db, source, feed.items) }
}

async function refreshSample(env: NewsEnv, db: NewsDatabase, source: Source): Promise<void> {
  const stored = await storeDocument(db, source, await sampleDocument(env, source.url), sampleBase)
  await batch(env.DB, [settleSuccess(db, source, stored.mark, null), ...(stored.changed > 0 ? [contentChanged(db)] : [])])
}

/**
 * Fetches a claimed source, stores its articles and gives it back. Never rejects for what the source does: its failure is written to it,
 * and answered in words; undefined where all went well.
 * While it cannot be fetched, its last good document is used where that was not stored yet.
 */
export async function refreshSource(env: NewsEnv, db: NewsDatabase, source: Source): Promise<string | undefined> {
  if (source.sample === 1) {
    await refreshSample(env, db, source)
    return undefined
  }
  const key = `document:${source.id}`
  const kept = await keptDocument(env, key)
  const address = source.address ?? source.url
  const known = kept?.address === address ? kept : null
  try {
    const answer = await download({ address, etag: known?.etag, lastModified: known?.lastModified, timeoutMs, maxBytes })
    const text = answer.text ?? known?.text
    if (text === undefined) throw new DownloadError('fetcher: the server answered 304 to a question without conditions')
    const stored = await storeDocument(db, source, text, answer.movedTo ?? address)
    if (answer.text !== undefined && (stored.mark !== source.document || known === null)) {
      await keepDocument(env, key, {
        address: answer.movedTo ?? address,
        text,
        ...(answer.etag === undefined ? {} : { etag: answer.etag }),
        ...(answer.lastModified === undefined ? {} : { lastModified: answer.lastModified }),
      })
    }
    await batch(env.DB, [
      settleSuccess(db, source, stored.mark, answer.movedTo ?? source.address),
      ...(stored.changed > 0 ? [contentChanged(db)] : []),
    ])
    if (stored.changed > 0) await retireSamples(env, db)
    return undefined
  } catch (error) {
    await settleFailure(db, source, reason(error), error instanceof DownloadError ? error.retryAfterMs : undefined)
    if (kept !== null) await storeKept(env, db, source, kept)
    return reason(error)
  }
}

async function storeKept(env: NewsEnv, db: NewsDatabase, source: Source, kept: KeptDocument): Promise<void> {
  try {
    const stored = await storeDocument(db, source, kept.text, kept.address)
    if (stored.mark === source.document) return
    const remember = db.updateTable('source').set({ document: stored.mark }).where('id', '=', source.id).compile()
    await batch(env.DB, [remember, contentChanged(db)])
  } catch (error) {
    console.warn(`ingest: the kept document of ${source.url} cannot be stored: ${reason(error)}`)
  }
}
