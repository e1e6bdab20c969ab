import { readTree } from './tree.ts'
import type { RawFeed } from './raw-feed.ts'
import { parseWithRssParser } from './rss-parser.ts'
import { parseTolerantly } from './tolerant.ts'

// What rss-parser does not know: relative addresses and languages of a part, types of a text, names under other prefixes.
const beyond = /\bxml:(?:base|lang)\s*=|\bmode\s*=\s*["']|\btype\s*=\s*["'](?:text["'/]|xhtml|application\/(?!rss|atom|xml))|<!DOCTYPE|<(?:\w+:)?(?:feed|rss|rdf)\b[^>]*\sxmlns:(?:\w+)=["']http:\/\/(?:www\.w3\.org\/2005\/Atom|purl\.org\/rss\/1\.0\/)["'][^>]*>/i

function repaired(document: string): string {
  return document
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '')
    .replace(/&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,9};)/g, '&amp;')
    .replace(/&(?!amp;|lt;|gt;|quot;|apos;|#)([A-Za-z][A-Za-z0-9]{1,9};)/g, '&amp;$1')
}

/**
 * Reads RSS, RDF or Atom: by rss-parser after a light repair (stray control characters, bare ampersands, HTML's references), and tolerantly
 * where that fails, finds nothing, or the document holds what it does not know. `address` is where relative addresses begin.
 * @throws Error that says what the document is instead, or which limit it breaks.
 */
export async function parseXmlFeed(document: string, address?: string): Promise<RawFeed> {
  const source = document.replace(/^[\s\ufeff]+/, '')
  if (/^(?:<!doctype html|<html)\b/i.test(source.replace(/^<\?xml[^>]*\?>\s*/i, ''))) {
    throw new Error('parser: a web page, not a feed; look on it for the address of the feed')
  }
  if (!beyond.test(source)) {
    // Its own parser knows no limits.
    readTree(source)
    const feed = await parseWithRssParser(repaired(source)).catch(() => undefined)
    if (feed !== undefined && feed.items.length > 0) return feed
  }
  return parseTolerantly(repaired(source).replace(/^[^<]+/, ''), address)
}
