import { checkBulk, checkCacheTtl, checkKey, checkList, checkMetadata, expiryOf, notOfType, refused, tooLong, VALUE_BYTES } from './rules.ts'
import type { KvStore } from './store.ts'
import { readHead, textWhenPossible } from './value.ts'
import type { KvEntry } from './value.ts'
import type { JsonValue } from '../spec.ts'

type ReadOptions = string | { type?: string; cacheTtl?: number } | null | undefined
interface WriteOptions { expiration?: unknown; expirationTtl?: unknown; metadata?: unknown }
interface ListOptions { prefix?: unknown; limit?: unknown; cursor?: unknown }
interface ListedKey { name: string; expiration?: number; metadata?: JsonValue }

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
const encoder = new TextEncoder()

/** A KV namespace with Cloudflare's methods, conversions and messages, kept by Keyv. Reads see the last write at once. */
export class KvNamespace {
  readonly #open: () => Promise<KvStore>
  #store: Promise<KvStore> | undefined

  /** @param open makes the store, at the first use of the namespace */
  constructor(open: () => Promise<KvStore>) {
    this.#open = open
  }

  #kept(): Promise<KvStore> {
    return (this.#store ??= this.#open())
  }

  get [Symbol.toStringTag](): string {
    return 'KvNamespace'
  }

