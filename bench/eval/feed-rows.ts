import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Feed } from '../../functions/_news/feed.ts'

/** How documents are damaged: cut off at 60 %, ampersands, and an element that is never closed. */
export const damages = {
  cut60: (text: string): string => text.slice(0, Math.floor(text.length * 0.6)),
  raw_amp: (text: string): string => text.replace(/(<(?:\w+:)?title\b[^>]*>)(?!\s*<!\[CDATA)/gi, '$1Q&A & R&D ').replace(/("title"\s*:\s*")/g, '$1Q&A & R&D '),
  unclosed_br: (text: string): string =>
    text.replace(/(<(?:\w+:)?(?:title|description|summary|content)\b[^>/]*>)(?!\s*<!\[CDATA)/gi, '$1one<br>two ').replace(/("title"\s*:\s*")/g, '$1one<br>two '),
}

/** A document of the manifest. */
export interface Row {
  file: string
  items: number
  address: string
}

/** The documents that a folder's manifest names; none where it has none. A document itself may be missing. */
export function rowsOf(folder: string): Row[] {
  const manifest = join(folder, 'manifest.tsv')
  if (!existsSync(manifest)) return []
  const [head = '', ...lines] = readFileSync(manifest, 'utf8').trimEnd().split('\n')
  const names = head.split('\t')
  return lines.map((line) => {
    const cells = line.split('\t')
    const cell = (name: string): string => cells[names.indexOf(name)]?.trim() ?? ''
    const address = cell('original_url')
    return { file: cell('file'), items: Number(cell('items')) || 0, address: URL.canParse(address) ? address : 'https://feed.example/' }
  })
}

/** How many items a feed has, the HTML of each cleaned. */
export function cleanedItems({ items }: Feed): number {
  return items.filter(({ contentHtml }) => contentHtml !== undefined).length
}
