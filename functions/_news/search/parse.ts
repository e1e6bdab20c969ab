import { topicsNamed } from '../topics/names.ts'

/** What a query asks for. */
export interface ParsedQuery {
  /** Words and phrases that are asked for, for the full-text index; undefined where there are none. */
  match: string | undefined
  /** Words and phrases that are not wanted, for the index. */
  without: string[]
  /** All of them, any of which will do. */
  any: string
  /** Single words that are asked for, as they were written. */
  words: string[]
  /** Names of sources, one of which will do, and topics, all of which are asked for. */
  sources: string[]
  topics: string[]
  /** Milliseconds since 1970. */
  before?: number
  after?: number
}

/** Most words and phrases that are looked at, and most sources and topics. */
const MOST = 32
const MOST_NAMES = 8

interface Term {
  text: string
  phrase: boolean
  /** Words that begin with it will do as well. */
  beginning: boolean
  not: boolean
  /** Stands for the one before it as well. */
  or: boolean
}

/**
 * Reads a query: words, all of them asked for; `"phrases"`; `-word`; `this OR that`; `begin*`; `source:`, `topic:`, `before:` and `after:` a
 * day. The last word counts as a beginning too. What is no rule is text: nothing in a query is ever an error.
 */
export function parseQuery(query: string): ParsedQuery {
  const filters: Pick<ParsedQuery, 'sources' | 'topics' | 'before' | 'after'> = { sources: [], topics: [] }
  const terms: Term[] = []
  let or = false
  for (const [all, minus, name, quoted, bare] of query.replaceAll('\0', ' ').matchAll(/(-)?(?:(source|topic|before|after):)?(?:"([^"]*)"|([^\s"]+))/gi)) {
    const text = quoted ?? bare ?? ''
    if (all === 'OR' && terms.length + filters.sources.length + filters.topics.length > 0) {
      or = true
      continue
    }
    if (name !== undefined && minus === undefined && takeFilter(filters, name.toLowerCase(), text)) {
      or = false
      continue
    }
    const words = name === undefined ? text : `${name} ${text}`
    if (!/[\p{L}\p{N}]/u.test(words)) continue
    terms.push({ text: words, phrase: quoted !== undefined, beginning: quoted === undefined && words.endsWith('*'), not: minus !== undefined, or })
    or = false
  }
  const asked = terms.slice(0, MOST)
  const wanted = asked.filter(({ not }) => !not)
  const without = asked.filter(({ not }) => not).map(written)
  const groups: string[][] = []
  for (const [i, term] of wanted.entries()) {
    const word = written({ ...term, beginning: term.beginning || (!term.phrase && i === wanted.length - 1) })
    if (term.or && groups.length > 0) groups.at(-1)!.push(word)
    else groups.push([word])
  }
  const every = groups.map((group) => (group.length === 1 ? group[0]! : `(${group.join(' OR ')})`)).join(' AND ')
  return {
    match: every === '' ? undefined : every, without, any: [...groups.flat(), ...without].join(' OR '),
    words: wanted.filter(({ phrase, beginning }) => !phrase && !beginning).map(({ text }) => text), ...filters,
  }
}

function written({ text, beginning }: Pick<Term, 'text' | 'beginning'>): string {
  return `"${text}"${beginning ? ' *' : ''}`
}

/** Milliseconds since 1970 of the first moment of a day, month or year; undefined where there is no such. */
function dayOf(text: string): number | undefined {
  if (!/^\d{4}(?:-\d\d(?:-\d\d)?)?$/.test(text)) return undefined
  const time = Date.parse(text)
  // The thirtieth of February is read as a day of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? time : undefined
}

function takeFilter(filters: Pick<ParsedQuery, 'sources' | 'topics' | 'before' | 'after'>, name: string, text: string): boolean {
  if (name === 'source' || name === 'topic') {
    if (!/[\p{L}\p{N}]/u.test(text)) return false
    const [list, names] = name === 'topic' ? [filters.topics, topicsNamed(text)] : [filters.sources, [text.trim()]]
    for (const one of names) if (!list.includes(one) && list.length < MOST_NAMES) list.push(one)
    return true
  }
  const day = dayOf(text)
  if (day === undefined) return false
  filters[name as 'before' | 'after'] = day
  return true
}
