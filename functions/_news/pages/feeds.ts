import { generateAtomFeed, generateJsonFeed, generateRssFeed } from 'feedsmith'

/** A story as a feed reader shows it. */
export interface FeedStory {
  id: string
  title: string
  url: string
  summary: string
  /** Milliseconds since 1970. */
  publishedAt: number
  source: string
}

/** What stands above the stories. */
export interface FeedHead {
  title: string
  /** Of the page that the feed belongs to. */
  home: string
  /** Of the feed itself. */
  self: string
  /** Milliseconds since 1970. */
  at: number
}

/** What XML has no place for: most control characters, and halves of a character. */
const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

function withoutNotXml<T extends object>(told: T): T {
  return Object.fromEntries(Object.entries(told).map(([name, value]) => [name, typeof value === 'string' ? value.replace(notXml, '') : (value as unknown)])) as T
}

/** The same where a head and stories become XML. */
function asXml(write: (head: FeedHead, stories: readonly FeedStory[]) => string): (head: FeedHead, stories: readonly FeedStory[]) => string {
  return (head, stories) => write(withoutNotXml(head), stories.map(withoutNotXml))
}

/** A description of RSS is HTML, a summary is text. */
function asHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The formats a list of stories can be had in, by the ending of its address. */
export const feedFormats = {
  json: {
    type: 'application/feed+json; charset=utf-8',
    // The format asks for a list, an empty one too, and for a content in each item.
    write: ({ title, home, self }: FeedHead, stories: readonly FeedStory[]) => JSON.stringify({ items: [], ...(generateJsonFeed({
      title, home_page_url: home, feed_url: self,
      items: stories.map(({ id, title: name, url, summary, publishedAt, source }) => ({ id, title: name, url, content_text: summary || name, date_published: new Date(publishedAt), authors: [{ name: source }] })),
    }) as object) }),
  },
  atom: {
    type: 'application/atom+xml; charset=utf-8',
    write: asXml(({ title, home, self, at }, stories) => generateAtomFeed({
      id: home, title: { value: title }, updated: new Date(at), links: [{ href: home }, { href: self, rel: 'self' }],
      entries: stories.map(({ id, title: name, url, summary, publishedAt, source }) => ({
        id: `urn:story:${id}`, title: { value: name }, updated: new Date(publishedAt), links: [{ href: url }], summary: { value: summary }, authors: [{ name: source }],
      })),
    }) as string),
  },
  rss: {
    type: 'application/rss+xml; charset=utf-8',
    write: asXml(({ title, home, self, at }, stories) => generateRssFeed({
      title, link: home, description: title, lastBuildDate: new Date(at), atom: { links: [{ href: self, rel: 'self', type: 'application/rss+xml' }] },
      items: stories.map(({ id, title: name, url, summary, publishedAt, source }) => ({
        title: name, link: url, description: asHtml(summary), guid: { value: id, isPermaLink: false }, pubDate: new Date(publishedAt), dc: { creators: [source] },
      })),
    }) as string),
  },
} as const

/** The ending of a feed's address. */
export type FeedFormat = keyof typeof feedFormats
