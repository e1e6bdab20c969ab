import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import { download, DownloadError, type Download } from '../download.ts'
import { parseFeed } from '../feed.ts'
import { takeTurn } from '../fetching/host-turn.ts'
import { takePlace, type Place } from '../fetching/room.ts'
import { reason } from '../problems.ts'
import { feedsOfPage, usualFeeds, type PageFeed } from './page-feeds.ts'

/** The feed at an address, or the one that the page there names. */
export interface Discovered {
  url: string
  title: string
  /** Further feeds of the page. */
  others: PageFeed[]
}

/** Why there is no feed: the name of what went wrong, and words. */
export interface NoFeed {
  code: string
  words: string
}

/** What was found, with the document where this call is the one that fetched it. */
export interface Found {
  feed: Discovered
  answer?: Download
}

/** A look that found nothing. */
export class NoFeedError extends Error {
  readonly code: string
  constructor({ code, words }: NoFeed) {
    super(words)
    this.name = 'NoFeedError'
    this.code = code
  }
}

const timeoutMs = 20_000
/** Half of what ingest takes: pages are smaller, and a reader waits. */
const maxBytes = 8 * 2 ** 20
const triedOfPage = 4
const lookMs = 45_000
const rememberedMs = 5 * 60_000
const failureMs = 30_000
const pollMs = 250

async function titleOf(text: string, address: string, place: Place): Promise<string> {
  const { title } = await place.alone(() => parseFeed(text, address))
  return title || new URL(address).host
}

function isPage(text: string): boolean {
  return /<(?:!doctype\s+html|html|head|body)\b/i.test(text.slice(0, 4096))
}

/** Fetches an address, and the feeds that the page there names until one is a feed, within 20 s. */
async function look(db: NewsDatabase, address: string, place: Place): Promise<Found> {
  const endsAt = Date.now() + timeoutMs
  const enter = (host: string, signal: AbortSignal) => takeTurn(db, { address }, host, signal)
  const fetched = async (url: string) => download({ address: url, timeoutMs: Math.max(1, endsAt - Date.now()), maxBytes, place, enter })
  const answer = await fetched(address)
  const text = answer.text ?? ''
  const here = answer.movedTo ?? address
  try {
    return { feed: { url: here, title: await titleOf(text, here, place), others: [] }, answer }
  } catch (error) {
    if (!isPage(text)) throw new NoFeedError({ code: 'not_a_feed', words: `neither a feed nor a page: ${reason(error)}` })
  }
  const named = feedsOfPage(text, here)
  const candidates = named.length > 0 ? named.slice(0, triedOfPage) : usualFeeds(here).map((url) => ({ url, title: '' }))
  for (const { url } of candidates) {
    if (Date.now() >= endsAt) break
    try {
      const found = await fetched(url)
      const feedUrl = found.movedTo ?? url
      return { feed: { url: feedUrl, title: await titleOf(found.text ?? '', feedUrl, place), others: named.filter((other) => other.url !== url) }, answer: found }
    } catch {
      // The next one may be a feed.
    }
  }
  const words = named.length > 0 ? `the page names ${named.length} feeds, and none of the first ${candidates.length} could be read` : 'the page names no feed, and none stands where feeds usually do; give the address of the feed itself'
  throw new NoFeedError({ code: 'no_feed', words })
}

type Outcome = { feed: Discovered } | { failure: NoFeed }

/**
 * Finds the feed at an address or of the page there, and hands it to `adopt`. Of calls at once, for one address, one looks, and the others
 * wait until it has adopted; what was found is remembered for five minutes, that nothing was for half a minute.
 * @throws NoFeedError where there is none, by name
 */
export async function discover<T>(db: NewsDatabase, address: string, adopt: (found: Found, place: Place) => Promise<T>): Promise<T> {
  const place = takePlace()
  try {
    for (const giveUpAt = Date.now() + lookMs; Date.now() < giveUpAt;) {
      const now = Date.now()
      const { rows: [mine] } = await sql<{ address: string }>`
        INSERT INTO discovery (address, until) VALUES (${address}, ${now + lookMs})
        ON CONFLICT (address) DO UPDATE SET until = excluded.until, outcome = NULL, host = NULL WHERE discovery.until < ${now} RETURNING address`.execute(db)
      if (mine !== undefined) return await lookAndTell(db, address, adopt, place)
      const row = await db.selectFrom('discovery').select('outcome').where('address', '=', address).executeTakeFirst()
      const outcome = row === undefined || row.outcome === null ? undefined : (JSON.parse(row.outcome) as Outcome)
      if (outcome !== undefined && 'failure' in outcome) throw new NoFeedError(outcome.failure)
      if (outcome !== undefined) return await adopt({ feed: outcome.feed }, place)
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  } finally {
    place.leave()
  }
  throw new NoFeedError({ code: 'timeout', words: 'somebody else has been looking for this feed for too long; try again in a moment' })
}

async function lookAndTell<T>(db: NewsDatabase, address: string, adopt: (found: Found, place: Place) => Promise<T>, place: Place): Promise<T> {
  const tell = async (outcome: Outcome, forMs: number) => {
    const now = Date.now()
    await db.updateTable('discovery').set({ outcome: JSON.stringify(outcome), until: now + forMs }).where('address', '=', address).execute()
    await db.deleteFrom('discovery').where('until', '<', now).execute()
  }
  const found = await look(db, address, place).catch(async (error: unknown) => {
    const failure = { code: error instanceof DownloadError || error instanceof NoFeedError ? error.code : 'failed', words: reason(error) }
    await tell({ failure }, failureMs)
    throw new NoFeedError(failure)
  })
  await db.updateTable('discovery').set({ host: null }).where('address', '=', address).execute()
  try {
    return await adopt(found, place)
  } finally {
    await tell({ feed: found.feed }, rememberedMs)
  }
}
