import { checksumNames, type Checksums, type Conditions, type HttpMetadata } from '../../../../ports/buckets.ts'

/** R2's limits. */
export const r2Limits = { keyBytes: 1024, metadataBytes: 8192, listed: 1000, deleted: 1000, parts: 10_000 } as const

/** Bytes that travel in one call, and that are read ahead of a reader. */
export const PART_BYTES = 256 * 1024

const HEADERS = {
  contentType: 'content-type', contentLanguage: 'content-language', contentDisposition: 'content-disposition', contentEncoding: 'content-encoding', cacheControl: 'cache-control',
} as const

/** Checks a key. @throws Error as R2 says it, with its number */
export function checkKey(action: string, key: unknown): string {
  const text = String(key)
  const { length } = new TextEncoder().encode(text)
  if (length > 0 && length <= r2Limits.keyBytes) return text
  throw new Error(`${action}: The specified object name is not valid. (10020)`)
}

/** Reads what is kept as headers: an object of R2's fields, or `Headers`. */
export function readHttpMetadata(given: unknown): HttpMetadata {
  if (given === undefined || given === null) return {}
  const metadata: HttpMetadata = {}
  if (given instanceof Headers) {
    for (const [field, name] of Object.entries(HEADERS)) {
      const value = given.get(name)
      if (value !== null) metadata[field as keyof typeof HEADERS] = value
    }
    const expires = given.get('expires')
    if (expires !== null && !Number.isNaN(Date.parse(expires))) metadata.cacheExpiry = Date.parse(expires)
    return metadata
  }
  const fields = given as Record<string, unknown>
  for (const field of Object.keys(HEADERS) as (keyof typeof HEADERS)[]) if (fields[field] !== undefined && fields[field] !== null) metadata[field] = String(fields[field])
  if (fields['cacheExpiry'] instanceof Date) metadata.cacheExpiry = fields['cacheExpiry'].getTime()
  return metadata
}

/** Writes kept headers. */
export function writeHttpMetadata(metadata: HttpMetadata, headers: Headers): void {
  for (const [field, name] of Object.entries(HEADERS)) {
    const value = metadata[field as keyof typeof HEADERS]
    if (value !== undefined) headers.set(name, value)
  }
  if (metadata.cacheExpiry !== undefined) headers.set('expires', new Date(metadata.cacheExpiry).toUTCString())
}

/** Reads custom metadata. @throws Error when it is larger than R2 takes */
export function readCustomMetadata(action: string, given: unknown): Record<string, string> {
  const metadata = Object.fromEntries(Object.entries((given ?? {}) as Record<string, unknown>).map(([name, value]) => [name, String(value)]))
  const bytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  if (bytes > r2Limits.metadataBytes) throw new Error(`${action}: Your metadata headers exceed the maximum allowed metadata size. (10012)`)
  return metadata
}

/** Reads conditions: R2's, or those of HTTP in `Headers`. */
export function readConditions(given: unknown): Conditions | undefined {
  if (given === undefined || given === null) return undefined
  if (given instanceof Headers) return readHeaderConditions(given)
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter, secondsGranularity } = given as Record<string, unknown>
  return {
    ...(typeof etagMatches === 'string' ? { etagMatches: [unquoted(etagMatches)] } : {}),
    ...(typeof etagDoesNotMatch === 'string' ? { etagDoesNotMatch: [unquoted(etagDoesNotMatch)] } : {}),
    ...(uploadedBefore instanceof Date ? { uploadedBefore: uploadedBefore.getTime() } : {}),
    ...(uploadedAfter instanceof Date ? { uploadedAfter: uploadedAfter.getTime() } : {}),
    ...(secondsGranularity === true ? { secondsGranularity } : {}),
  }
}

/** Reads the conditions of a request (RFC 9110 §13.1). */
export function readHeaderConditions(headers: Headers): Conditions {
  const etags = (name: string) => headers.get(name)?.split(',').map((etag) => bare(etag.trim()))
  const time = (name: string) => {
    const value = Date.parse(headers.get(name) ?? '')
    return Number.isNaN(value) ? undefined : value
  }
  const matches = etags('if-match')
  const differs = etags('if-none-match')
  const before = time('if-unmodified-since')
  const after = time('if-modified-since')
  return {
    ...(matches ? { etagMatches: matches } : {}),
    ...(differs ? { etagDoesNotMatch: differs } : {}),
    // "Not modified since" holds in that very second.
    ...(before === undefined ? {} : { uploadedBefore: before + 1000 }),
    ...(after === undefined ? {} : { uploadedAfter: after }),
    secondsGranularity: true,
  }
}

