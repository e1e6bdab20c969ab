/**
 * The wire between host and instance: frames of `u32 length | u8 kind | u8 flags | u32 id | u32 head bytes | head (JSON) |
 * body`, where length counts what follows it. Many frames leave in one write: once per event-loop turn, or after eight.
 */
import type { Socket } from 'node:net'
import type { MessageContentType } from '../../../contract/invocation.ts'

/** What a frame says. Up to 15: host → instance; from 16: instance → host. */
export const Kind = {
  load: 1,
  invoke: 2,
  body: 3,
  bodyEnd: 4,
  credit: 5,
  abort: 6,
  /** The answer to a `call`; `id`: its number. With `Flag.broken` the head is why it failed. */
  answered: 7,
  ready: 16,
  loaded: 17,
  loadFailed: 18,
  head: 19,
  reply: 20,
  replyEnd: 21,
  settled: 22,
  tick: 23,
  failed: 24,
  granted: 25,
  log: 26,
  pulse: 27,
  tainted: 28,
  /** Spans that the function made, as JSON that the host's loop only hands on; `id`: how many were dropped since the last ones. */
  spans: 29,
  /** What a binding asks of the host; `id`: a number of the instance's own. */
  call: 30,
  /** The end of a batch of messages. */
  batch: 31,
} as const

/** Bits of a frame's flags. */
export const Flag = {
  /** The body in this frame is all of it. */
  whole: 1,
  /** A body follows in frames of its own. */
  streamed: 2,
  /** The invocation is over with this frame; its head carries the report. */
  settled: 4,
  /** The body broke off. */
  broken: 8,
} as const

/** Bytes of a body that may be under way before the receiver grants more. */
export const WINDOW = 1024 * 1024
/** Most body bytes in one frame. */
export const FRAME = 64 * 1024

/** Longest frame: body and head of the largest message are far below. */
const LONGEST = 16 * 1024 * 1024
const HEADER = 14
const SLAB = 64 * 1024
const BATCH = 8
const empty = Buffer.alloc(0)

/** Receives one frame, or one part of a `body` or `reply`: these come as they arrive. `body` is a view of what was read. */
export type OnFrame = (kind: number, flags: number, id: number, head: string, body: Buffer) => void

/** Sends frames in batches. */
export interface FrameWriter {
  send(kind: number, flags: number, id: number, head: string, body?: Uint8Array): void
  flush(): void
}

/** Makes the sending side of a socket. */
export function createFrameWriter(socket: Socket): FrameWriter {
  let slab = Buffer.allocUnsafeSlow(SLAB)
  let used = 0
  let sent = 0
  let frames = 0
  let scheduled = false
  const flush = () => {
    frames = 0
    if (used === sent) return
    const bytes = slab.subarray(sent, used)
    sent = used
    if (!socket.destroyed) socket.write(bytes)
  }
  const turn = () => {
    scheduled = false
    flush()
  }
  return {
    flush,
    send(kind, flags, id, head, body = empty) {
      // An UTF-16 unit takes at most three bytes.
      const most = HEADER + head.length * 3
      const inline = body.length <= 4096
      if (used + most + (inline ? body.length : 0) > slab.length) {
        flush()
        slab = Buffer.allocUnsafeSlow(Math.max(SLAB, most + 4096))
        used = sent = 0
      }
      const headBytes = head.length === 0 ? 0 : slab.write(head, used + HEADER, 'utf8')
      slab.writeUInt32LE(HEADER - 4 + headBytes + body.length, used)
      slab[used + 4] = kind
      slab[used + 5] = flags
      slab.writeUInt32LE(id, used + 6)
      slab.writeUInt32LE(headBytes, used + 10)
      used += HEADER + headBytes
      if (inline) {
        slab.set(body, used)
        used += body.length
      } else if (!socket.destroyed) {
        socket.cork()
        flush()
        socket.write(body)
        socket.uncork()
      }
      if (++frames >= BATCH) flush()
      else if (!scheduled) {
        scheduled = true
        setImmediate(turn)
      }
    },
  }
}

/** True for frames that mean the same in one piece or in many. */
function comesInParts(kind: number, headBytes: number): boolean {
  return (kind === Kind.reply || kind === Kind.body) && headBytes === 0
}

/**
 * Takes frames apart as they come in. Those of a body are not put together first: that would copy each twice. What `onFrame` throws, and a length that no frame has, are told to `onBroken`, once;
 * nothing that comes afterwards is looked at.
 */
