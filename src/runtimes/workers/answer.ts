import { bodiless, HOP_BY_HOP, serverTiming, type Stamp } from '../../egress/respond.ts'

/** Bodies up to here are put together, so that their answer can tell the whole bill; the same figure as on Node. */
const WHOLE_BODY = 64 * 1024

/** A function's answer, ready to be sent once its invocation is stamped on it. */
export interface Answer {
  /** As the function made it, with the body that is to be sent. */
  response: Response
  /** The body is all there. */
  whole: boolean
  /** Resolves when the body is fully produced; rejects when it broke off or the client left. */
  done: Promise<void>
  /** Breaks off the body. */
  cut(reason: unknown): void
}

/**
 * Takes what `fetch` answered: a small body is put together, any other goes on as a stream.
 * @throws TypeError for what cannot be sent
 */
export async function takeAnswer(value: unknown, method: string): Promise<Answer> {
  if (!(value instanceof Response)) throw new TypeError(`fetch answered ${value === null ? 'null' : typeof value}, not a Response; did you forget to return one?`)
  if (value.type === 'error') throw new TypeError('fetch answered Response.error(), which has no status')
  if (value.bodyUsed || value.body?.locked) throw new TypeError('fetch answered a Response whose body was used already')
  if (value.webSocket || value.body === null) return whole(value, null)
  if (bodiless(value.status, method)) {
    await value.body.cancel()
    return whole(value, null)
  }
  const reader = value.body.getReader()
  const parts: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const next = reader.read()
    // What is not there within the turn is a stream: its caller must not wait for the rest.
    const read = await Promise.race([next, scheduler.wait(0)])
    if (read?.done) return whole(value, join(parts, bytes))
    const part = read && asBytes(read.value)
    if (part === undefined || bytes + part.length > WHOLE_BODY) return streamed(value, parts, next, reader)
    parts.push(part)
    bytes += part.length
  }
}

/** Puts the invocation, and as much of its bill as is known, on an answer. `body` replaces that of the function. */
export function stampAnswer({ response }: Answer, stamp: Stamp): Response {
  for (const name of HOP_BY_HOP) {
    // A WebSocket's own handshake needs it.
    if (response.webSocket === null || name !== 'upgrade') response.headers.delete(name)
  }
  response.headers.set('pressroom-invocation', stamp.invocation)
  const timing = serverTiming(stamp)
  if (timing !== undefined) response.headers.append('server-timing', timing)
  return response
}

// `new Response(body, response)` keeps what no header says: how the body is encoded, and a WebSocket.
function whole(original: Response, body: Uint8Array | null): Answer {
  return { response: new Response(body, original), whole: true, done: Promise.resolve(), cut() {} }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

function streamed(original: Response, parts: Uint8Array[], next: ReturnType<Reader['read']>, reader: Reader): Answer {
  const declared = Number(original.headers.get('content-length') ?? Number.NaN)
  const { readable, writable } = Number.isSafeInteger(declared) ? new FixedLengthStream(declared) : new IdentityTransformStream()
  const writer = writable.getWriter()
  const pump = async (): Promise<void> => {
    for (const part of parts) await writer.write(part)
    for (let read = await next; !read.done; read = await reader.read()) await writer.write(asBytes(read.value))
    await writer.close()
  }
  const done = pump().catch((error: unknown) => {
    // One of the two has failed; the other is told.
    void reader.cancel(error).catch(() => {})
    void writer.abort(error).catch(() => {})
    throw error
  })
  return {
    response: new Response(readable, original),
    whole: false,
    done,
    cut(reason) {
      void writer.abort(reason).catch(() => {})
      void reader.cancel(reason).catch(() => {})
    },
  }
}

/** @throws TypeError for what a body cannot hold */
function asBytes(part: unknown): Uint8Array {
  if (part instanceof Uint8Array) return part
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
  if (part instanceof ArrayBuffer) return new Uint8Array(part)
  throw new TypeError(`the body of a Response is made of bytes, found ${typeof part}; encode it with TextEncoder`)
}

function join(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const all = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
