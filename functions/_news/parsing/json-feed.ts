import { isObject, type JsonObject } from '../body.ts'
import { markup, type RawFeed, type RawItem, type RawText } from './raw-feed.ts'

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

/**
 * Reads a JSON Feed.
 * @throws Error where the document is not one.
 */
export function parseJsonFeed(document: string): RawFeed {
  let feed: unknown
  try {
    feed = JSON.parse(document.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new Error('parser: the JSON is malformed', { cause: error })
  }
  if (!isObject(feed) || !Array.isArray(feed.items)) throw new Error('parser: JSON, but not a JSON Feed (no list of items)')
  return {
    id: text(feed.feed_url),
    title: markup(text(feed.title)),
    home: text(feed.home_page_url),
    description: markup(text(feed.description)),
    language: text(feed.language),
    author: authorIn(feed),
    topics: [],
    items: feed.items.filter(isObject).map(itemOf),
  }
}