export function readFrames(socket: Socket, onFrame: OnFrame, onBroken: (error: unknown) => void): void {
  let broken = false
  const breakOff = (error: unknown) => {
    broken = true
    rest = []
    onBroken(error)
  }
  let rest: Buffer[] = []
  let have = 0
  let need = HEADER
  /** A frame whose body is still coming. */
  let open: { kind: number; flags: number; id: number; left: number } | undefined
  socket.on('data', (chunk: Buffer) => {
    if (broken) return
    let data = chunk
    if (have > 0) {
      rest.push(chunk)
      have += chunk.length
      if (have < need) return
      data = Buffer.concat(rest)
      rest = []
      have = 0
    }
    let at = 0
    if (open) {
      const part = data.subarray(0, open.left)
      at = part.length
      open.left -= at
      try {
        onFrame(open.kind, open.flags, open.id, '', part)
      } catch (error) {
        return breakOff(error)
      }
      if (open.left > 0) return
      open = undefined
    }
    for (;;) {
      const left = data.length - at
      if (left < HEADER) {
        need = HEADER
        break
      }
      const length = data.readUInt32LE(at)
      if (length < HEADER - 4 || length > LONGEST) return breakOff(new TypeError(`a frame of ${length} bytes`))
      const headBytes = data.readUInt32LE(at + 10)
      if (left < length + 4) {
        if (comesInParts(data[at + 4]!, headBytes)) {
          open = { kind: data[at + 4]!, flags: data[at + 5]!, id: data.readUInt32LE(at + 6), left: length + 4 - left }
          const part = data.subarray(at + HEADER)
          at = data.length
          if (part.length === 0) break
          try {
            onFrame(open.kind, open.flags, open.id, '', part)
          } catch (error) {
            return breakOff(error)
          }
        }
        need = length + 4
        break
      }
      const headEnd = at + HEADER + headBytes
      const head = headBytes === 0 ? '' : data.toString('utf8', at + HEADER, headEnd)
      const end = at + 4 + length
      if (headEnd > end) return breakOff(new TypeError('a head that is longer than its frame'))
      try {
        onFrame(data[at + 4]!, data[at + 5]!, data.readUInt32LE(at + 6), head, data.subarray(headEnd, end))
      } catch (error) {
        return breakOff(error)
      }
      at = end
    }
    if (at < data.length) {
      rest = [at === 0 ? data : data.subarray(at)]
      have = data.length - at
    }
  })
}

/** Head of `load`. */
export interface LoadHead {
  name: string
  revision: string
  file: string
  outbound: 'public' | 'none'
  /** Addresses that are not public and may be reached all the same; `deny` wins. */
  allow: string[]
  deny: string[]
  timeoutMs: number
  bindings: Record<string, unknown>
}

/** Head of `invoke`: an HTTP request, a tick or a batch of messages; `i` is the invocation's id, `t` and `w` its `traceparent` and `tracestate`, `n` what a queue holds. */
export type InvokeHead = { i: string; t?: string; w?: string } & ({ m: string; u: string; h: string[] } | { c: string; s: number } | { q: string; l: MessageHead[]; n?: [messages: number, bytes: number] })

/** One message of a batch: id, milliseconds since 1970, attempts, content type, bytes of its body. The bodies follow each other in the frame's. */
export type MessageHead = [id: string, timestamp: number, attempts: number, contentType: MessageContentType, bytes: number]

/** Head of `batch`: acknowledged ids, ids to come again each with its delay in seconds or null, and what was said of the rest. */
export interface BatchHeadHead extends Partial<ReportHead> {
  a: string[]
  r: [id: string, delay: number | null][]
  z?: 'ack' | ['retry', number | null]
}

/** Head of `call`: binding, operation, its arguments, and the invocation that asks with its `traceparent`. */
export interface CallHead {
  b: string
  o: string
  a: unknown
  i?: string
  t?: string
}

/** Head of a failed `answered`. */
export interface CallFailureHead {
  name: string
  message: string
}

/** Head of `settled`, and of any frame with `Flag.settled` (then beside its own fields). */
export interface ReportHead {
  o?: 'exception' | 'canceled'
  d?: string
  k?: string
  /** CPU microseconds. */
  p: number
  /** Bytes of bodies that its own calls have moved. */
  b?: number
  /** What it put on the invocation's span, as JSON. */
  x?: string
}

/** Head of `head`; with `Flag.settled` also a report. */
export interface ResponseHeadHead extends Partial<ReportHead> {
  s: number
  t?: string
  h: string[]
}

/** Head of `log`. */
export interface LogHead {
  i?: string
  l: 'debug' | 'info' | 'warn' | 'error'
  m: string
}
