import { dateOf } from './parsing/date.ts'
import { escapeText } from './parsing/element-text.ts'
import { parseJsonFeed } from './parsing/json-feed.ts'
import { maxItems, type RawItem, type RawText } from './parsing/raw-feed.ts'
import { sanitized } from './parsing/sanitize.ts'
import { parseXmlFeed } from './parsing/xml-feed.ts'
import { literalText, plainText, topicOf } from './text.ts'
import { withoutTracking } from './tracking.ts'

/** A file that comes with an item. */
export interface Enclosure {
  url: string
  type: string | null
  /** Bytes; null where the feed gives none. */
  length: number | null
}

/** An item in plain text with absolute addresses. */
export interface FeedItem {
  /** The same for the same item every time. */
  guid: string
  url: string
  title: string
  summary: string
  /** Sanitized: what it shows, and nothing that acts; null where the feed gives no text. It is cleaned when it is asked for, which takes as long as all the rest. */
  readonly contentHtml: string | null
  author: string | null
  /** As the feed writes it: `en`, `pt-BR`. */
  language: string | null
  image: string | null
  enclosures: Enclosure[]
  /** As the feed writes them. */
  categories: string[]
  /** The categories as they are compared. */
  topics: string[]
  /** Milliseconds since 1970; null where the feed gives none. May lie in the future where the feed says so. */
  publishedAt: number | null
  updatedAt: number | null
}

/** A feed in plain text. */
export interface Feed {
  id: string | null
  title: string
  /** The page that it belongs to. */
  url: string | null
  description: string
  /** Who may copy it; '' where it does not say. */
  rights: string
  language: string | null
  author: string | null
  updatedAt: number | null
  categories: string[]
  items: FeedItem[]
}

const maxTopics = 8
const maxCategories = 30
const maxEnclosures = 20

function absolute(link: string | undefined, base: string): string | null {
  if (link === undefined || link.trim() === '') return null
  try {
    const written = link.trim()
    const url = new URL(written, base)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
    // As it is written, where it only lacks the slash after its host.
    return url.href === `${written}/` ? written : url.href
  } catch {
    return null
  }
}

function firstImage(html: string | undefined): string | undefined {
  const address = /<img\b[^<>]*?\ssrc\s*=\s*["']([^"'\s>]+)/i.exec(html ?? '')?.[1]
  return address?.replaceAll('&amp;', '&')
}

function words(text: RawText | undefined, limit: number): string {
  if (text === undefined) return ''
  return text.plain ? literalText(text.value, limit) : plainText(text.value, limit)
}

function htmlOf(text: RawText | undefined, base: string): string | null {
  if (text === undefined) return null
  const html = text.plain ? escapeText(text.value).replace(/\r?\n/g, '<br>') : text.value
  return sanitized(html, text.base ?? base) || null
}

function phrase(text: string | undefined, limit = 200): string | null {
  return plainText(text ?? '', limit) || null
}

function languageOf(text: string | undefined): string | null {
  const plain = text?.trim().replaceAll('_', '-') ?? ''
  return /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/.test(plain) ? plain : null
}

function categoriesOf(topics: string[]): string[] {
  return [...new Set(topics.map((topic) => plainText(topic, 100)))].filter((topic) => topic !== '').slice(0, maxCategories)
}

function lengthOf(text: string | undefined): number | null {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : null
}

// Addresses of the document's own site, written short.
function identity(text: string | undefined, base: string): string | undefined {
  const id = text?.trim() || undefined
  return id !== undefined && /^[^:\s]*\/[^:\s]*$/.test(id) ? (absolute(id, base) ?? id) : id
}

function itemOf(raw: RawItem, home: string, feedLanguage: string | null, index: number): FeedItem {
  const base = raw.base ?? home
  const guid = identity(raw.guid, base)
  const page = absolute(raw.link, base) ?? (guid === undefined || !/^https?:/i.test(guid) ? null : absolute(guid, base))
  const url = page === null ? home : withoutTracking(page)
  const summary = words(raw.summary ?? raw.content, 400)
  const title = words(raw.title, 300) || words(raw.summary ?? raw.content, 100) || filled(raw)
  let cleaned: string | null | undefined
  const enclosures = raw.enclosures.flatMap(({ url: address, type, length }) => {
    const file = absolute(address, base)
    return file === null ? [] : [{ url: file, type: type ?? null, length: lengthOf(length) }]
  })
  return {
    guid: guid ?? ((url === home ? title : url) || `${home}#${index + 1}`),
    url,
    title,
    summary,
    get contentHtml() {
      if (cleaned === undefined) cleaned = htmlOf(raw.content ?? raw.summary, base)
      return cleaned
    },
    author: phrase(raw.author),
    language: languageOf(raw.language) ?? languageOf((raw.content ?? raw.summary)?.language) ?? feedLanguage,
    image: absolute(raw.image ?? firstImage((raw.content ?? raw.summary)?.value), base),
    enclosures: enclosures.slice(0, maxEnclosures),
    categories: categoriesOf(raw.topics),
    topics: [...new Set(raw.topics.map(topicOf))].filter((topic) => topic !== '').slice(0, maxTopics),
    publishedAt: dateOf(raw.published) ?? dateOf(raw.updated),
    updatedAt: dateOf(raw.updated),
  }
}

// An item without a word is still one where it leads somewhere.
function filled(raw: RawItem): string {
  return raw.link === undefined || raw.link.trim() === '' ? '' : raw.link.trim().slice(0, 300)
}

/**
 * Reads a feed of any common format: RSS, RDF, Atom, JSON Feed. Its items are all that the document holds, in its order; `otherLanguage` is
 * that of a feed that names none.
 * @throws Error that says what the document is instead, or which limit it breaks.
 */
export async function readFeed(text: string, address: string, otherLanguage?: string): Promise<Feed> {
  const start = text.slice(0, 2000).trimStart()
  if (start === '') throw new Error('parser: the document is empty')
  const raw = /^\ufeff?[{[]/.test(start) ? parseJsonFeed(text) : await parseXmlFeed(text, address)
  const url = absolute(raw.home, raw.base ?? address)
  const home = url ?? raw.base ?? address
  const language = languageOf(raw.language) ?? languageOf(otherLanguage)
  return {
    id: identity(phrase(raw.id, 1000) ?? undefined, raw.base ?? address) ?? null,
    title: words(raw.title, 300),
    url,
    description: words(raw.description, 1000),
    rights: words(raw.rights, 300),
    language,
    author: phrase(raw.author),
    updatedAt: dateOf(raw.updated),
    categories: categoriesOf(raw.topics),
    items: raw.items.slice(0, maxItems).map((item, index) => itemOf(item, home, language, index)),
  }
}

/**
 * Reads a feed as readFeed does, without items that neither say anything nor lead anywhere, and with guids that are unique: an item that repeats
 * the guid of another with another link is told apart by its link.
 * @throws Error that says what the document is instead, or which limit it breaks.
 */
export async function parseFeed(text: string, address: string): Promise<Feed> {
  const feed = await readFeed(text, address)
  const items = new Map<string, FeedItem>()
  for (const item of feed.items) {
    if (item.title === '') continue
    const known = items.get(item.guid)
    if (known === undefined) items.set(item.guid, item)
    else if (known.url !== item.url && !items.has(item.url)) items.set(item.url, { ...item, guid: item.url })
  }
  return { ...feed, items: [...items.values()] }
}