function bare(etag: string): string {
  return etag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1')
}

function unquoted(etag: string): string {
  if (/^(W\/)?".*"$/.test(etag)) throw new TypeError(`Conditional ETag should not be wrapped in quotes (${etag}).`)
  return etag
}

/** A stretch of an object as it was asked for; where `orWhole`, what cannot be given is the whole of it, as HTTP has it. */
export type Range = ({ offset?: number; length?: number } | { suffix: number }) & { orWhole?: true }

/** Reads a range: R2's, or that of HTTP in `Headers`; one that is malformed there is none. */
export function readRange(given: unknown): Range | undefined {
  if (given === undefined || given === null) return undefined
  if (!(given instanceof Headers)) return checkRange(given as Partial<Record<'offset' | 'length' | 'suffix', number>>)
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(given.get('range') ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') return { suffix: Number(last), orWhole: true }
  return { offset: Number(first), ...(last === '' ? {} : { length: Number(last) - Number(first) + 1 }), orWhole: true }
}

function checkRange({ offset, length, suffix }: Partial<Record<'offset' | 'length' | 'suffix', number>>): Range {
  if (offset !== undefined && !(offset >= 0)) throw new RangeError(`Invalid range. Starting offset (${offset}) must be greater than or equal to 0.`)
  if (length !== undefined && !(length >= 0)) throw new RangeError(`Invalid range. Length (${length}) must be greater than or equal to 0.`)
  if (suffix === undefined) return { ...(offset === undefined ? {} : { offset }), ...(length === undefined ? {} : { length }) }
  if (!(suffix >= 0)) throw new RangeError(`Invalid suffix. Suffix (${suffix}) must be greater than or equal to 0.`)
  if (offset !== undefined) throw new TypeError('Suffix is incompatible with offset.')
  if (length !== undefined) throw new TypeError('Suffix is incompatible with length.')
  return { suffix }
}

/** Where a range lies in an object of this size. @throws Error when there is nothing of it */
export function resolveRange(range: Range | undefined, size: number): { offset: number; length: number } {
  if (range === undefined) return { offset: 0, length: size }
  const whole = { offset: 0, length: size }
  if ('suffix' in range) {
    if (!(range.suffix > 0)) return range.orWhole ? whole : unsatisfiable()
    const length = Math.min(range.suffix, size)
    return { offset: size - length, length }
  }
  const offset = range.offset ?? 0
  const length = Math.min(range.length ?? Infinity, size - offset)
  if (!(offset >= 0) || offset > size || (size > 0 && offset === size) || !(length >= 0) || (range.length !== undefined && range.length <= 0)) return range.orWhole ? whole : unsatisfiable()
  return { offset, length }
}

function unsatisfiable(): never {
  throw new Error('get: The requested range is not satisfiable (10039)')
}

/** Reads the checksum that a put demands: bytes or hexadecimal, one at most. */
export function readChecksums(given: Record<string, unknown>): Checksums {
  const named = checksumNames.filter((name) => given[name] !== undefined && given[name] !== null)
  if (named.length > 1) throw new TypeError('You cannot specify multiple hashing algorithms.')
  return Object.fromEntries(named.map((name) => [name, hexOf(name, given[name])]))
}

/** Names of checksums in words. */
export const checksumWords = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const

const LENGTHS = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const

function hexOf(name: keyof Checksums, value: unknown): string {
  const hex = typeof value === 'string' ? value.toLowerCase() : Buffer.from(value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array((value as ArrayBufferView).buffer, (value as ArrayBufferView).byteOffset, (value as ArrayBufferView).byteLength)).toString('hex')
  if (!/^[0-9a-f]*$/.test(hex) || hex.length !== LENGTHS[name] * 2) {
    throw new TypeError(typeof value === 'string' ? `${checksumWords[name]} is ${LENGTHS[name] * 2} hex characters, not ${hex.length}` : `${checksumWords[name]} is ${LENGTHS[name]} bytes, not ${hex.length / 2}`)
  }
  return hex
}
