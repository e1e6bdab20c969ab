import type { Checksums, StoredObject } from '../../../../ports/buckets.ts'
import { writeHttpMetadata } from './values.ts'

/** An object without its content, in R2's shape. */
export class R2Object {
  readonly #stored: StoredObject
  readonly key: string
  readonly version: string
  readonly size: number
  readonly etag: string
  readonly httpEtag: string
  readonly uploaded: Date
  readonly httpMetadata: Record<string, unknown>
  readonly customMetadata: Record<string, string>
  readonly range: { offset: number; length: number } | undefined
  readonly storageClass = 'Standard'
  readonly ssecKeyMd5: string | undefined = undefined
  readonly checksums: object

  /** @param without fields that were not asked for */
  constructor(stored: StoredObject, { range, without = [] }: { range?: { offset: number; length: number }; without?: readonly ('httpMetadata' | 'customMetadata')[] } = {}) {
    this.#stored = stored
    const { key, version, size, etag, uploaded, httpMetadata, customMetadata, checksums } = stored
    this.key = key
    this.version = version
    this.size = size
    this.etag = etag
    this.httpEtag = `"${etag}"`
    this.uploaded = new Date(uploaded)
    const { cacheExpiry, ...headers } = httpMetadata
    this.httpMetadata = without.includes('httpMetadata') ? {} : { ...headers, ...(cacheExpiry === undefined ? {} : { cacheExpiry: new Date(cacheExpiry) }) }
    this.customMetadata = without.includes('customMetadata') ? {} : { ...customMetadata }
    this.range = range
    this.checksums = new R2Checksums(checksums)
  }

  writeHttpMetadata(headers: Headers): void {
    writeHttpMetadata(this.#stored.httpMetadata, headers)
  }
}

/** Checksums as bytes, in R2's shape. */
class R2Checksums {
  readonly #hex: Checksums
  declare readonly md5?: ArrayBuffer
  constructor(hex: Checksums) {
    this.#hex = hex
    for (const [name, value] of Object.entries(hex)) Object.defineProperty(this, name, { value: Uint8Array.from(Buffer.from(value, 'hex')).buffer, enumerable: true })
  }
  toJSON(): Checksums {
    return { ...this.#hex }
  }
}

/** An object with its content, which is read once. */
export class R2ObjectBody extends R2Object {
  readonly #content: Response
  constructor(stored: StoredObject, range: { offset: number; length: number }, content: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>) {
    super(stored, { range })
    this.#content = new Response(content)
  }
  get body(): ReadableStream<Uint8Array> {
    return this.#content.body!
  }
  get bodyUsed(): boolean {
    return this.#content.bodyUsed
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#content.arrayBuffer()
  }
  bytes(): Promise<Uint8Array> {
    return this.#content.bytes()
  }
  text(): Promise<string> {
    return this.#content.text()
  }
  json(): Promise<unknown> {
    return this.#content.json()
  }
  async blob(): Promise<Blob> {
    const { contentType } = this.httpMetadata as { contentType?: string }
    return new Blob([await this.#content.arrayBuffer()], contentType === undefined ? {} : { type: contentType })
  }
}
