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

/** The formats a list of stories can be had in, by the ending of its address. */
export const feedFormats = {
  json: {
    type: 'application/feed+json; charset=utf-8',
    write: ({ title, home, self }: FeedHead, stories: readonly FeedStory[]) => JSON.stringify(generateJsonFeed({
      title, home_page_url: home, feed_url: self,
      items: stories.map(({ id, title: name, url, summary, publishedAt, source }) => ({ id, title: name, url, content_text: summary, date_published: new Date(publishedAt), authors: [{ name: source }] })),
    })),
  },
  atom: {
    type: 'application/atom+xml; charset=utf-8',
    write: ({ title, home, self, at }: FeedHead, stories: readonly FeedStory[]) => generateAtomFeed({
      id: home, title: { value: title }, updated: new Date(at), links: [{ href: home }, { href: self, rel: 'self' }],
      entries: stories.map(({ id, title: name, url, summary, publishedAt, source }) => ({
        id: `urn:story:${id}`, title: { value: name }, updated: new Date(publishedAt), links: [{ href: url }], summary: { value: summary }, authors: [{ name: source }],
      })),
    }),
  },
  rss: {
    type: 'application/rss+xml; charset=utf-8',
    write: ({ title, home, at }: FeedHead, stories: readonly FeedStory[]) => generateRssFeed({
      title, link: home, description: title, lastBuildDate: new Date(at),
      items: stories.map(({ id, title: name, url, summary, publishedAt }) => ({ title: name, link: url, description: summary, guid: { value: id, isPermaLink: false }, pubDate: new Date(publishedAt) })),
    }),
  },
} as const

/** The ending of a feed's address. */
export type FeedFormat = keyof typeof feedFormats
