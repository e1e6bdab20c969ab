import { contentOf, textOf } from './element-text.ts'
import { personOf } from './people.ts'
import { maxItems, type RawEnclosure, type RawFeed, type RawItem, type RawText } from './raw-feed.ts'
import type { Element } from './tree.ts'

// Children of an item that are looked at.
const maxParts = 2000
const itemNames = new Set(['item', 'entry'])

function elements(element: Element): Element[] {
  return element.children.filter((child): child is Element => typeof child !== 'string')
}

function all(element: Element, ...names: string[]): Element[] {
  return names.flatMap((name) => elements(element).filter((child) => child.name === name))
}

// In the order of the names: the first of them that says something.
function textIn(element: Element, atom: boolean, ...names: string[]): RawText | undefined {
  for (const found of all(element, ...names)) {
    const text = textOf(found, atom)
    if (text !== undefined) return text
  }
  return undefined
}

function wordsIn(element: Element, ...names: string[]): string | undefined {
  return all(element, ...names).map((found) => contentOf(found).trim()).find((text) => text !== '')
}

// Of several of the first name that is there, the last counts.
function lastWordsIn(element: Element, ...names: string[]): string | undefined {
  for (const name of names) {
    const text = all(element, name).map((found) => contentOf(found).trim()).findLast((words) => words !== '')
    if (text !== undefined) return text
  }
  return undefined
}

function attribute(element: Element, name: string): string | undefined {
  return element.attributes.get(name)?.trim() || undefined
}

function linkOf(element: Element): { href: string; base: string | undefined } | undefined {
  const links = all(element, 'link', 'url')
  const stated = links.filter((link) => attribute(link, 'href') !== undefined)
  const alternate = stated.find((link) => /^(?:alternate)?$/i.test(attribute(link, 'rel') ?? '') && /html|^$/i.test(attribute(link, 'type') ?? ''))
    ?? stated.find((link) => /^(?:alternate)?$/i.test(attribute(link, 'rel') ?? ''))
  const written = links.find((link) => contentOf(link).trim() !== '')
  if (written !== undefined) return { href: contentOf(written).trim(), base: written.base }
  const href = alternate === undefined ? undefined : attribute(alternate, 'href')
  return href === undefined ? undefined : { href, base: alternate?.base }
}

// A name before an address.
function authorOf(element: Element): string | undefined {
  const people = all(element, 'author', 'dc:creator', 'dc:author', 'managingeditor', 'itunes:author').flatMap((person) =>
    wordsIn(person, 'name', 'foaf:name') ?? (personOf(contentOf(person)) || wordsIn(person, 'email') || []))
  return people.find((name) => !/^\S+@\S+$/.test(name)) ?? people[0]
}

// A category of iTunes holds the narrower ones.
function withInner(category: Element): Element[] {
  return [category, ...all(category, 'itunes:category').flatMap(withInner)]
}

function topicsOf(element: Element): string[] {
  const named = all(element, 'category', 'dc:subject', 'media:category', 'itunes:category').flatMap(withInner)
  const keywords = wordsIn(element, 'itunes:keywords', 'media:keywords')?.split(/[,;]/) ?? []
  const topics = named.flatMap((found) => attribute(found, 'label') ?? (contentOf(found).trim() || (attribute(found, 'term') ?? attribute(found, 'text') ?? [])))
  return [...topics, ...keywords.map((word) => word.trim())].filter((topic) => topic !== '')
}

function withGroups(item: Element): Element[] {
  return [item, ...all(item, 'media:group')]
}

function mediaOf(item: Element): Element[] {
  return withGroups(item).flatMap((around) => all(around, 'media:content', 'media:thumbnail'))
}

function wordsOfMedia(item: Element, atom: boolean, name: string): RawText | undefined {
  return withGroups(item).flatMap((around) => textIn(around, atom, name) ?? [])[0]
}

function enclosuresOf(item: Element): RawEnclosure[] {
  const links = all(item, 'link').filter((link) => attribute(link, 'rel')?.toLowerCase() === 'enclosure')
  const content = mediaOf(item).filter((media) => media.name === 'media:content')
  return [...all(item, 'enclosure'), ...links, ...content].flatMap((found) => {
    const url = attribute(found, 'url') ?? attribute(found, 'href')
    const length = attribute(found, 'length') ?? attribute(found, 'filesize')
    return url === undefined ? [] : [{ url, type: attribute(found, 'type'), length }]
  })
}

function imageOf(item: Element): string | undefined {
  const files = [...all(item, 'enclosure'), ...mediaOf(item)]
  const typed = files.find((found) => attribute(found, 'type')?.startsWith('image/') || attribute(found, 'medium') === 'image')
  const thumbnail = files.find((found) => found.name === 'media:thumbnail')
  const named = files.find((found) => attribute(found, 'type') === undefined && /\.(?:jpe?g|png|webp|gif|avif)(?:\?|$)/i.test(attribute(found, 'url') ?? ''))
  const found = typed ?? thumbnail ?? named
  const itunes = all(item, 'itunes:image')[0]
  return (found === undefined ? undefined : attribute(found, 'url')) ?? (itunes === undefined ? undefined : attribute(itunes, 'href')) ?? wordsIn(all(item, 'image')[0] ?? item, 'url')
}

