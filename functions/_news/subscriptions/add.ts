import { sql } from 'kysely'
import type { NewsDatabase } from '../database.ts'
import type { NewsEnv } from '../env.ts'
import { lanesOf, parcelsOf } from '../fetching/lanes.ts'
import { hostOf } from '../fetching/host-turn.ts'
import { oneAtATime } from '../fetching/in-turn.ts'
import { nameOf } from '../identity.ts'
import type { Outline } from '../opml.ts'
import { badRequest, Problem, reason } from '../problems.ts'
import { refreshSource, settleDocument } from '../refresh.ts'
import { claimSource, dueSources } from '../sources.ts'
import { discover, NoFeedError, type Discovered } from './discover.ts'
import { countOf, maxSubscriptions, subscribe } from './subscription.ts'

/** A source that is a reader's own now. */
export interface Added {
  id: string
  /** False: it was there already. */
  added: boolean
  /** Further feeds of the page that was named. */
  others: Discovered['others']
}

const longest = 2000

/**
 * The address that a reader typed; https where no scheme is given.
 * @throws Problem 400 where it is none
 */
export function addressOf(typed: string): string {
  const text = typed.trim()
  if (text.length > longest) throw badRequest(`url: expected at most ${longest} characters`)
  const whole = /^[a-z][a-z\d+.-]*:(?!\d)/i.test(text) ? text : `https://${text}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw badRequest(`url: expected the http or https address of a feed or a page, found ${JSON.stringify(text.slice(0, 200))}`)
  }
  if (url.username !== '' || url.password !== '') throw badRequest('url: no user name or password may be in it')
  url.hash = ''
  return url.href
}

function tooMany(have: number, more: number): Problem {
  return new Problem(409, 'too_many_sources', `a reader may add ${maxSubscriptions} sources; you have ${have}, so ${more} more do not fit: delete some first`)
}

/** The sources that are asked at addresses, whoever added them; undefined where there is none. */
async function sourcesAt(db: NewsDatabase, addresses: readonly string[]): Promise<(string | undefined)[]> {
  const { rows } = await sql<{ id: string | null }>`
    SELECT (SELECT id FROM source WHERE (url = value OR address = value) AND sample = 0 ORDER BY url <> value LIMIT 1) AS id
    FROM json_each(${JSON.stringify(addresses)}) ORDER BY key`.execute(db)
  return rows.map(({ id }) => id ?? undefined)
}

/**
 * Adds the feed at an address, or the one that the page there names, to a reader's own sources; its articles are there at once. One that is
 * known already is not fetched again.
 * @throws Problem 422 by name where there is no feed; 409 where the reader has a hundred
 */
export async function addSource(env: NewsEnv, db: NewsDatabase, reader: string, typed: string, topics?: readonly string[]): Promise<Added> {
  const address = addressOf(typed)
  const [known] = await sourcesAt(db, [address])
  if (known !== undefined) return { ...(await have(db, reader, known, topics)), others: [] }
  const { all } = await countOf(db, reader, [])
  if (all >= maxSubscriptions) throw tooMany(all, 1)
  const adopted = discover(db, address, async ({ feed, answer }, place) => {
    const [there] = await sourcesAt(db, [feed.url])
    if (there !== undefined) return { ...(await have(db, reader, there, topics)), others: feed.others }
    const id = await insertPrivate(db, feed)
    const { added } = await have(db, reader, id, topics)
    const source = await claimSource(db, crypto.randomUUID(), Date.now(), id, answer !== undefined)
    const check = { dueAt: Date.now(), random: Math.random, inTurn: oneAtATime() }
    if (source !== undefined && answer !== undefined) await settleDocument(env, db, source, answer, check, place)
    else if (source !== undefined) await refreshSource(env, db, source, check)
    return { id, added, others: feed.others }
  })
  return adopted.catch((error: unknown) => {
    if (error instanceof NoFeedError) throw new Problem(422, error.code, `url: ${address.slice(0, 200)}: ${error.message}`)
    throw error
  })
}

async function have(db: NewsDatabase, reader: string, id: string, topics: readonly string[] | undefined): Promise<{ id: string; added: boolean }> {
  const { all, known } = await countOf(db, reader, [id])
  const own = await subscribe(db, reader, [{ id, ...(topics === undefined ? {} : { topics }) }], Date.now())
  if (own.length === 0) throw tooMany(all, 1)
  return { id, added: known.length === 0 }
}

async function insertPrivate(db: NewsDatabase, { url, title }: Pick<Discovered, 'url' | 'title'>): Promise<string> {
  const id = await nameOf(url)
  await db.insertInto('source').values({ id, url, title: title.slice(0, 300), active: 0, private: 1, host: hostOf(url) }).onConflict((conflict) => conflict.doNothing()).execute()
  return id
}

/**
 * Adds the feeds of an OPML file to a reader's own sources, folders as topics; they are fetched within moments. All of them or, where they
 * are too many, none.
 * @throws Problem 409 where the reader would have more than a hundred
 */
export async function addOutlines(env: NewsEnv, db: NewsDatabase, reader: string, outlines: readonly Outline[]): Promise<{ added: number; known: number }> {
  const there = await sourcesAt(db, outlines.map(({ url }) => url))
  const found = await Promise.all(outlines.map(async (outline, i) => ({ ...outline, id: there[i] ?? (await nameOf(outline.url)) })))
  const sources = [...new Map(found.map((outline) => [outline.id, outline])).values()]
  const { all, known } = await countOf(db, reader, sources.map(({ id }) => id))
  if (all + sources.length - known.length > maxSubscriptions) throw tooMany(all, sources.length - known.length)
  const list = JSON.stringify(sources.map(({ id, url, title }) => ({ id, url, title: title.slice(0, 300), host: hostOf(url) })))
  await sql`
    INSERT INTO source (id, url, title, host, active, private)
    SELECT value ->> 'id', value ->> 'url', value ->> 'title', value ->> 'host', 0, 1 FROM json_each(${list}) WHERE true ON CONFLICT DO NOTHING`.execute(db)
  const own = await subscribe(db, reader, sources, Date.now())
  if (own.length < sources.length) throw tooMany(all, sources.length - known.length)
  await askNow(env, db, own)
  return { added: sources.length - known.length, known: known.length }
}

// What does not get into the queue is found by the next tick.
async function askNow(env: NewsEnv, db: NewsDatabase, own: readonly string[]): Promise<void> {
  const now = Date.now()
  const due = await dueSources(db, now, own)
  try {
    for (const parcel of parcelsOf(lanesOf(due, now))) await env.INGEST.sendBatch(parcel.map((body) => ({ body })))
  } catch (error) {
    console.warn(`sources: those that were added wait for the next tick: ${reason(error)}`)
  }
}
