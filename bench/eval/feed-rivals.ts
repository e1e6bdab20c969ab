import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseFeed as parseWithFeedsmith } from 'feedsmith'
import RssParser from 'rss-parser'
import { decodeBytes } from '../../functions/_news/decode.ts'
import { readFeed } from '../../functions/_news/feed.ts'
import { unpacked } from '../../functions/_news/parsing/unpack.ts'
import { cleanedItems, damages, rowsOf } from './feed-rows.ts'

/** Of how many documents a parser finds an item, whole and damaged, and how long it takes for the whole ones. */
export interface Rival {
  name: string
  whole: number
  damaged: Record<keyof typeof damages, number>
  megabytesPerSecond: number
}

function itemsOf(feed: object): number {
  const list = 'items' in feed ? feed.items : 'entries' in feed ? feed.entries : undefined
  return Array.isArray(list) ? list.length : 0
}

const parsers: Record<string, (text: string, address: string) => Promise<number>> = {
  'rss-parser alone': async (text) => (await new RssParser({ defaultRSS: 2 }).parseString(text)).items.length,
  'feedsmith alone': async (text) => itemsOf((await Promise.resolve(parseWithFeedsmith(text))).feed),
  'the newsroom': async (text, address) => (await readFeed(text, address)).items.length,
  'the newsroom, with cleaned HTML': async (text, address) => cleanedItems(await readFeed(text, address)),
}

/** Lets each parser read the documents of `feeds/` that are feeds, decoded alike. */
export async function compareParsers(folder: string): Promise<{ documents: number; rivals: Rival[] }> {
  const documents: { text: string; address: string }[] = []
  let bytes = 0
  for (const row of rowsOf(join(folder, 'feeds')).filter(({ items }) => items > 0)) {
    const { text } = decodeBytes(await unpacked(new Uint8Array(readFileSync(join(folder, 'feeds', row.file)))), null)
    documents.push({ text, address: row.address })
    bytes += text.length
  }
  const rivals: Rival[] = []
  for (const [name, parse] of Object.entries(parsers)) {
    const count = async (damage: (text: string) => string): Promise<number> => {
      let found = 0
      for (const { text, address } of documents) if (await parse(damage(text), address).catch(() => 0) > 0) found += 1
      return found
    }
    // The first pass warms the parser up.
    const whole = await count((text) => text)
    const start = performance.now()
    await count((text) => text)
    const megabytesPerSecond = bytes / 1e6 / ((performance.now() - start) / 1000)
    const damaged = { cut60: await count(damages.cut60), raw_amp: await count(damages.raw_amp), unclosed_br: await count(damages.unclosed_br) }
    rivals.push({ name, whole, damaged, megabytesPerSecond })
  }
  return { documents: documents.length, rivals }
}
