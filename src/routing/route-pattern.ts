import { PressroomError } from '../contract/errors.ts'

/** Methods a route may name; a route without a method takes every one, these and others. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** One path a route answers. A route with optional segments has several. */
export interface RoutePattern {
  /** Null when the route takes every method. */
  method: string | null
  /** In Hono's syntax, without optional marks; a `*` in between is written as a parameter, which all of Hono's routers read alike. */
  path: string
  /** The path as the route declares it. */
  route: string
  /** How specific each segment is, lower first: two patterns are compared segment by segment. */
  ranks: readonly number[]
  /** Equal for two patterns that match the same paths, whatever their parameters are called. */
  shape: string
  /** Matches one path only, itself. */
  isStatic: boolean
}

/** A segment of its own kind; the order is the order in which they win. */
const rank = { end: 0, literal: 1, constrained: 2, parameter: 3, star: 4 } as const

interface Segment {
  text: string
  rank: number
  shape: string
  optional: boolean
}

/**
 * Takes a route such as `"GET /story/:id{[0-9]+}"`, `"/feeds/*"` or `"/page/:number?"` apart.
 * @throws PressroomError `bad_config` naming the file, what was expected and found
 */
export function parseRoute(declared: string, file: string): RoutePattern[] {
  const bad = (problem: string): PressroomError => new PressroomError('bad_config', `${file}: config.routes: "${declared}": ${problem}`)
  const [, method = null, route = ''] = /^(?:([^\s/]+)\s+)?(.*)$/s.exec(declared.trim()) ?? []
  if (method !== null && !methods.includes(method)) {
    const hint = methods.includes(method.toUpperCase()) ? `; write ${method.toUpperCase()}` : '; leave the method out to take every one'
    throw bad(`expected a method of ${methods.join(', ')}, found "${method}"${hint}`)
  }
  if (!route.startsWith('/')) throw bad(`expected a path that begins with "/", found "${route}"`)
  if (/[\s#]/.test(route)) throw bad('expected a path without spaces and "#"')
  const segments = splitSegments(route.slice(1)).map((text) => parseSegment(text, bad))
  const firstOptional = segments.findIndex(({ optional }) => optional)
  const required = firstOptional === -1 ? segments.length : firstOptional
  if (segments.slice(required).some(({ optional }) => !optional)) throw bad('only segments at the end can be optional; write two routes')
  checkBesideParameters(segments, bad)
  const names = segments.flatMap(({ text }) => /^:(\w+)/.exec(text)?.[1] ?? [])
  if (new Set(names).size < names.length) throw bad('each parameter needs its own name')

  return Array.from({ length: segments.length - required + 1 }, (_, index) => {
    const taken = segments.slice(0, required + index)
    return {
      method,
      path: `/${taken.map(({ text }, at) => (text === '*' && at < taken.length - 1 ? `:star_${at}_` : text)).join('/')}`,
      route,
      ranks: [...taken.map((segment) => segment.rank), rank.end],
      shape: `/${taken.map(({ shape }) => shape).join('/')}`,
      isStatic: taken.every((segment) => segment.rank === rank.literal),
    }
  })
}

/** Negative when `a` is the more specific: literals beat constrained parameters, those beat parameters, those beat `*`. */
export function compareSpecificity(a: RoutePattern, b: RoutePattern): number {
  for (let index = 0; index < Math.min(a.ranks.length, b.ranks.length); index++) {
    const difference = (a.ranks[index] ?? 0) - (b.ranks[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.shape < b.shape ? -1 : a.shape > b.shape ? 1 : 0
}

/** Slashes inside `{…}` belong to a regular expression. */
function splitSegments(path: string): string[] {
  const segments = ['']
  let depth = 0
  for (const character of path) {
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === '/' && depth === 0) segments.push('')
    else segments[segments.length - 1] += character
  }
  return segments
}

function parseSegment(text: string, bad: (problem: string) => PressroomError): Segment {
  if (text === '*') return { text, rank: rank.star, shape: '*', optional: false }
  if (!text.startsWith(':')) return parseLiteral(text, bad)
  const [, name, , expression, mark] = /^:(\w+)(\{(.+)\})?(\?)?$/s.exec(text) ?? []
  if (!name) throw bad(`expected a parameter such as ":id", ":id{[0-9]+}" or ":id?", found "${text}"`)
  if (expression !== undefined) checkExpression(expression, bad)
  return {
    // Hono anchors an expression without grouping it: the group keeps `a|b` whole.
    text: `:${name}${expression === undefined ? '' : `{(?:${expression})}`}`,
    rank: expression === undefined ? rank.parameter : rank.constrained,
    shape: expression === undefined ? ':' : `:{${expression}}`,
    optional: mark === '?',
  }
}

/** Literals are matched against decoded paths, so that `/caf%C3%A9` and `/café` are one route. */
function parseLiteral(text: string, bad: (problem: string) => PressroomError): Segment {
  if (/[*:{}?]/.test(text)) throw bad(`"*" and ":name" each take a whole segment, found "${text}"`)
  const decoded = decodePath(text)
  return { text: decoded, rank: rank.literal, shape: decoded, optional: false }
}

/** Hono builds one regular expression of all patterns and leaves some characters of literals unescaped in it. */
function checkBesideParameters(segments: readonly Segment[], bad: (problem: string) => PressroomError): void {
  if (segments.every((segment) => segment.rank === rank.literal)) return
  const unsafe = segments.find((segment) => segment.rank === rank.literal && /[()[\]\\^$+|]|@\d/.test(segment.text))
  if (unsafe) throw bad(`"${unsafe.text}" cannot stand beside parameters or "*"; leave out ( ) [ ] \\ ^ $ + | and "@" before digits`)
}

function checkExpression(expression: string, bad: (problem: string) => PressroomError): void {
  let compiled: RegExp
  try {
    compiled = new RegExp(`^(?:${expression})$`)
  } catch (error) {
    throw bad(`expected a regular expression in {…}, found "${expression}" (${error instanceof Error ? error.message : String(error)})`)
  }
  if (compiled.test('')) throw bad(`the regular expression "${expression}" also matches nothing; use + instead of *, or an optional parameter`)
  if (/(^|[^\\])\((?!\?)/.test(expression)) throw bad(`the regular expression "${expression}" has a group that captures; write (?:…)`)
}

/** Decodes what is percent-encoded in a path, but never into a separator; broken encodings stay as they are. */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path
  // "%25" stays, so that nothing is decoded twice.
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURI(encoded.replace(/%25/g, '%2525'))
    } catch {
      return encoded
    }
  })
}
