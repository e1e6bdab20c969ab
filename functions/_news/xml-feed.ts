import Parser from 'rss-parser'
import type { RawFeed, RawItem } from './raw-feed.ts'

interface Extras {
  id?: unknown
  media?: unknown
  thumbnail?: unknown
  group?: unknown
  labels?: unknown
}

// The parser turns dates into ISO itself and gives up the whole document at one it cannot read.
function readableDate(value: string, name: string): string {
  if (name !== 'published' && name !== 'updated') return value
  return Number.isFinite(Date.parse(value)) ? value : ''
}

const parser = new Parser<Record<string, never>, Extras>({
  defaultRSS: 2,
  xml2js: { valueProcessors: [readableDate] },
  customFields: {
    item: [
      ['media:content', 'media', { keepArray: true }],
      ['media:thumbnail', 'thumbnail', { keepArray: true }],
      ['media:group', 'group', { keepArray: true }],
      ['category', 'labels', { keepArray: true }],
    ] as never,
  },
})

type Node = Record<string, unknown>

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

/** Text of an XML node, whatever shape the parser gave it. */
function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return text(value[0])
  return isNode(value) && typeof value._ === 'string' ? value._ : undefined
}

function attribute(value: unknown, name: string): string | undefined {
  const attributes = isNode(value) ? value.$ : undefined
  const found = isNode(attributes) ? attributes[name] : undefined
  return typeof found === 'string' ? found : undefined
}

function nodes(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function imageOf(item: Parser.Item & Extras): string | undefined {
  if (item.enclosure?.type?.startsWith('image/') === true) return item.enclosure.url
  const groups = nodes(item.group).filter(isNode)
  const media = [...nodes(item.media), ...groups.flatMap((group) => nodes(group['media:content']))]
  const picture = media.find((node) => attribute(node, 'medium') === 'image' || attribute(node, 'type')?.startsWith('image/'))
  const thumbnails = [...nodes(item.thumbnail), ...groups.flatMap((group) => nodes(group['media:thumbnail']))]
  const named = /\.(?:jpe?g|png|webp|gif)(?:\?|$)/i
  const bare = media.find((node) => attribute(node, 'type') === undefined && named.test(attribute(node, 'url') ?? ''))
  return attribute(picture ?? thumbnails[0] ?? bare, 'url')
}

function itemOf(item: Parser.Item & Extras & Node): RawItem {
  return {
    guid: text(item.guid) ?? text(item.id) ?? text(item['rdf:about']),
    link: text(item.link),
    title: text(item.title),
    html: text(item.summary) ?? text(item.content) ?? text(item['content:encoded']),
    date: item.isoDate ?? text(item.pubDate),
    image: imageOf(item),
    topics: nodes(item.labels).flatMap((label) => text(label) ?? attribute(label, 'label') ?? attribute(label, 'term') ?? []),
  }
}

function repaired(document: string): string {
  return document
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '')
    .replace(/&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,9};)/g, '&amp;')
    .replace(/&(?!amp;|lt;|gt;|quot;|apos;|#)([A-Za-z][A-Za-z0-9]{1,9};)/g, '&amp;$1')
}

// A document cut off in the middle still has its first items.
function closedAfterLastItem(document: string): string | undefined {
  const last = Math.max(document.lastIndexOf('</item>'), document.lastIndexOf('</entry>'))
  if (last < 0) return undefined
  const head = document.slice(0, document.indexOf('>', last) + 1)
  if (/<rdf:RDF\b/i.test(head)) return `${head}</rdf:RDF>`
  return head.endsWith('</entry>') ? `${head}</feed>` : `${head}</channel></rss>`
}

/**
 * Reads RSS, RDF or Atom. What is slightly broken (stray control characters, bare ampersands, HTML's references, a missing end) is
 * mended first, and read.
 * @throws Error that says what the document is instead.
 */
export async function parseXmlFeed(document: string): Promise<RawFeed> {
  const source = document.replace(/^[\s\ufeff]+/, '')
  if (/^(?:<!doctype html|<html)\b/i.test(source.replace(/^<\?xml[^>]*\?>\s*/i, ''))) {
    throw new Error('parser: a web page, not a feed; look on it for the address of the feed')
  }
  let failure: unknown
  for (const mend of [(t: string) => t, repaired, (t: string) => closedAfterLastItem(repaired(t))]) {
    const candidate = mend(source)
    if (candidate === undefined) continue
    try {
      const feed = await parser.parseString(candidate)
      const items = feed.items.map((item) => itemOf(item as Parser.Item & Extras & Node))
      return { title: text(feed.title), home: text(feed.link), items }
    } catch (error) {
      failure ??= error
    }
  }
  const words = failure instanceof Error ? failure.message.split('\n')[0] : String(failure)
  throw new Error(`parser: neither RSS, Atom nor JSON Feed: ${words}`, { cause: failure })
}
