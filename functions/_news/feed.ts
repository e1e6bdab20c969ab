import { parseJsonFeed } from './json-feed.ts'
import type { RawItem } from './raw-feed.ts'
import { plainText, topicOf } from './text.ts'
import { parseXmlFeed } from './xml-feed.ts'

/** An item in plain text with absolute addresses. */
export interface FeedItem {
  /** The same for the same item every time, unique in its document. */
  guid: string
  url: string
  title: string
  summary: string
  image: string | null
  topics: string[]
  /** Milliseconds since 1970; null where the feed gives none. */
  publishedAt: number | null
}

/** A feed in plain text. */
export interface Feed {
  title: string
  items: FeedItem[]
}

const maxItems = 500
const maxTopics = 8

function absolute(link: string | undefined, base: string): string | null {
  if (link === undefined || link.trim() === '') return null
  try {
    const url = new URL(link.trim(), base)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null
  } catch {
    return null
  }
}

function dateOf(text: string | undefined): number | null {
  const at = Date.parse((text ?? '').trim())
  return Number.isFinite(at) && at > 0 ? at : null
}

function firstImage(html: string | undefined): string | undefined {
  const address = /<img\b[^>]*?\ssrc\s*=\s*["']([^"'\s>]+)/i.exec(html ?? '')?.[1]
  return address?.replaceAll('&amp;', '&')
}

function itemOf(raw: RawItem, base: string): FeedItem | undefined {
  const guid = raw.guid?.trim() || undefined
  const url = absolute(raw.link, base) ?? (guid === undefined || !/^https?:/i.test(guid) ? null : absolute(guid, base)) ?? base
  const summary = plainText(raw.html ?? '', 400)
  const title = plainText(raw.title ?? '', 300) || plainText(raw.html ?? '', 100)
  if (title === '') return undefined
  return {
    guid: guid ?? (url === base ? title : url),
    url,
    title,
    summary,
    image: absolute(raw.image ?? firstImage(raw.html), base),
    topics: [...new Set(raw.topics.map(topicOf))].filter((topic) => topic !== '').slice(0, maxTopics),
    publishedAt: dateOf(raw.date),
  }
}

/**
 * Reads a feed of any common format: RSS, RDF, Atom, JSON Feed. Items without a word in them are left out; one that repeats the
 * guid of another with another link is told apart by its link.
 * @throws Error that says what the document is instead.
 */
export async function parseFeed(text: string, address: string): Promise<Feed> {
  const start = text.slice(0, 2000).trimStart()
  if (start === '') throw new Error('parser: the document is empty')
  const raw = start.startsWith('{') ? parseJsonFeed(text) : await parseXmlFeed(text)
  const base = absolute(raw.home, address) ?? address
  const items = new Map<string, FeedItem>()
  for (const rawItem of raw.items.slice(0, maxItems)) {
    const item = itemOf(rawItem, base)
    if (item === undefined) continue
    const known = items.get(item.guid)
    if (known === undefined) items.set(item.guid, item)
    else if (known.url !== item.url && !items.has(item.url)) items.set(item.url, { ...item, guid: item.url })
  }
  return { title: plainText(raw.title ?? '', 120), items: [...items.values()] }
}