  /** Reads one value (null when absent), or up to 100 as a Map. */
  async get(...given: [key?: unknown, options?: ReadOptions]): Promise<unknown> {
    if (given.length === 0) throw notOfType('get', 1, 'string or Array')
    const [key, options] = given
    if (Array.isArray(key)) return this.#bulk(key, options, ({ value }) => value)
    return (await this.#read(key, options)).value
  }

  /** Reads one value with its metadata, or up to 100 as a Map. */
  async getWithMetadata(...given: [key?: unknown, options?: ReadOptions]): Promise<unknown> {
    if (given.length === 0) throw notOfType('getWithMetadata', 1, 'string or Array')
    const [key, options] = given
    if (Array.isArray(key)) return this.#bulk(key, options, (found) => found)
    return { ...(await this.#read(key, options)), cacheStatus: null }
  }

  async #read(key: unknown, options: ReadOptions): Promise<{ value: unknown; metadata: JsonValue }> {
    const { type, cacheTtl } = readOptions(options)
    const name = checkKey('GET', key)
    checkCacheTtl('GET', cacheTtl)
    const entry = (await (await this.#kept()).keyv.getRaw<KvEntry>(name)) as { value?: KvEntry } | undefined
    if (entry?.value === undefined) return { value: null, metadata: null }
    return { value: convert(entry.value.value, type), metadata: entry.value.metadata ?? null }
  }

  async #bulk<T>(keys: unknown[], options: ReadOptions, pick: (found: { value: unknown; metadata: JsonValue }) => T): Promise<Map<string, T | null>> {
    const { type, cacheTtl } = readOptions(options)
    const names = checkBulk(keys, type)
    checkCacheTtl('GET_BULK', cacheTtl)
    const entries = await (await this.#kept()).keyv.getMany<KvEntry>(names)
    const found = new Map<string, T | null>()
    let size = 0
    for (const [i, name] of names.entries()) {
      const entry = entries[i]
      if (entry === undefined) {
        found.set(name, null)
        continue
      }
      const text = asText(entry.value)
      size += text.length
      const value = type === 'json' ? parseOfMany(text) : text
      found.set(name, value === null ? null : pick({ value, metadata: entry.metadata ?? null }))
    }
    if (size > VALUE_BYTES) throw refused('GET_BULK', 413, `Total size of request exceeds the limit of ${VALUE_BYTES / 1024 / 1024}MB`)
    return found
  }

  /** Writes a value of at most 25 MiB: text, bytes or a stream, which is read to its end first. */
  async put(...given: [key?: unknown, value?: unknown, options?: WriteOptions | null]): Promise<void> {
    if (given.length < 2) throw given.length === 0 ? notOfType('put', 1, 'string') : notOfType('put', 2, 'string or Object')
    const [key, value, options] = given
    const name = checkKey('PUT', key)
    const metadata = checkMetadata(options?.metadata)
    const expires = expiryOf(options ?? {}, Date.now())
    const entry: KvEntry = { value: await storable(value) }
    if (metadata !== undefined) entry.metadata = metadata
    const kept = await (await this.#kept()).keyv.setRaw(name, expires === undefined ? { value: entry } : { value: entry, expires })
    if (!kept) throw refused('PUT', 500, 'the store did not keep the value')
  }

  /** Removes a key; an absent one is no error. */
  async delete(...given: [key?: unknown]): Promise<void> {
    if (given.length === 0) throw notOfType('delete', 1, 'string')
    const [key] = given
    const name = checkKey('DELETE', key)
    await (await this.#kept()).keyv.delete(name)
  }

  /** Lists keys in the order of their UTF-8 bytes, at most 1000 at a time. */
  async list(options?: ListOptions | null): Promise<object> {
    const { prefix, limit, cursor } = checkList(options ?? {})
    const after = cursor === '' ? undefined : Buffer.from(cursor, 'base64').toString()
    const listed = await (await this.#kept()).list(prefix, after, limit + 1)
    const keys = listed.slice(0, limit).map((entry): ListedKey => {
      const { metadata } = readHead(entry.head)
      const key: ListedKey = { name: entry.key }
      if (entry.expires !== undefined) key.expiration = Math.floor(entry.expires / 1000)
      if (metadata !== undefined) key.metadata = metadata
      return key
    })
    if (listed.length <= limit) return { keys, list_complete: true, cacheStatus: null }
    return { keys, list_complete: false, cursor: Buffer.from(keys.at(-1)?.name ?? '').toString('base64'), cacheStatus: null }
  }
}

function readOptions(options: ReadOptions): { type: string; cacheTtl: unknown } {
  if (typeof options === 'string') return { type: options, cacheTtl: undefined }
  return { type: options?.type ?? 'text', cacheTtl: options?.cacheTtl }
}

function asText(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : decoder.decode(value)
}

function parseOfMany(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refused('GET_BULK', 400, 'At least one of the requested keys corresponds to a non-json value')
  }
}

function convert(value: string | Uint8Array, type: string): unknown {
  if (type === 'text') return asText(value)
  if (type === 'json') return JSON.parse(asText(value))
  const bytes = typeof value === 'string' ? encoder.encode(value) : value
  if (type === 'arrayBuffer') return bytes.slice().buffer
  if (type === 'stream') return new Blob([bytes.slice()]).stream()
  throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".')
}

async function storable(value: unknown): Promise<string | Uint8Array> {
  if (typeof value !== 'object' || value === null) {
    // Half a character is three bytes, none of which is UTF-8.
    const text = String(value).replace(/\p{Surrogate}/gu, '\ufffd'.repeat(3))
    const bytes = Buffer.byteLength(text)
    if (bytes > VALUE_BYTES) throw tooLong(bytes)
    return text
  }
  const bytes = value instanceof ReadableStream ? await readWhole(value) : bytesOf(value)
  if (bytes === undefined) {
    throw new TypeError('KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.')
  }
  if (bytes.byteLength > VALUE_BYTES) throw tooLong(bytes.byteLength)
  return textWhenPossible(bytes)
}

function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined
}

async function readWhole(stream: ReadableStream<unknown>): Promise<Uint8Array> {
  if (stream.locked) throw new TypeError('The ReadableStream has been locked to a reader.')
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : typeof chunk === 'object' && chunk !== null ? bytesOf(chunk) : undefined
    if (bytes === undefined) throw new TypeError(`KV put() read a ${typeof chunk} from the stream, expected bytes or strings.`)
    length += bytes.byteLength
    if (length > VALUE_BYTES) throw tooLong(length)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks, length)
}
