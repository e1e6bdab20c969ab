import { isObject, type JsonObject } from '../body.ts'
import { repairedJson } from './json-repair.ts'
import { maxItems, markup, type RawFeed, type RawItem, type RawText } from './raw-feed.ts'
import { parseRssInJson } from './rss-in-json.ts'

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value : undefined
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function authorIn(node: JsonObject): string | undefined {
  const people = isObject(node.author) ? [...list(node.authors), node.author] : list(node.authors)
  return people.filter(isObject).map((person) => text(person.name)).find((name) => name !== undefined && name !== '')
}

function plain(value: string | undefined): RawText | undefined {
  return value === undefined || value.trim() === '' ? undefined : { value, plain: true }
}

function itemOf(item: JsonObject): RawItem {
  const content = markup(text(item.content_html)) ?? plain(text(item.content_text))
  return {
    guid: text(item.id),
    link: text(item.url) ?? text(item.external_url),
    title: markup(text(item.title)),
    summary: markup(text(item.summary)),
    content,
    author: authorIn(item),
    published: text(item.date_published),
    updated: text(item.date_modified),
    image: text(item.image) ?? text(item.banner_image),
    language: text(item.language),
    topics: list(item.tags).flatMap((tag) => text(tag) ?? []),
    enclosures: list(item.attachments).filter(isObject).flatMap((file) => {
      const url = text(file.url)
      return url === undefined ? [] : [{ url, type: text(file.mime_type), length: text(file.size_in_bytes) }]
    }),
  }
}

// Characters; the repair looks at each.
const mostRepaired = 4_000_000

function parsed(document: string): { feed: unknown; repaired: boolean } {
  try {
    return { feed: JSON.parse(document), repaired: false }
  } catch (error) {
    try {
      return { feed: JSON.parse(document.length > mostRepaired ? '' : repairedJson(document)), repaired: true }
    } catch {
      throw new Error('parser: the JSON is malformed', { cause: error })
    }
  }
}

/**
 * Reads a JSON Feed, or RSS written as JSON; one that breaks off is read up to there.
 * @throws Error where the document is not one.
 */
export function parseJsonFeed(document: string): RawFeed {
  const { feed, repaired } = parsed(document.replace(/^\ufeff/, ''))
  if (isObject(feed) && isObject(feed.rss) && isObject(feed.rss.channel)) return parseRssInJson(feed.rss.channel)
  if (!isObject(feed) || !Array.isArray(feed.items)) throw new Error('parser: JSON, but not a JSON Feed (no list of items)')
  // One that breaks off must be known again when it comes whole.
  const items = feed.items.filter(isObject).filter((item) => !repaired || item.id !== undefined)
  return {
    id: text(feed.feed_url),
    title: markup(text(feed.title)),
    home: text(feed.home_page_url),
    description: markup(text(feed.description)),
    language: text(feed.language),
    author: authorIn(feed),
    topics: [],
    items: items.slice(0, maxItems).map(itemOf),
  }
}
