import Parser from 'rss-parser'
import { personOf } from './people.ts'
import { markup, maxItems, type RawItem } from './raw-feed.ts'

interface Extras {
  id?: unknown
  media?: unknown
  thumbnail?: unknown
  group?: unknown
  labels?: unknown
  subjects?: unknown
  person?: unknown
  enclosures?: unknown
  published?: unknown
  updated?: unknown
}

// The parser turns dates into ISO itself and gives up the whole document at one it cannot read.
function readableDate(value: string, name: string): string {
  if (name !== 'published' && name !== 'updated') return value
  return Number.isFinite(Date.parse(value)) ? value : ''
}

// One for each document: a parser that failed at one never answers for the next.
function freshParser(): Parser<Record<string, never>, Extras> {
  return new Parser<Record<string, never>, Extras>({
    defaultRSS: 2,
    xml2js: { valueProcessors: [readableDate] },
    customFields: {
      item: [
        ['media:content', 'media', { keepArray: true }],
        ['media:thumbnail', 'thumbnail', { keepArray: true }],
        ['media:group', 'group', { keepArray: true }],
        ['category', 'labels', { keepArray: true }],
        ['dc:subject', 'subjects', { keepArray: true }],
        ['author', 'person', { keepArray: true }],
        ['enclosure', 'enclosures', { keepArray: true }],
        ['published', 'published', { keepArray: true }],
        ['updated', 'updated', { keepArray: true }],
        'dc:date',
        'dc:language',
      ] as never,
    },
  })
}

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
  return typeof found === 'string' ? found.trim() || undefined : undefined
}

function nodes(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function mediaOf(item: Extras): unknown[] {
  const groups = nodes(item.group).filter(isNode)
  return [...nodes(item.media), ...groups.flatMap((group) => nodes(group['media:content']))]
}

function imageOf(item: Parser.Item & Extras): string | undefined {
  if (item.enclosure?.type?.startsWith('image/') === true) return item.enclosure.url
  const groups = nodes(item.group).filter(isNode)
  const media = mediaOf(item)
  const picture = media.find((node) => attribute(node, 'medium') === 'image' || attribute(node, 'type')?.startsWith('image/'))
  const thumbnails = [...nodes(item.thumbnail), ...groups.flatMap((group) => nodes(group['media:thumbnail']))]
  const named = /\.(?:jpe?g|png|webp|gif)(?:\?|$)/i
  const bare = media.find((node) => attribute(node, 'type') === undefined && named.test(attribute(node, 'url') ?? ''))
  return attribute(picture ?? thumbnails[0] ?? bare, 'url')
}

function personIn(item: Parser.Item & Extras & Node): string | undefined {
  const first = nodes(item.person)[0]
  const name = isNode(first) ? text(first.name) : undefined
  return name ?? personOf(text(first) ?? text(item.creator) ?? text(item.author))
}

function itemOf(item: Parser.Item & Extras & Node): RawItem {
  const guid = text(item.guid) ?? text(item.id) ?? text(item['rdf:about'])
  const short = text(item.summary)
  const long = text(item['content:encoded'])
  const content = text(item.content)
  const files = [...nodes(item.enclosures), ...mediaOf(item)]
  return {
    guid,
    link: text(item.link),
    title: markup(text(item.title)),
    summary: markup(short ?? (long === undefined ? undefined : content)) ?? markup(content),
    content: markup(long ?? (short === undefined ? undefined : content)),
    author: personIn(item),
    published: text(item.pubDate) ?? text(nodes(item.published).at(-1)) ?? text(item['dc:date']),
    updated: text(nodes(item.updated).at(-1)) ?? text(item['dc:date']),
    image: imageOf(item),
    language: text(item['dc:language']),
    topics: [...nodes(item.labels), ...nodes(item.subjects)].flatMap((label) => text(label) ?? attribute(label, 'label') ?? attribute(label, 'term') ?? []),
    enclosures: files.flatMap((file) => {
      const url = attribute(file, 'url')
      return url === undefined ? [] : [{ url, type: attribute(file, 'type'), length: attribute(file, 'length') ?? attribute(file, 'fileSize') }]
    }),
  }
}

/**
 * Reads the items of RSS, RDF or Atom that is well-formed.
 * @throws Error in the parser's own words.
 */
export async function itemsByRssParser(document: string): Promise<RawItem[]> {
  const feed = (await freshParser().parseString(document)) as Parser.Output<Extras> & Node
  return feed.items.slice(0, maxItems).map((item) => itemOf(item as Parser.Item & Extras & Node))
}
