import { sql, type RawBuilder } from 'kysely'
import type { NewsDatabase } from '../database.ts'

/** Requests at once to one server, of all instances together. */
export const atOnce = 2
const pollMs = 250

/** Where a source is asked: name and port of its server. */
export function hostOf(address: string): string {
  return URL.canParse(address) && /^https?:/i.test(address) ? new URL(address).host : ''
}

/** The requests that are under way to a server: of sources that are claimed, and of feeds that are looked for. */
export function underWay(host: RawBuilder<unknown>, now: number): RawBuilder<number> {
  return sql<number>`((SELECT count(*) FROM source AS asked WHERE asked.host = ${host} AND asked.leased_until >= ${now})
    + (SELECT count(*) FROM discovery WHERE discovery.host = ${host} AND discovery.outcome IS NULL AND discovery.until >= ${now}))`
}

/** Who asks: a claimed source by its lease, or the look for the feed at an address. */
export type Asker = { id: string; lease: string | null } | { address: string }

/** Waits until `asker` may ask a server, and says so there: for its turn where two others ask it. Rejects when the signal does. */
export async function takeTurn(db: NewsDatabase, asker: Asker, host: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const now = Date.now()
    const free = sql`${underWay(sql`${host}`, now)} < ${atOnce}`
    const { numAffectedRows } = await ('lease' in asker
      ? sql`UPDATE source SET host = ${host} WHERE id = ${asker.id} AND lease = ${asker.lease} AND ${free}`
      : sql`UPDATE discovery SET host = ${host} WHERE address = ${asker.address} AND (host IS ${host} OR ${free})`).execute(db)
    if (numAffectedRows === 1n) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
