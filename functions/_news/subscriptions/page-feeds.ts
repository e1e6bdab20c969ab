import { Parser } from 'htmlparser2'

/** A feed that a page names. */
export interface PageFeed {
  url: string
  title: string
}

const feedTypes = /^(?:application|text)\/(?:rss|atom|rdf|feed|x-rss|x-atom)\+?(?:xml|json)?$|^application\/(?:feed\+json|json)$/i
const feedPath = /(?:^|[/._-])(?:rss|atom|feeds?|index\.xml|feed\.json)(?:[/._?-]|$)/i
/** Where feeds stand when no page names them, the most usual first. */
const usualPaths = ['/feed', '/rss.xml', '/feed.xml', '/atom.xml', '/index.xml', '/rss']
const maxFeeds = 20
/** As much of a page is looked at, in characters: its head, and more. */
const mostLength = 262_144

/**
 * Lists the feeds that an HTML page names, the likeliest first: those of `<link rel="alternate">`, comments last, then links that look
 * like feeds. Addresses are http or https, each once.
 */
export function feedsOfPage(page: string, address: string): PageFeed[] {
  const linked: PageFeed[] = []
  const anchored: PageFeed[] = []
  let base = address
  const add = (list: PageFeed[], href: string | undefined, title: string) => {
    const url = href === undefined || !URL.canParse(href, base) ? undefined : new URL(href, base)
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return
    url.hash = ''
    if (![...linked, ...anchored].some((known) => known.url === url.href)) list.push({ url: url.href, title: title.trim().slice(0, 200) })
  }
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'base' && attributes['href'] !== undefined && URL.canParse(attributes['href'], address)) base = new URL(attributes['href'], address).href
      if (name === 'link' && linked.length < maxFeeds && /\balternate\b/i.test(attributes['rel'] ?? '') && feedTypes.test((attributes['type'] ?? '').split(';')[0]!.trim())) add(linked, attributes['href'], attributes['title'] ?? '')
      if (name === 'a' && anchored.length < maxFeeds && feedPath.test(attributes['href'] ?? '')) add(anchored, attributes['href'], attributes['title'] ?? '')
    },
  })
  parser.end(page.slice(0, mostLength))
  const comments = ({ url, title }: PageFeed) => /comment/i.test(title) || /\/comments?\b/i.test(url)
  return [...linked.filter((feed) => !comments(feed)), ...linked.filter(comments), ...anchored.filter((feed) => !comments(feed))].slice(0, maxFeeds)
}

/** Where a page's feed may stand though the page does not say so. */
export function usualFeeds(address: string): string[] {
  return usualPaths.map((path) => new URL(path, address).href)
}
