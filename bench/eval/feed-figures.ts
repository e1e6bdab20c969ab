import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeBytes } from '../../functions/_news/decode.ts'
import { parseFeed } from '../../functions/_news/feed.ts'
import { readDocument } from '../../functions/_news/parsing/document.ts'
import { unpacked } from '../../functions/_news/parsing/unpack.ts'
import { evaluateExpectations, type ExpectationFigures } from './feed-expectations.ts'
import { cleanedItems, damages, rowsOf } from './feed-rows.ts'

interface Mutation {
  feeds: number
  with_items: number
}

/** What the parser makes of a folder of documents. */
export interface FeedFigures {
  /** Rows of the manifest with items. */
  documents: number
  with_items: number
  items: number
  /** Documents, of any folder, at which the parser failed otherwise than with its own words. */
  crashes: number
  slowest_ms: number
  expectations: ExpectationFigures
  mutations: { cut60: Mutation; raw_amp: Mutation; unclosed_br: Mutation }
}

/** True for an error in the parser's own words. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('parser: ')
}

/** Reads every document of `feeds/` whole and damaged, and every one of `expectations/`; says what was not met. */
export async function evaluateFeeds(folder: string): Promise<{ figures: FeedFigures; failures: string[] }> {
  const failures: string[] = []
  const mutations = { cut60: { feeds: 0, with_items: 0 }, raw_amp: { feeds: 0, with_items: 0 }, unclosed_br: { feeds: 0, with_items: 0 } }
  let [documents, read, items, crashes, slowest] = [0, 0, 0, 0, 0]
  async function attempt(name: string, parse: () => Promise<number>): Promise<number> {
    const start = performance.now()
    try {
      return await parse()
    } catch (error) {
      if (!isRefusal(error)) crashes += 1
      failures.push(`${name}: ${isRefusal(error) ? '' : 'CRASH '}${String(error)}`)
      return 0
    } finally {
      slowest = Math.max(slowest, performance.now() - start)
    }
  }
  for (const row of rowsOf(join(folder, 'feeds'))) {
    const file = join(folder, 'feeds', row.file)
    if (!existsSync(file)) {
      if (row.items > 0) documents += 1
      failures.push(`${row.file}: the document is missing`)
      continue
    }
    const bytes = new Uint8Array(readFileSync(file))
    const count = await attempt(row.file, async () => cleanedItems((await readDocument(bytes, { address: row.address })).feed))
    if (row.items <= 0) continue
    documents += 1
    items += count
    if (count > 0) read += 1
    else failures.push(`${row.file}: no item, ${row.items} expected`)
    const { text } = decodeBytes(await unpacked(bytes), null)
    for (const name of ['cut60', 'raw_amp', 'unclosed_br'] as const) {
      const found = await attempt(`${row.file} ${name}`, async () => cleanedItems(await parseFeed(damages[name](text), row.address)))
      mutations[name].feeds += 1
      if (found > 0) mutations[name].with_items += 1
    }
  }
  const expected = await evaluateExpectations(join(folder, 'expectations'))
  crashes += expected.crashes
  return {
    figures: { documents, with_items: read, items, crashes, slowest_ms: Math.round(slowest), expectations: expected.figures, mutations },
    failures: [...failures, ...expected.failures],
  }
}
