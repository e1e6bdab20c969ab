import type { Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { PressroomError } from '../contract/errors.ts'
import { compareSpecificity, decodePath, parseRoute, type RoutePattern } from './route-pattern.ts'

/** Where a request goes. `route` is the path as declared, for telemetry: `/story/:id`. */
export type RouteMatch =
  | { readonly kind: 'function'; readonly name: string; readonly route: string }
  | { readonly kind: 'method_not_allowed'; readonly allow: string[] }
  | { readonly kind: 'no_route' }

/** Finds the function for a request. */
export interface RouteTable {
  /** @param path the path of the URL, percent-encoded or not, without query */
  match(method: string, path: string): RouteMatch
}

/** A function and the routes it declares. */
export interface RoutedFunction {
  name: string
  file: string
  routes: readonly string[]
}

/** A pattern for one method, or for all of them. */
interface Entry extends RoutePattern {
  /** A GET route that serves HEAD: it gives way to a route for HEAD itself. */
  implied: boolean
  target: Extract<RouteMatch, { kind: 'function' }>
}

/** Hono's word for every method. */
const ALL = 'ALL'
const noRoute: RouteMatch = { kind: 'no_route' }

/**
 * Builds the table. The most specific path wins, whatever the order of the functions: literals beat parameters, and those
 * beat `*`, segment by segment; on equal paths a named method beats none. GET routes serve HEAD.
 * @throws PressroomError `bad_config` with one line per bad route and per route that two functions claim
 */
export function createRouteTable(functions: readonly RoutedFunction[]): RouteTable {
  const entries = readEntries(functions).sort(compareEntries)
  const literal = new Map<string, Map<string, RouteMatch>>()
  const router: Router<RouteMatch> = new SmartRouter({ routers: [new RegExpRouter(), new TrieRouter()] })
  for (const { method, path, isStatic, target } of entries) {
    if (!isStatic) {
      router.add(method ?? ALL, path, target)
      continue
    }
    const byMethod = literal.get(path) ?? new Map<string, RouteMatch>()
    literal.set(path, byMethod)
    if (!byMethod.has(method ?? ALL)) byMethod.set(method ?? ALL, target)
  }
  const named = new Set(entries.flatMap(({ method }) => method ?? []))
  const declared = [...named].sort()
  const find = (method: string, path: string): RouteMatch | undefined => {
    const exact = literal.get(path)
    // Hono looks a method up in plain objects; one that no route names is read as any other.
    return exact?.get(method) ?? exact?.get(ALL) ?? router.match(named.has(method) ? method : ALL, path)[0][0]?.[0]
  }
  // Hono's router takes no more routes once it has matched; a pattern it cannot read is found now, not by a request.
  router.match('GET', '/')

  return {
    match(method, rawPath) {
      if (!rawPath.startsWith('/')) return noRoute
      const path = decodePath(rawPath)
      const found = find(method, path)
      if (found) return found
      const allow = declared.filter((other) => find(other, path) !== undefined)
      return allow.length > 0 ? { kind: 'method_not_allowed', allow } : noRoute
    },
  }
}

function readEntries(functions: readonly RoutedFunction[]): Entry[] {
  // A route with optional segments may meet another more than once.
  const problems = new Set<string>()
  const claims = new Map<string, { owner: RoutedFunction; pattern: RoutePattern }>()
  const entries: Entry[] = []
  for (const owner of functions) {
    for (const pattern of owner.routes.flatMap((route) => readRoute(route, owner.file, problems))) {
      const claim = `${pattern.method ?? 'every method'} ${pattern.shape}`
      const other = claims.get(claim)
      if (other && other.owner.name !== owner.name) {
        problems.add(`${owner.file}: config.routes: ${asDeclared(pattern)} takes the same requests as ${asDeclared(other.pattern)} of ${other.owner.file}; change one of them`)
      }
      if (other) continue
      claims.set(claim, { owner, pattern })
      const target = { kind: 'function', name: owner.name, route: pattern.route } as const
      entries.push({ ...pattern, implied: false, target })
      if (pattern.method === 'GET') entries.push({ ...pattern, method: 'HEAD', implied: true, target })
    }
  }
  if (problems.size > 0) throw new PressroomError('bad_config', [...problems].join('\n'))
  return entries
}

/** The route as its author wrote it. */
function asDeclared({ method, route }: RoutePattern): string {
  return `"${method === null ? route : `${method} ${route}`}"`
}

function readRoute(route: string, file: string, problems: Set<string>): RoutePattern[] {
  try {
    return parseRoute(route, file)
  } catch (error) {
    problems.add(error instanceof Error ? error.message : String(error))
    return []
  }
}

function compareEntries(a: Entry, b: Entry): number {
  return compareSpecificity(a, b) || methodRank(a) - methodRank(b)
}

function methodRank(entry: Entry): number {
  if (entry.method === null) return 2
  return entry.implied ? 1 : 0
}
