import { Kind, type FrameWriter } from '../wire/messages.ts'

/** The body of a request as it comes in over the wire. */
export interface Upload {
  readonly stream: ReadableStream<Uint8Array>
  push(bytes: Uint8Array): void
  end(): void
  /** The caller has gone: whoever reads gets the error. */
  fail(error: unknown): void
}

/** Makes the stream of one request body; what the function reads is granted anew to the host. */
export function createUpload(slot: number, wire: FrameWriter): Upload {
  let controller!: ReadableStreamDefaultController<Uint8Array>
  const waiting: Uint8Array[] = []
  let ended = false
  let closed = false
  const pump = () => {
    const next = waiting.shift()
    if (next) {
      wire.send(Kind.granted, 0, slot, String(next.length))
      controller.enqueue(next)
    } else if (ended && !closed) {
      closed = true
      controller.close()
    }
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (c) => void (controller = c),
      pull: pump,
      cancel() {
        closed = true
        waiting.length = 0
      },
    },
    { highWaterMark: 0 },
  )
  return {
    stream,
    push(bytes) {
      if (closed) return wire.send(Kind.granted, 0, slot, String(bytes.length))
      // Copied: the frame's memory is only ours during the call.
      waiting.push(Uint8Array.from(bytes))
      if ((controller.desiredSize ?? 0) > 0 || waiting.length === 1) wakeReader()
    },
    end() {
      ended = true
      if (waiting.length === 0 && !closed) {
        closed = true
        controller.close()
      }
    },
    fail(error) {
      if (closed) return
      closed = true
      waiting.length = 0
      controller.error(error)
    },
  }

  /** With a high-water mark of 0 a pending read has already pulled and found nothing: serve it now. */
  function wakeReader() {
    if (stream.locked && !closed) pump()
  }
}
