import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FeedItem } from '../../functions/_news/feed.ts'
import { readDocument, type ReadDocument } from '../../functions/_news/parsing/document.ts'
import { plainText } from '../../functions/_news/text.ts'
import { isActive, visibleText } from './active-content.ts'

/** How many of the stated expectations are met. */
export interface ExpectationFigures {
  /** All but those that only say whether a document is well-formed. */
  asserts: number
  /** Those that speak of what the newsroom keeps, and the documents that try to smuggle something in. */
  mapped: number
  passed: number
}

interface Assertion {
  op: 'eq' | 'truthy' | 'falsy' | 'len_eq'
  path: (string | number)[]
  value?: unknown
}

interface Expectation {
  file: string
  headers: Record<string, string>
  assert: Assertion[]
}

/** What is found for a path: a text to compare as a reader sees it, a time, or a plain value. */
type Found = { words: string | null } | { at: number | null } | { value: unknown }

const texts = new Set(['', 'value'])

// The paths are feedparser's.
function inEntry(item: FeedItem | undefined, name: string, rest: string, index: number): Found | undefined {
  if (name === 'title' || name === 'title_detail') return texts.has(rest) ? { words: item?.title ?? null } : undefined
  if (name === 'link') return { value: item?.url }
  if (name === 'id' || name === 'guid') return { value: item?.guid }
  if (/^(?:summary|description)(?:_detail)?$/.test(name)) return texts.has(rest) ? { words: item?.summary ?? null } : undefined
  if (name === 'content') return rest === 'value' ? { words: item?.contentHtml ?? null } : rest === 'language' ? { value: item?.language } : undefined
  if (name === 'author' || (/^author(?:s|_detail)$/.test(name) && rest === 'name')) return { value: item?.author }
  if (/^(?:published|updated)(?:_parsed)?$/.test(name)) return { at: (name.startsWith('p') ? item?.publishedAt : item?.updatedAt) ?? null }
  if (name === 'tags' && (rest === 'term' || rest === 'label')) return { value: item?.categories[index] }
  if (name === 'enclosures') return { value: item?.enclosures[index]?.[rest === 'type' ? 'type' : 'url'] }
  return undefined
}

function inFeed({ feed }: ReadDocument, name: string, rest: string, index: number): Found | undefined {
  if (name === 'title' || name === 'title_detail') return texts.has(rest) ? { words: feed.title } : undefined
  if (/^(?:subtitle|tagline|description)(?:_detail)?$/.test(name)) return texts.has(rest) ? { words: feed.description } : undefined
  if (name === 'link') return { value: feed.url }
  if (name === 'language') return { value: feed.language }
  if (name === 'id' || name === 'guid') return { value: feed.id }
  if (name === 'updated' || name === 'updated_parsed') return { at: feed.updatedAt }
  if (name === 'author' || (/^author(?:s|_detail)$/.test(name) && rest === 'name')) return { value: feed.author }
  if (name === 'category' || (name === 'tags' && (rest === 'term' || rest === 'label'))) return { value: feed.categories[index] }
  return undefined
}

function lookUp(read: ReadDocument, path: (string | number)[]): Found | undefined {
  const [top, ...rest] = path
  const names = rest.filter((part) => typeof part === 'string')
  const numbers = rest.filter((part) => typeof part === 'number')
  if (top === 'encoding') return { value: read.encoding }
  if (top === 'entries' && rest.length === 0) return { value: read.feed.items }
  if (top === 'entries') return inEntry(read.feed.items[numbers[0] ?? 0], names[0] ?? '', names[1] ?? '', numbers[1] ?? 0)
  return top === 'feed' ? inFeed(read, names[0] ?? '', names[1] ?? '', numbers[0] ?? 0) : undefined
}

