import type { NewsDatabase } from './database.ts'
import { toBase64Url } from './identity.ts'

/** The endings of an edition's addresses. */
const formats = ['json', 'atom', 'rss'] as const

/** Makes a reader's secret link and takes an earlier one back; answers its secret. */
export async function makeFeedLink(db: NewsDatabase, reader: string): Promise<string> {
  const secret = toBase64Url(crypto.getRandomValues(new Uint8Array(24)))
  await db.insertInto('feed_link').values({ secret, reader, created_at: Date.now() })
    .onConflict((conflict) => conflict.column('reader').doUpdateSet({ secret, created_at: Date.now() })).execute()
  return secret
}

/** Takes a reader's secret link back. */
export async function dropFeedLink(db: NewsDatabase, reader: string): Promise<void> {
  await db.deleteFrom('feed_link').where('reader', '=', reader).execute()
}

/** The secret of a reader's link; undefined where there is none. */
export async function feedLinkOf(db: NewsDatabase, reader: string): Promise<string | undefined> {
  return (await db.selectFrom('feed_link').select('secret').where('reader', '=', reader).executeTakeFirst())?.secret
}

/** The addresses of an edition under a secret, by format. */
export function addressesOf(origin: string, secret: string): Record<(typeof formats)[number], string> {
  return Object.fromEntries(formats.map((format) => [format, `${origin}/edition.${format}?key=${secret}`])) as Record<(typeof formats)[number], string>
}
