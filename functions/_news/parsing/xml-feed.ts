import { decodeEntities } from '../entities.ts'
import { isBeyond } from './beyond.ts'
import type { RawFeed, RawItem } from './raw-feed.ts'
import { itemsByRssParser } from './rss-parser.ts'
import { parseTolerantly } from './tolerant.ts'
import { readTree } from './tree.ts'

const page = 'parser: a web page, not a feed; look on it for the address of the feed'

// Characters; rss-parser and the repair for it are too slow for more.
const mostCharacters = 4_000_000

// XML's own references, and those of numbers that XML allows.
const sound = /^&(?:amp|lt|gt|quot|apos);$/

function withSoundReferences(text: string): string {
  if (!text.includes('&')) return text
  return text
    .replace(/&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,9};)/g, '&amp;')
    .replace(/&[#\w]{2,10};/g, (reference) => {
      if (sound.test(reference)) return reference
      const sign = decodeEntities(reference)
      return sign === reference ? `&amp;${reference.slice(1)}` : sign.replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`).replace(controls, '')
    })
}

// All but tabs and line ends.
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g

// Bytes of Windows-1252 that were taken for those of another encoding on their way.
function withoutControls(document: string): string {
  return document.replace(controls, (sign) => (sign >= '\u0080' && sign <= '\u009f' ? decodeEntities(`&#${sign.charCodeAt(0)};`) : ''))
}

// Sections of literal text hold references of HTML, if any.
function repaired(document: string): string {
  let result = ''
  let at = 0
  for (;;) {
    const start = document.indexOf('<![CDATA[', at)
    const end = start < 0 ? -1 : document.indexOf(']]>', start)
    result += withSoundReferences(document.slice(at, start < 0 ? undefined : start))
    if (start < 0) return result
    result += document.slice(start, end < 0 ? undefined : end + 3)
    if (end < 0) return result
    at = end + 3
  }
}

async function itemsOf(source: string): Promise<RawItem[] | undefined> {
  try {
    const items = await itemsByRssParser(repaired(source))
    const whole = items.every(({ title, link }) => title !== undefined && link !== undefined)
    return items.length > 0 && whole ? items : undefined
  } catch {
    return undefined
  }
}

// rss-parser keeps too little of the feed itself, one of several links and files of an item, and knows fewer names of everything.
function completed(item: RawItem, other: RawItem): RawItem {
  const known = Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as unknown as RawItem
  return { ...other, ...known, link: other.link ?? item.link, topics: other.topics, enclosures: other.enclosures }
}

/**
 * Reads RSS, RDF or Atom: the items by rss-parser after a light repair (stray control characters, bare ampersands, HTML's references), and
 * tolerantly what it does not keep, and all of a document where it fails, finds nothing or only parts, or that holds what it does not know.
 * `address` is where relative addresses begin.
 * @throws Error that says what the document is instead, or which limit it breaks.
 */
export async function parseXmlFeed(document: string, address?: string): Promise<RawFeed> {
  const source = withoutControls(document.replace(/^[^<]+/, ''))
  if (/^(?:<!doctype html|<html)\b/i.test(source.replace(/^<\?xml[^>]*\?>\s*/i, ''))) return feedInPage(source, address)
  // rss-parser knows no limits; this one does, and it reads the document in any case.
  const tree = readTree(source, address)
  const feed = parseTolerantly(tree)
  const items = source.length > mostCharacters || isBeyond(tree) ? undefined : await itemsOf(source)
  if (items?.length !== feed.items.length) return feed
  return { ...feed, items: items.map((item, index) => completed(item, feed.items[index]!)) }
}

// Some feeds say that they are a page, or come inside one.
function feedInPage(source: string, address: string | undefined): RawFeed {
  try {
    const feed = parseTolerantly(readTree(source, address))
    if (feed.items.length > 0 || feed.title !== undefined) return feed
  } catch (error) {
    throw new Error(page, { cause: error })
  }
  throw new Error(page)
}