function encodingOf(label: unknown): unknown {
  try {
    return new TextDecoder(String(label)).encoding
  } catch {
    return String(label).toLowerCase()
  }
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function timeOf(value: unknown): number {
  const [year, month, day, hour, minute, second] = (Array.isArray(value) ? value : []) as number[]
  if (year === undefined) return Date.parse(String(value))
  return Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second)
}

function holds({ op, path, value }: Assertion, found: Found): boolean {
  const seen = 'words' in found ? found.words : 'at' in found ? found.at : found.value
  if (op === 'len_eq') return Array.isArray(seen) && seen.length === value
  if (op === 'truthy') return Boolean(seen)
  if (op === 'falsy') return !seen
  if ('at' in found) return found.at === timeOf(value)
  if ('words' in found) {
    const stated = squeezed(String(value))
    return plainText(found.words ?? '') === plainText(stated) || squeezed(found.words ?? '') === stated
  }
  if (path[0] === 'encoding') return encodingOf(seen) === encodingOf(value)
  return (seen ?? null) === (value ?? null)
}

// What a reader sees where the path points: of titles and short texts the words, of texts the HTML.
function shownFor({ feed }: ReadDocument, [top, name, part]: (string | number)[]): string {
  if (top === 'entries') {
    const item = feed.items[Number(name)]
    return part === 'title' ? squeezed(item?.title ?? '') : visibleText(item?.contentHtml ?? '')
  }
  return squeezed(name === 'title' ? feed.title : name === 'copyright' || name === 'rights' ? feed.rights : feed.description)
}

// Nothing that acts is left, and the reader sees the words that should be seen.
function isHarmless(read: ReadDocument, asserts: Assertion[]): boolean {
  const html = read.feed.items.map((item) => item.contentHtml ?? '')
  if ([...html, read.feed.title, read.feed.description].some(isActive)) return false
  return asserts.every(({ path, value }) => {
    return typeof value !== 'string' || shownFor(read, path) === visibleText(value)
  })
}

/** Reads every document of the folder as a fetcher would that was sent its headers. */
export async function evaluateExpectations(folder: string): Promise<{ figures: ExpectationFigures; failures: string[]; crashes: number }> {
  const figures = { asserts: 0, mapped: 0, passed: 0 }
  const failures: string[] = []
  let crashes = 0
  const list = join(folder, 'expect.jsonl')
  if (!existsSync(list)) return { figures, failures, crashes }
  for (const line of readFileSync(list, 'utf8').trimEnd().split('\n')) {
    const { file, headers, assert } = JSON.parse(line) as Expectation
    const asserts = assert.filter(({ path }) => path[0] !== 'bozo')
    figures.asserts += asserts.length
    const bytes = new Uint8Array(readFileSync(join(folder, 'tests', file)))
    const header = (name: string): string | undefined => Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
    const address = new URL(header('content-location') ?? '', `http://127.0.0.1:8097/${file}`).href
    const nothing: ReadDocument = {
      feed: { id: null, title: '', url: null, description: '', rights: '', language: null, author: null, updatedAt: null, categories: [], items: [] },
      encoding: '',
    }
    const read = await readDocument(bytes, { contentType: header('content-type'), contentLanguage: header('content-language'), address }).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith('parser: '))) crashes += 1
      return nothing
    })
    if (file.includes('sanitize/')) {
      const passes = read !== nothing && isHarmless(read, asserts)
      figures.mapped += asserts.length
      if (passes) figures.passed += asserts.length
      else failures.push(`${file}: ${JSON.stringify(asserts[0])} but ${JSON.stringify(read.feed.items[0]?.contentHtml ?? read.feed.title)}`)
      continue
    }
    for (const assertion of asserts) {
      const found = lookUp(read, assertion.path)
      if (found === undefined) continue
      figures.mapped += 1
      if (holds(assertion, found)) figures.passed += 1
      else failures.push(`${file}: ${JSON.stringify(assertion)} but ${JSON.stringify(found)}`)
    }
  }
  return { figures, failures, crashes }
}
