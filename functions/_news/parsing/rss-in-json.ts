import { isObject, type JsonObject } from '../body.ts'
import { personOf } from './people.ts'
import { markup, maxItems, type RawFeed, type RawItem } from './raw-feed.ts'

// An element is its text, or an object with its attributes and its text under #value; several are a list.
function text(value: unknown): string | undefined {
  if (Array.isArray(value)) return text(value[0])
  if (isObject(value)) return text(value['#value'])
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function itemOf(item: JsonObject): RawItem {
  const guid = text(item.guid)
  return {
    guid,
    link: text(item.link) ?? (/^https?:/i.test(guid ?? '') ? guid : undefined),
    title: markup(text(item.title)),
    summary: markup(text(item.description)),
    content: markup(text(item['content:encoded'])),
    author: personOf(text(item.author) ?? text(item['dc:creator'])),
    published: text(item.pubDate),
    topics: list(item.category).flatMap((category) => text(category) ?? []),
    enclosures: list(item.enclosure).filter(isObject).flatMap((file) => {
      const url = text(file.url)
      return url === undefined ? [] : [{ url, type: text(file.type), length: text(file.length) }]
    }),
  }
}

/** Reads the channel of RSS that is written as JSON. */
export function parseRssInJson(channel: JsonObject): RawFeed {
  return {
    title: markup(text(channel.title)),
    home: text(channel.link),
    description: markup(text(channel.description)),
    rights: markup(text(channel.copyright)),
    language: text(channel.language),
    author: personOf(text(channel.managingEditor)),
    updated: text(channel.lastBuildDate) ?? text(channel.pubDate),
    topics: list(channel.category).flatMap((category) => text(category) ?? []),
    items: list(channel.item).filter(isObject).slice(0, maxItems).map(itemOf),
  }
}
