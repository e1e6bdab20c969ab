import { isObject, type JsonObject } from './body.ts'
import type { RawFeed, RawItem } from './raw-feed.ts'

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value : undefined
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function itemOf(item: JsonObject): RawItem {
  return {
    guid: text(item.id),
    link: text(item.url) ?? text(item.external_url),
    title: text(item.title),
    html: text(item.summary) ?? text(item.content_html) ?? text(item.content_text),
    date: text(item.date_published) ?? text(item.date_modified),
    image: text(item.image) ?? text(item.banner_image),
    topics: list(item.tags).flatMap((tag) => text(tag) ?? []),
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
  return { title: text(feed.title), home: text(feed.home_page_url), items: feed.items.filter(isObject).map(itemOf) }
}
