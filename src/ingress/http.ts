import type { ErrorCode } from '../contract/errors.ts'
import type { FlatHeaders } from '../contract/invocation.ts'

/** Longest chain of functions that call their own host: Workers' limit. */
const MOST_HOPS = 16
const MOST_URL = 16 * 1024

/** A request as the runtime's server saw it, before anything is believed. */
export interface Arrival {
  method: string
  /** The request target as it stood on the request line. */
  target: string
  /** Name, value, name, value … as received. */
  headers: FlatHeaders
  /** Of the connection: `http` or `https`. */
  scheme: string
  httpVersion: string
}

/** What to believe and how much to take. */
export interface IngressRules {
  maxBodyBytes: number
  /** Believe `x-forwarded-proto`. */
  trustProxy: boolean
}

/** A request that may be routed. */
export interface Admitted {
  url: string
  /** For routing: without query, percent-encoding as received. */
  path: string
  /** Without hop-by-hop headers. */
  headers: FlatHeaders
  /** Declared length of the body; -1 = chunked; 0 = none. */
  bodyBytes: number
  /** `pressroom-alias` and `pressroom-admin-token`: for the host, not for the function. */
  alias?: string
  token?: string
  /** `pressroom-key`: who calls, for an alias with two revisions. */
  key?: string
}

/** Why a request is not routed. */
export interface Refused {
  code: ErrorCode
  detail: string
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'http2-settings'])
const FORBIDDEN_METHODS = new Set(['TRACE', 'TRACK', 'CONNECT'])

/** What the URL parser would write differently: a function must see the path it was chosen by. */
const NOT_PLAIN = /[^!$%&()*+,./0-9:;=?@A-Z_a-z~[\]|-]|\/(?:\.|%2[eE])/

/** The latest host header and how the URL parser writes it: nearly always the same from one request to the next. */
let known = { scheme: '', host: '', name: '' }

/**
 * Turns an arrival into a request, or says why not: 400 for what a careful edge must not guess about (two hosts or none,
 * an absolute target, a transfer coding beside chunked), 405 for a method fetch cannot carry, 413 for a declared body over
 * the limit, 508 at the 16th hop. Dot segments and backslashes are resolved as the URL parser does it.
 */
export function admit(arrival: Arrival, rules: IngressRules): Admitted | Refused {
  const { method, target, headers: raw } = arrival
  if (target.charCodeAt(0) !== 47 && !(method === 'OPTIONS' && target === '*')) return bad('the request target must begin with /')
  if (target.length > MOST_URL) return { code: 'headers_too_large', detail: `the URL is longer than ${MOST_URL} characters` }
  if (FORBIDDEN_METHODS.has(method)) return { code: 'method_not_allowed', detail: `${method} cannot be carried by a Request` }
  if (arrival.httpVersion !== '1.1' && arrival.httpVersion !== '1.0') return bad(`HTTP/${arrival.httpVersion} is not spoken here`)
  const headers: FlatHeaders = []
  let host: string | undefined
  let scheme = arrival.scheme
  let bodyBytes = 0
  let named: string[] | undefined
  let asked: Pick<Admitted, 'alias' | 'token' | 'key'> | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    const value = raw[i + 1]!
    if (HOP_BY_HOP.has(name)) {
      if (name === 'transfer-encoding') {
        if (arrival.httpVersion === '1.0') return bad('transfer-encoding does not exist in HTTP/1.0')
        if (bodyBytes === -1 || value.toLowerCase() !== 'chunked') return bad('the only transfer-encoding is chunked, once')
        bodyBytes = -1
      } else if (name === 'connection' && value.length > 10) named = value.toLowerCase().split(',').map((part) => part.trim())
      continue
    }
    if (name === 'host') {
      if (host !== undefined) return bad('there is more than one host header')
      host = value
    } else if (name === 'content-length') {
      if (bodyBytes === 0) bodyBytes = Number(value)
    } else if (name.startsWith('pressroom-')) {
      if (name === 'pressroom-alias' || name === 'pressroom-admin-token') {
        asked ??= {}
        if (name === 'pressroom-alias') asked.alias = value
        else asked.token = value
        continue
      }
      if (name === 'pressroom-key') (asked ??= {}).key = value
      else if (name === 'pressroom-hops' && Number(value) >= MOST_HOPS) return { code: 'loop_detected', detail: `${MOST_HOPS} hops of functions calling this host` }
    } else if (rules.trustProxy && name === 'x-forwarded-proto') scheme = value.split(',', 1)[0]!.trim() === 'https' ? 'https' : 'http'
    headers.push(name, value)
  }
  if (named) dropNamed(headers, named)
  if (host === undefined) {
    if (arrival.httpVersion !== '1.0') return bad('there is no host header')
    host = 'localhost'
  }
  if ((host !== known.host || scheme !== known.scheme) && !readHost(scheme, host)) return bad('the host header is malformed')
  if (bodyBytes > rules.maxBodyBytes) return { code: 'body_too_large', detail: `${bodyBytes} bytes declared, ${rules.maxBodyBytes} accepted; raise --max-body` }
  const url = `${scheme}://${known.name}${target}`
  if (NOT_PLAIN.test(target)) {
    if (target.includes('#')) return bad('the request target has a fragment')
    const { href, pathname } = new URL(url)
    return { url: href, path: pathname, headers, bodyBytes, ...asked }
  }
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  return asked === undefined ? { url, path, headers, bodyBytes } : { url, path, headers, bodyBytes, ...asked }
}

/** Remembers the host as `known`; false when no URL can have it. */
function readHost(scheme: string, host: string): boolean {
  if (!/^[A-Za-z0-9._:[\]-]+$/.test(host) || !URL.canParse(`${scheme}://${host}/`)) return false
  known = { scheme, host, name: new URL(`${scheme}://${host}/`).host }
  return true
}

/** Headers that `connection` names belong to the connection too. */
function dropNamed(headers: FlatHeaders, names: string[]) {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (names.includes(headers[i]!) && headers[i] !== 'host') headers.splice(i, 2)
  }
}

function bad(detail: string): Refused {
  return { code: 'bad_request', detail }
}
