import { createHash, type Hash } from 'node:crypto'

type Algorithm = string | { name: string }
type Data = ArrayBuffer | ArrayBufferView

const names: Record<string, string> = { 'MD5': 'md5', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }

/** Takes bytes, and tells their digest when it is closed: `crypto.DigestStream` of Workers. */
export class DigestStream extends WritableStream<Data | string> {
  /** Rejects when the stream is aborted. */
  readonly digest: Promise<ArrayBuffer>
  readonly #written: () => bigint

  /** @throws DOMException `NotSupportedError` for a digest that Workers does not know */
  constructor(algorithm: Algorithm) {
    const hash = hashOf(algorithm)
    const { promise, resolve, reject } = Promise.withResolvers<ArrayBuffer>()
    // Nobody may be waiting for it.
    promise.catch(() => {})
    let written = 0n
    super({
      write(chunk) {
        const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : viewOf(chunk)
        written += BigInt(bytes.length)
        hash.update(bytes)
      },
      close: () => resolve(Uint8Array.from(hash.digest()).buffer),
      abort: (reason) => reject(reason),
    })
    this.digest = promise
    this.#written = () => written
  }

  get bytesWritten(): bigint {
    return this.#written()
  }
}

/** `crypto.subtle.digest` that also knows MD5, as on Workers. */
export function withMd5(digest: SubtleCrypto['digest']): (algorithm: Algorithm, data: Data) => Promise<ArrayBuffer> {
  return async (algorithm, data) => {
    if (nameOf(algorithm) !== 'MD5') return digest(algorithm, data as Parameters<SubtleCrypto['digest']>[1])
    return Uint8Array.from(createHash('md5').update(viewOf(data)).digest()).buffer
  }
}

function hashOf(algorithm: Algorithm): Hash {
  const name = names[nameOf(algorithm)]
  if (name === undefined) throw new DOMException(`expected one of ${Object.keys(names).join(', ')}, found ${nameOf(algorithm)}`, 'NotSupportedError')
  return createHash(name)
}

function nameOf(algorithm: Algorithm): string {
  return String(typeof algorithm === 'string' ? algorithm : algorithm?.name).toUpperCase()
}

function viewOf(data: Data): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
