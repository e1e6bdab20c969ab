type Check = (chunk: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>) => boolean

/** Passes bytes on as they came: what Workers calls by this name. */
export class IdentityTransformStream extends TransformStream<Uint8Array, Uint8Array> {
  /** @param check sees each chunk first; false: it has ended the stream with an error */
  constructor(check?: Check, flush?: (controller: TransformStreamDefaultController<Uint8Array>) => void) {
    super({
      transform(chunk: unknown, controller) {
        const bytes = bytesOf(chunk)
        if (check === undefined || check(bytes, controller)) controller.enqueue(bytes)
      },
      flush: (controller) => flush?.(controller),
    })
  }
}

/** Passes on exactly as many bytes as were announced; with fewer or more it ends with a TypeError. */
export class FixedLengthStream extends IdentityTransformStream {
  /** @throws TypeError for a length that is no whole number of bytes */
  constructor(expectedLength: number | bigint) {
    const expected = Number(expectedLength)
    if (!Number.isSafeInteger(expected) || expected < 0) throw new TypeError(`FixedLengthStream: expected a whole number of bytes, found ${String(expectedLength)}`)
    let seen = 0
    super(
      (chunk, controller) => {
        seen += chunk.length
        if (seen <= expected) return true
        controller.error(new TypeError('Attempt to write too many bytes through a FixedLengthStream.'))
        return false
      },
      (controller) => {
        if (seen < expected) controller.error(new TypeError('FixedLengthStream did not see all expected bytes before close().'))
      },
    )
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw new TypeError(`a stream of bytes was given ${typeof chunk}; encode strings with TextEncoder`)
}
