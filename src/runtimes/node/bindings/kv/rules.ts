import type { JsonValue } from '../spec.ts'

const KEY_BYTES = 512
const METADATA_BYTES = 1024
const SHORTEST_TTL_S = 60
const SHORTEST_CACHE_TTL_S = 30
const LONGEST_LIST = 1000
const BULK_KEYS = 100

/** Largest value, and largest sum of values of one bulk read, in bytes. */
export const VALUE_BYTES = 25 * 1024 * 1024

/** The error of an operation that Cloudflare's KV refuses at the far end. */
export function refused(operation: 'GET' | 'GET_BULK' | 'PUT' | 'DELETE', status: number, message: string): Error {
  return new Error(`KV ${operation} failed: ${status} ${message}`)
}

/**
 * Converts a key as the platform does (`5` is "5") and checks it.
 * @throws TypeError for an empty key, "." and ".."; Error for one over 512 bytes
 */
export function checkKey(operation: 'GET' | 'PUT' | 'DELETE', key: unknown): string {
  const name = asString(key)
  if (name === '') throw new TypeError('Key name cannot be empty.')
  if (name === '.' || name === '..') throw new TypeError(`"${name}" is not allowed as a key name.`)
  checkLength(operation, name)
  return name
}

/** The error of an argument of the wrong type. */
export function notOfType(method: string, parameter: number, expected: string): TypeError {
  return new TypeError(`Failed to execute '${method}' on 'KvNamespace': parameter ${parameter} is not of type '${expected}'.`)
}

function checkLength(operation: 'GET' | 'GET_BULK' | 'PUT' | 'DELETE', name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes > KEY_BYTES) throw refused(operation, 414, `UTF-8 encoded length of ${bytes} exceeds key length limit of ${KEY_BYTES}.`)
}

/**
 * Checks what is asked of a bulk read.
 * @returns the keys, each once
 * @throws Error for no key, more than 100, a bad key, or a type other than text and json
 */
export function checkBulk(keys: unknown[], type: string): string[] {
  if (type !== 'text' && type !== 'json') throw refused('GET_BULK', 400, `"${type}" is not a valid type. Use "json" or "text"`)
  if (keys.length > BULK_KEYS) throw refused('GET_BULK', 400, `You can request a maximum of ${BULK_KEYS} keys`)
  if (keys.length < 1) throw refused('GET_BULK', 400, 'You must request a minimum of 1 key')
  const names = keys.map(asString)
  for (const name of names) {
    if (name === '') throw refused('GET_BULK', 400, 'Key names must not be empty')
    if (name === '.' || name === '..') throw refused('GET_BULK', 400, `Illegal key name "${name}". Please use a different name.`)
    checkLength('GET_BULK', name)
  }
  return [...new Set(names)]
}

/** @throws Error for less than 30 seconds */
export function checkCacheTtl(operation: 'GET' | 'GET_BULK', cacheTtl: unknown): void {
  if (cacheTtl === undefined || cacheTtl === null) return
  const seconds = wholeNumber(cacheTtl)
  if (seconds < SHORTEST_CACHE_TTL_S) {
    throw refused(operation, 400, `Invalid cache_ttl of ${seconds}. Cache TTL must be at least ${SHORTEST_CACHE_TTL_S}.`)
  }
}

/**
 * Finds when an entry expires; `expirationTtl` outweighs `expiration`.
 * @returns milliseconds since 1970, a whole second; undefined for never
 * @throws Error when that is less than 60 seconds away
 */
export function expiryOf(options: { expiration?: unknown; expirationTtl?: unknown }, nowMs: number): number | undefined {
  const now = Math.floor(nowMs / 1000)
  const { expiration, expirationTtl } = options
  if (expirationTtl !== undefined && expirationTtl !== null) {
    const ttl = wholeNumber(expirationTtl)
    if (ttl <= 0) throw refused('PUT', 400, `Invalid expiration_ttl of ${ttl}. Please specify integer greater than 0.`)
    if (ttl < SHORTEST_TTL_S) {
      throw refused('PUT', 400, `Invalid expiration_ttl of ${ttl}. Expiration TTL must be at least ${SHORTEST_TTL_S}.`)
    }
    return (now + ttl) * 1000
  }
  if (expiration === undefined || expiration === null) return undefined
  const at = wholeNumber(expiration)
  if (at <= now) {
    throw refused('PUT', 400,
      `Invalid expiration of ${at}. Please specify integer greater than the current number of seconds since the UNIX epoch.`)
  }
  if (at < now + SHORTEST_TTL_S) {
    throw refused('PUT', 400, `Invalid expiration of ${at}. Expiration times must be at least ${SHORTEST_TTL_S} seconds in the future.`)
  }
  return at * 1000
}

/**
 * Takes a copy of metadata as JSON keeps it; null is none.
 * @throws TypeError when JSON cannot hold it; Error when it is longer than 1024 bytes
 */
export function checkMetadata(metadata: unknown): JsonValue | undefined {
  if (metadata === undefined || metadata === null) return undefined
  const json = JSON.stringify(metadata) as string | undefined
  if (json === undefined) throw new TypeError(`KV put() cannot keep a ${typeof metadata} as metadata; give a JSON value.`)
  const bytes = Buffer.byteLength(json)
  if (bytes > METADATA_BYTES) throw refused('PUT', 413, `Metadata length of ${bytes} exceeds limit of ${METADATA_BYTES}.`)
  return JSON.parse(json) as JsonValue
}

/** The error of a value over 25 MiB. */
export function tooLong(bytes: number): Error {
  return refused('PUT', 413, `Value length of ${bytes} exceeds limit of ${VALUE_BYTES}.`)
}

/**
 * Checks what is asked of a listing; a limit of zero or less means the default, 1000.
 * @throws Error for a limit over 1000 or a prefix over 512 bytes
 */
export function checkList(options: { prefix?: unknown; limit?: unknown; cursor?: unknown }): { prefix: string; limit: number; cursor: string } {
  const asked = wholeNumber(options.limit ?? 0)
  // The message is Cloudflare's, word for word: 1000 itself is allowed.
  if (asked > LONGEST_LIST) throw refused('GET', 400, `Invalid key_count_limit of ${asked}. Please specify an integer less than ${LONGEST_LIST}.`)
  const prefix = asString(options.prefix ?? '')
  checkLength('GET', prefix)
  return { prefix, limit: asked > 0 ? asked : LONGEST_LIST, cursor: asString(options.cursor ?? '') }
}

/** Keys are converted as every web API does it: an object becomes what its `toString` says. */
function asString(value: unknown): string {
  return String(value as string).toWellFormed()
}

function wholeNumber(value: unknown): number {
  const number = Math.trunc(Number(value))
  return Number.isFinite(number) ? number : 0
}
