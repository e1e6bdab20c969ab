import type { ListQuery, Listing, PartTag, StoredObject } from '../../../../ports/buckets.ts'
import type { CallAnswer } from '../host-calls.ts'
import { R2Object, R2ObjectBody } from './object.ts'
import { checkKey, PART_BYTES, r2Limits, readChecksums, readConditions, readCustomMetadata, readHttpMetadata, readRange } from './values.ts'

type Call = (operation: string, args: unknown, body?: Uint8Array) => Promise<CallAnswer>

/** Methods whose operation has another name. */
const METHODS: Record<string, string> = { part: 'uploadPart', completeUpload: 'completeMultipartUpload', createUpload: 'createMultipartUpload', abortUpload: 'abortMultipartUpload' }

/** What the host answers to `get`. */
export type GetAnswer =
  | null
  | { object: StoredObject; failed: true }
  /** `handle`: more is to be read than came along. */
  | { object: StoredObject; range: { offset: number; length: number }; handle?: string }

/** A bucket of objects with R2's methods. Content travels in parts, as fast as whoever reads or writes it. */
export class Bucket {
  readonly #call: Call
  constructor(call: Call) {
    this.#call = async (operation, args, body) => {
      try {
        return await call(operation, args, body)
      } catch (error) {
        // The host's own name for it says nothing to a function.
        throw (error as Error).name === 'PressroomError' ? new Error(`${METHODS[operation] ?? operation}: ${(error as Error).message}`) : error
      }
    }
  }
  get [Symbol.toStringTag](): string {
    return 'R2Bucket'
  }

  async head(key: string): Promise<R2Object | null> {
    const { value } = await this.#call('head', { key: checkKey('head', key) })
    return value === null ? null : wholeOf(value as StoredObject)
  }

  async get(key: string, options: { onlyIf?: unknown; range?: unknown } = {}): Promise<R2ObjectBody | R2Object | null> {
    const args = { key: checkKey('get', key), onlyIf: readConditions(options.onlyIf), range: readRange(options.range) }
    const { value, body } = await this.#call('get', args)
    const answer = value as GetAnswer
    if (answer === null) return null
    if ('failed' in answer) return wholeOf(answer.object)
    const { object, range, handle } = answer
    return new R2ObjectBody(object, range, handle === undefined ? body : this.#stream(handle, body))
  }

  #stream(handle: string, first: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
    let next: Uint8Array<ArrayBuffer> | undefined = first
    return new ReadableStream({
      type: 'bytes',
      pull: async (controller) => {
        const part = next ?? (await this.#call('read', { handle })).body
        next = undefined
        if (part.length === 0) {
          controller.close()
          ;(controller as ReadableByteStreamController).byobRequest?.respond(0)
        } else controller.enqueue(part)
      },
      cancel: async () => void (await this.#call('close', { handle }).catch(() => {})),
    }, { highWaterMark: 0 })
  }

  async put(key: string, value: unknown, options: Record<string, unknown> = {}): Promise<R2Object | null> {
    const args = {
      key: checkKey('put', key),
      httpMetadata: readHttpMetadata(options['httpMetadata']),
      customMetadata: readCustomMetadata('put', options['customMetadata']),
      checksums: readChecksums(options),
      onlyIf: readConditions(options['onlyIf']),
    }
    const { value: stored } = await this.#send('put', args, value)
    return stored === null ? null : new R2Object(stored as StoredObject)
  }

  /** Sends content as one call where it is small, else as many and one that ends it. */
  async #send(operation: 'put' | 'part', args: { checksums?: object }, content: unknown): Promise<CallAnswer> {
    const whole = await toBytes(content)
    if (whole && whole.length <= PART_BYTES) return this.#call(operation, args, whole)
    const { value: handle } = await this.#call('begin', { checksums: Object.keys(args.checksums ?? {}) })
    try {
      for await (const part of whole ? [whole] : (content as ReadableStream<Uint8Array>)) {
        if (!(part instanceof Uint8Array)) throw new TypeError(`${operation}: the stream holds ${typeof part}, not bytes`)
        for (let at = 0; at < part.length; at += PART_BYTES) await this.#call('write', { handle }, part.subarray(at, at + PART_BYTES))
      }
      return await this.#call(operation, { ...args, handle })
    } catch (error) {
      await this.#call('abort', { handle }).catch(() => {})
      throw error
    }
  }

  async delete(keys: string | string[]): Promise<void> {
    const all = (Array.isArray(keys) ? keys : [keys]).map((key) => checkKey('delete', key))
    if (all.length > r2Limits.deleted) throw new Error(`delete: expected at most ${r2Limits.deleted} keys, found ${all.length} (10058)`)
    await this.#call('delete', { keys: all })
  }

  async list(options: { limit?: number; prefix?: string; cursor?: string; delimiter?: string; startAfter?: string; include?: string[] } = {}) {
    const { limit = r2Limits.listed, prefix = '', cursor, delimiter, startAfter, include = [] } = options
    if (!Number.isInteger(limit) || limit < 1 || limit > r2Limits.listed) throw new Error(`list: MaxKeys params must be positive integer <= ${r2Limits.listed}. (10022)`)
    const after = cursor === undefined ? startAfter : readCursor(cursor)
    const query: ListQuery = { prefix, delimiter: delimiter === '' ? undefined : delimiter, after, limit }
    const { objects, delimitedPrefixes, next } = (await this.#call('list', query)).value as Listing
    const without = (['httpMetadata', 'customMetadata'] as const).filter((field) => !include.includes(field))
    const page = { objects: objects.map((object) => new R2Object(object, { without })), delimitedPrefixes }
    return next === undefined ? { ...page, truncated: false as const } : { ...page, truncated: true as const, cursor: Buffer.from(next).toString('base64url') }
  }

  async createMultipartUpload(key: string, options: { httpMetadata?: unknown; customMetadata?: unknown } = {}): Promise<MultipartUpload> {
    const args = {
      key: checkKey('createMultipartUpload', key),
      httpMetadata: readHttpMetadata(options.httpMetadata),
      customMetadata: readCustomMetadata('createMultipartUpload', options.customMetadata),
    }
    const { value } = await this.#call('createUpload', args)
    return this.resumeMultipartUpload(key, value as string)
  }

  resumeMultipartUpload(key: string, uploadId: string): MultipartUpload {
    return new MultipartUpload(key, uploadId, this.#call, (args, content) => this.#send('part', args, content))
  }
}

/** An object on its way in parts, with R2's methods. */
export class MultipartUpload {
  readonly key: string
  readonly uploadId: string
  readonly #call: Call
  readonly #send: (args: object, content: unknown) => Promise<CallAnswer>
  constructor(key: string, uploadId: string, call: Call, send: (args: object, content: unknown) => Promise<CallAnswer>) {
    this.key = key
    this.uploadId = uploadId
    this.#call = call
    this.#send = send
  }
  async uploadPart(partNumber: number, value: unknown): Promise<PartTag> {
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > r2Limits.parts) throw new TypeError(`Part number must be between 1 and ${r2Limits.parts} (inclusive). Actual value was: ${partNumber}`)
    return (await this.#send({ key: this.key, upload: this.uploadId, partNumber }, value)).value as PartTag
  }
  async abort(): Promise<void> {
    await this.#call('abortUpload', { key: this.key, upload: this.uploadId })
  }
  async complete(parts: readonly PartTag[]): Promise<R2Object> {
    const tags = parts.map(({ partNumber, etag }) => ({ partNumber, etag }))
    return new R2Object((await this.#call('completeUpload', { key: this.key, upload: this.uploadId, parts: tags })).value as StoredObject)
  }
}

function wholeOf(object: StoredObject): R2Object {
  return new R2Object(object, { range: { offset: 0, length: object.size } })
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (text === '' || Buffer.from(text).toString('base64url') !== cursor) throw new Error('list: the cursor is not one of a listing (10002)')
  return text
}

/** Undefined for a stream. */
async function toBytes(value: unknown): Promise<Uint8Array | undefined> {
  if (value === null || value === undefined) return new Uint8Array()
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof Blob) return value.bytes()
  if (value instanceof ReadableStream) return undefined
  throw new TypeError("Failed to execute 'put' on 'R2Bucket': parameter 2 is not of type 'JsReadableStream or ArrayBuffer or ArrayBufferView or string or Blob'.")
}