function itemOf(found: Element, atom: boolean): RawItem {
  // Cut off in the middle: what was not finished is not true.
  const parts = found.children.slice(0, maxParts)
  const item = { ...found, children: found.closed ? parts : parts.filter((part) => typeof part === 'string' || part.closed) }
  const link = linkOf(item)
  const guid = all(item, 'guid')[0]
  const isLink = guid !== undefined && attribute(guid, 'ispermalink')?.toLowerCase() !== 'false'
  const guidText = guid === undefined ? undefined : contentOf(guid).trim() || undefined
  return {
    guid: guidText ?? wordsIn(item, 'id') ?? attribute(item, 'rdf:about') ?? wordsIn(item, 'dc:identifier') ?? attribute(item, 'about'),
    // An aggregator's own address only leads to the publisher's.
    link: wordsIn(item, 'feedburner:origlink', 'pheedo:origlink') ?? link?.href ?? attribute(item, 'href') ?? (isLink && /^https?:/i.test(guidText ?? '') ? guidText : undefined),
    base: link?.base ?? item.base,
    title: textIn(item, atom, 'title', 'dc:title') ?? wordsOfMedia(item, atom, 'media:title') ?? textIn(item, atom, 'itunes:title'),
    summary: textIn(item, atom, 'description', 'summary', 'dc:description', 'abstract', 'itunes:summary') ?? wordsOfMedia(item, atom, 'media:description')
      ?? textIn(item, atom, 'itunes:subtitle'),
    content: textIn(item, atom, 'content:encoded', 'content', 'xhtml:body', 'body', 'fullitem'),
    author: authorOf(item),
    published: lastWordsIn(item, 'pubdate', 'published', 'issued', 'dcterms:issued', 'dc:date', 'created', 'dcterms:created', 'date'),
    updated: lastWordsIn(item, 'updated', 'modified', 'dcterms:modified', 'lastbuilddate', 'dc:date') ?? attribute(item, 'lastmod'),
    image: imageOf(item),
    language: wordsIn(item, 'dc:language', 'language') ?? item.language,
    topics: topicsOf(item),
    enclosures: enclosuresOf(item),
  }
}

// Items, in the order of the document, wherever a broken document has put them.
function itemsIn(element: Element, found: Element[] = []): Element[] {
  for (const child of elements(element)) {
    if (itemNames.has(child.name)) found.push(child)
    itemsIn(child, found)
  }
  return found
}

// One that the document breaks off in must be known again when it comes whole.
function hasIdentity(item: Element): boolean {
  return item.closed || elements(item).some(({ name, closed }) => closed && /^(?:link|guid|id|title)$/.test(name))
}

// An entry by itself, as Atom's publishing protocol sends it.
function loneItem(top: Element): Element | undefined {
  return elements(top).some(({ name }) => itemNames.has(name)) ? { ...top, children: [] } : undefined
}

function first(element: Element, names: RegExp): Element | undefined {
  for (const child of elements(element)) {
    const found = names.test(child.name) ? child : first(child, names)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Reads RSS, RDF or Atom that need not be well-formed, with all that belongs to a text: its type, its language, what it is relative to.
 * @throws Error where the document is no feed.
 */
export function parseTolerantly(top: Element): RawFeed {
  const feed = first(top, /^(?:feed|channel)$/) ?? first(top, /^(?:rss|rdf:rdf|rdf)$/) ?? loneItem(top)
  if (feed === undefined) throw new Error('parser: neither RSS, Atom nor JSON Feed: no <rss>, <rdf:RDF> or <feed> in the document')
  const atom = feed.name === 'feed'
  const link = linkOf(feed)
  return {
    id: wordsIn(feed, 'id', 'guid') ?? attribute(feed, 'rdf:about'),
    title: textIn(feed, atom, 'title', 'dc:title', 'media:title', 'itunes:title'),
    home: link?.href ?? attribute(feed, 'href'),
    base: link?.base ?? feed.base,
    description: textIn(feed, atom, 'description', 'subtitle', 'tagline', 'dc:description', 'abstract', 'itunes:summary', 'itunes:subtitle', 'info'),
    rights: textIn(feed, atom, 'copyright', 'rights', 'dc:rights'),
    language: wordsIn(feed, 'language', 'dc:language')?.replaceAll('_', '-') ?? feed.language,
    author: authorOf(feed),
    updated: lastWordsIn(feed, 'updated', 'modified', 'lastbuilddate', 'dcterms:modified', 'dc:date', 'pubdate', 'published') ?? attribute(feed, 'lastmod'),
    topics: topicsOf(feed),
    items: itemsIn(top).filter(hasIdentity).slice(0, maxItems).map((item) => itemOf(item, atom || item.name === 'entry')),
  }
}
