import { topicsNamed } from '../topics/names.ts'

/** What a query asks for. */
export interface ParsedQuery {
  /** For the full-text index; undefined where no word is asked for. */
  match: string | undefined
  /** Single words that are asked for, as they were written. */
  words: string[]
  source?: string
  topic?: string
  /** Milliseconds since 1970. */
  before?: number
  after?: number
}

/** Most words and phrases that are looked at. */
const MOST = 32

interface Term {
  text: string
  phrase: boolean
  not: boolean
  /** Stands for the one before it as well. */
  or: boolean
}

/**
 * Reads a query: words, all of them asked for; `"phrases"`; `-word`; `this OR that`; `source:`, `topic:`, `before:` and `after:` a day.
 * The last word counts as a beginning too. What is no rule is text: nothing in a query is ever an error.
 */
export function parseQuery(query: string): ParsedQuery {
  const filters: Omit<ParsedQuery, 'match' | 'words'> = {}
  const terms: Term[] = []
  let or = false
  for (const [all, minus, name, quoted, bare] of query.replaceAll('\0', ' ').matchAll(/(-)?(?:(source|topic|before|after):)?(?:"([^"]*)"|([^\s"]+))/gi)) {
    const text = quoted ?? bare ?? ''
    if (all === 'OR' && terms.length > 0) {
      or = true
      continue
    }
    if (name !== undefined && minus === undefined && takeFilter(filters, name.toLowerCase(), text)) continue
    const words = name === undefined ? text : `${name} ${text}`
    if (!/[\p{L}\p{N}]/u.test(words)) continue
    terms.push({ text: words, phrase: quoted !== undefined, not: minus !== undefined, or })
    or = false
  }
  const asked = terms.slice(0, MOST)
  // Nothing but words that are not wanted asks for nothing: then they are text.
  const wanted = asked.some(({ not }) => !not) ? asked.filter(({ not }) => !not) : asked
  const unwanted = asked.filter((term) => !wanted.includes(term))
  const groups: string[][] = []
  for (const [i, { text, phrase, or: joined }] of wanted.entries()) {
    const word = `"${text}"${!phrase && i === wanted.length - 1 ? ' *' : ''}`
    if (joined && groups.length > 0) groups.at(-1)!.push(word)
    else groups.push([word])
  }
  const every = groups.map((group) => (group.length === 1 ? group[0]! : `(${group.join(' OR ')})`)).join(' AND ')
  const match = every === '' ? undefined : unwanted.reduce((expression, { text }) => `(${expression}) NOT "${text}"`, every)
  return { match, words: wanted.filter(({ phrase }) => !phrase).map(({ text }) => text), ...filters }
}

function takeFilter(filters: Omit<ParsedQuery, 'match' | 'words'>, name: string, text: string): boolean {
  if (text === '') return false
  if (name === 'source' || name === 'topic') {
    filters[name] = (name === 'topic' ? topicsNamed(text)[0] : undefined) ?? text.toLowerCase()
    return true
  }
  const day = /^\d{4}(?:-\d\d(?:-\d\d)?)?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(day)) return false
  filters[name as 'before' | 'after'] = day
  return true
}
