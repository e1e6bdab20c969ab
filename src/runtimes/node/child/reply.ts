import { plainParts, realResponse } from './response.ts'
import { FRAME, Flag, Kind, WINDOW, type FrameWriter, type ReportHead, type ResponseHeadHead } from '../wire/messages.ts'

/** A failure of the function, told with its own words. */
export interface Failure {
  detail: string
  stack?: string
}

/** Longest that a function's own words about its failure are; what the log keeps of a line is less. */
const LONGEST_DETAIL = 16 * 1024
/** Most characters of all response headers together: Workers' figure. */
const LARGEST_HEADERS = 128 * 1024

/** Turns whatever was thrown into words for the log; never throws itself, whatever was thrown. */
export function toFailure(thrown: unknown): Failure {
  try {
    if (thrown instanceof Error) {
      const { name, message, stack } = thrown
      return { detail: cut(`${name}: ${message}`), ...(typeof stack === 'string' && stack ? { stack: cut(stack) } : {}) }
    }
    return { detail: cut(`thrown: ${typeof thrown === 'string' ? thrown : String(JSON.stringify(thrown) ?? typeof thrown)}`) }
  } catch {
    // Circular, a BigInt, or with a getter that throws.
    return { detail: `thrown: ${typeof thrown} that cannot be told` }
  }
}

function cut(text: string): string {
  return text.length <= LONGEST_DETAIL ? text : `${text.slice(0, LONGEST_DETAIL)}… truncated, ${text.length} characters`
}

/** @throws TypeError when they are too large to be sent */
function checkHeaders(flat: string[]): string[] {
  let size = 0
  for (const text of flat) size += text.length
  if (size > LARGEST_HEADERS) throw new TypeError(`fetch answered ${size} characters of headers, more than ${LARGEST_HEADERS}; put them in the body`)
  return flat
}

/** Sends one response over the wire, body with credit. */
export interface Reply {
  /** Sends it all; resolves when the body is fully produced. `finish` gives the report when nothing else is pending. */
  send(response: unknown, method: string): void | Promise<void>
  /** More bytes may go. */
  credit(bytes: number): void
  /** The caller has gone or time is up: the body is cancelled. */
  cut(): void
  headSent(): boolean
}

/** Makes the reply of one invocation. `finish` answers the report if the invocation is over with the body's last byte, else null. */
export function createReply(slot: number, wire: FrameWriter, finish: (failure?: Failure) => ReportHead | null): Reply {
  let headSent = false
  let cutOff = false
  let window = WINDOW
  let wake: (() => void) | null = null
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  const sendHead = (head: ResponseHeadHead, flags: number, body?: Uint8Array) => {
    headSent = true
    wire.send(Kind.head, flags, slot, JSON.stringify(head), body)
  }
  const sendWhole = (head: ResponseHeadHead, body?: Uint8Array) => {
    const report = finish()
    if (report) sendHead({ ...head, ...report }, Flag.whole | Flag.settled, body)
    else sendHead(head, Flag.whole, body)
  }
  const end = (failure?: Failure) => {
    const report = finish(failure)
    wire.send(Kind.replyEnd, (failure ? Flag.broken : 0) | (report ? Flag.settled : 0), slot, report ? JSON.stringify(report) : '')
  }
  const stream = async (first: Uint8Array | undefined) => {
    let chunk = first
    for (;;) {
      if (chunk) {
        for (let at = 0; at < chunk.length; at += FRAME) {
          while (window <= 0 && !cutOff) await new Promise<void>((resolve) => (wake = resolve))
          if (cutOff) return
          // By reference, as Node's own server writes: a function that changes a buffer it has given away changes its answer.
          const part = chunk.subarray(at, at + FRAME)
          window -= part.length
          wire.send(Kind.reply, 0, slot, '', part)
        }
      }
      const next = await reader!.read()
      if (cutOff) return
      if (next.done) return end()
      chunk = bytes(next.value)
    }
  }

  return {
    headSent: () => headSent,
    credit(more) {
      window += more
      wake?.()
      wake = null
    },
    cut() {
      cutOff = true
      wake?.()
      reader?.cancel().catch(() => {})
    },
    send(response, method) {
      const parts = plainParts(response)
      if (parts && (parts.body?.length ?? 0) <= FRAME) {
        if (cutOff) return
        const head: ResponseHeadHead = { s: parts.status, h: checkHeaders(parts.headers) }
        return sendWhole(head, method === 'HEAD' ? undefined : (parts.body ?? undefined))
      }
      return sendReal(realResponse(response), method)
    },
  }

  async function sendReal(response: unknown, method: string): Promise<void> {
      if (!(response instanceof Response)) {
        throw new TypeError(`fetch answered ${response === null ? 'null' : typeof response}, not a Response; did you forget to return one?`)
      }
      if (response.type === 'error') throw new TypeError('fetch answered Response.error(), which has no status')
      if (response.bodyUsed || response.body?.locked) throw new TypeError('fetch answered a Response whose body was used already')
      const headers: string[] = []
      for (const [name, value] of response.headers) headers.push(name, value)
      const head: ResponseHeadHead = { s: response.status, h: checkHeaders(headers) }
      if (response.statusText) head.t = response.statusText
      const body = response.body as ReadableStream<Uint8Array> | null
      if (cutOff) {
        body?.cancel().catch(() => {})
        return
      }
      if (body === null) return sendWhole(head)
      if (method === 'HEAD') {
        body.cancel().catch(() => {})
        return sendWhole(head)
      }
      reader = body.getReader()
      const gathered: Uint8Array[] = []
      let size = 0
      let late = false
      const goStreamed = () => {
        sendHead(head, Flag.streamed)
        for (const part of gathered) wire.send(Kind.reply, 0, slot, '', part)
        window -= size
      }
      // A body that takes longer than this turn must not hold back its head and first bytes.
      const turn = setImmediate(() => {
        late = true
        goStreamed()
      })
      try {
        for (;;) {
          const { done, value } = await reader.read()
          if (cutOff) return
          if (late) return done ? end() : await stream(bytes(value))
          if (done) return sendWhole(head, gathered.length === 1 ? gathered[0] : Buffer.concat(gathered))
          if (size + bytes(value).length > FRAME) {
            clearImmediate(turn)
            goStreamed()
            return await stream(value)
          }
          size += value.length
          gathered.push(value)
        }
      } catch (error) {
        if (cutOff) return
        if (!headSent) throw error
        end(toFailure(error))
      } finally {
        clearImmediate(turn)
      }
  }
}

function bytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError(`the response body holds ${typeof value}, not bytes; encode strings with TextEncoder`)
}
