import type { BatchHead, Invocation, ResponseHead } from '../../../contract/invocation.ts'
import type { Delivered, Report } from '../../../ports/instance.ts'
import { formatTraceparent } from '../../../tracing/trace-context.ts'
import { readBatch, readBytes, readFailure, readReport, readResponseHead, readTick } from './heads.ts'
import { countPassing } from './passing-bytes.ts'
import type { Redact } from '../secrets/redact.ts'
import { FRAME, Flag, Kind, WINDOW, type BatchHeadHead, type FrameWriter, type MessageHead, type ReportHead } from './messages.ts'

/** The host's side of the invocations under way on one wire. */
export interface Exchange {
  deliver(invocation: Invocation, delivered: Delivered): (reason: 'canceled' | 'timeout' | 'cpu_exceeded') => void
  /** @throws TypeError for what no instance says; it is not to be believed any more */
  frame(kind: number, flags: number, id: number, head: string, body: Buffer): void
  /** The wire is gone: open bodies break off. */
  close(): void
}

interface Slot {
  delivered: Delivered
  down: ReadableStreamDefaultController<Uint8Array> | undefined
  /** Bytes read but not yet granted anew. */
  owed: number
  /** Of bodies, both ways. */
  bytes: number
  up: { window: number; wake: (() => void) | undefined; over: boolean } | undefined
}

/** Pending calls live in reused array slots: a Map of them costs garbage collections of 4–9 ms (measured), slots 0.5. */
export function createExchange(wire: FrameWriter, redact: Redact): Exchange {
  const slots: (Slot | undefined)[] = []
  const free: number[] = []

  function deliver(invocation: Invocation, delivered: Delivered) {
    const id = free.pop() ?? slots.length
    const slot: Slot = { delivered, down: undefined, owed: 0, bytes: 0, up: undefined }
    slots[id] = slot
    const { event, trace } = invocation
    const t = trace && formatTraceparent(trace)
    const w = trace?.state
    if (event.type === 'scheduled') {
      wire.send(Kind.invoke, 0, id, JSON.stringify({ i: invocation.id, t, w, c: event.cron, s: event.scheduledTime }))
    } else if (event.type === 'queue') {
      const messages = event.messages.map((one): MessageHead => [one.id, one.timestamp, one.attempts, one.contentType, one.body.length])
      const bodies = Buffer.concat(event.messages.map(({ body }) => body))
      slot.bytes += bodies.length
      const n = event.backlog && [event.backlog.messages, event.backlog.bytes]
      wire.send(Kind.invoke, Flag.whole, id, JSON.stringify({ i: invocation.id, t, w, q: event.queue, l: messages, n }), bodies)
    } else {
      const head = JSON.stringify({ i: invocation.id, t, w, m: event.method, u: event.url, h: event.headers })
      if (event.body === null || event.body instanceof Uint8Array) {
        slot.bytes += event.body?.length ?? 0
        wire.send(Kind.invoke, Flag.whole, id, head, event.body ?? undefined)
      }
      else {
        wire.send(Kind.invoke, Flag.streamed, id, head)
        slot.up = { window: WINDOW, wake: undefined, over: false }
        void upload(id, slot, event.body)
      }
    }
    return (reason: 'canceled' | 'timeout' | 'cpu_exceeded') => {
      if (slots[id] !== slot) return
      wire.send(Kind.abort, 0, id, reason)
      stopUpload(slot)
      slot.down?.error(new Error(`the response was cut: ${reason}`))
      slot.down = undefined
    }
  }

  async function upload(id: number, slot: Slot, body: ReadableStream<Uint8Array>) {
    const up = slot.up!
    const reader = body.getReader()
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done || up.over) break
        for (let at = 0; at < value.length; at += FRAME) {
          while (up.window <= 0 && !up.over) await new Promise<void>((resolve) => (up.wake = resolve))
          if (up.over) break
          const part = value.subarray(at, at + FRAME)
          up.window -= part.length
          slot.bytes += part.length
          wire.send(Kind.body, 0, id, '', part)
        }
      }
      if (!up.over) wire.send(Kind.bodyEnd, 0, id, '')
    } catch {
      // The caller broke off: whoever sent the request aborts the invocation.
    } finally {
      reader.cancel().catch(() => {})
    }
  }
  function stopUpload(slot: Slot) {
    if (!slot.up) return
    slot.up.over = true
    slot.up.wake?.()
  }

  /** A head whose body follows: read at the caller's pace, granted anew in quarters of the window. */
  function streamed(id: number, slot: Slot): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (slot.down = controller),
        pull() {
          if (slot.owed < WINDOW / 4) return
          wire.send(Kind.credit, 0, id, String(slot.owed))
          slot.owed = 0
        },
        cancel() {
          slot.down = undefined
          if (slots[id] === slot) wire.send(Kind.abort, 0, id, 'canceled')
        },
      },
      { highWaterMark: WINDOW, size: (chunk) => chunk.length },
    )
  }

  function settle(id: number, slot: Slot, report: ReportHead) {
    slots[id] = undefined
    free.push(id)
    stopUpload(slot)
    const told: Report = { outcome: report.o ?? 'ok', cpuMs: report.p / 1000, netBytes: slot.bytes + (report.b ?? 0) }
    if (report.d !== undefined) told.detail = redact(report.d)
    if (report.k !== undefined) told.stack = redact(report.k)
    if (report.x !== undefined) told.notes = redact(report.x)
    slot.delivered.onSettled(told)
  }

  return {
    deliver,
    frame(kind, flags, id, text, body) {
      const slot = slots[id]
      if (!slot) return
      const settled = (flags & Flag.settled) !== 0
      switch (kind) {
        case Kind.head: {
          const head = readResponseHead(text, settled)
          const answer: ResponseHead = {
            type: 'response',
            status: head.s,
            statusText: head.t ?? '',
            headers: head.h,
            // Copied: the frame's memory is only ours during the call.
            body: flags & Flag.streamed ? streamed(id, slot) : body.length > 0 ? Buffer.from(body) : null,
          }
          slot.bytes += body.length
          if (settled) settle(id, slot, head as ReportHead)
          slot.delivered.onHead(answer)
          return
        }
        case Kind.reply:
          slot.owed += body.length
          countPassing(body.length)
          slot.bytes += body.length
          if ((slot.down?.desiredSize ?? 0) < -WINDOW) throw new TypeError('more of a body than was granted')
          // A small part must not keep all that was read with it.
          slot.down?.enqueue(body.length < FRAME / 8 ? Buffer.from(body) : body)
          return
        case Kind.replyEnd:
          if (flags & Flag.broken) slot.down?.error(new Error('the function broke off its response'))
          else slot.down?.close()
          slot.down = undefined
          if (settled) settle(id, slot, readReport(text))
          return
        case Kind.failed: {
          const { d, k, ...report } = readFailure(text, settled)
          if (settled) settle(id, slot, { ...report, o: 'exception', ...(d ? { d } : {}), ...(k ? { k } : {}) })
          slot.delivered.onHead({ type: 'failure', code: 'exception', detail: redact(d ?? ''), ...(k ? { stack: redact(k) } : {}) })
          return
        }
        case Kind.tick: {
          const { n, ...report } = readTick(text, settled)
          if (settled) settle(id, slot, report)
          slot.delivered.onHead({ type: 'tick', noRetry: n })
          return
        }
        case Kind.batch: {
          const head = readBatch(text, settled)
          if (settled) settle(id, slot, head as ReportHead)
          slot.delivered.onHead(toBatchHead(head))
          return
        }
        case Kind.settled:
          slot.down?.error(new Error('the response was cut'))
          return settle(id, slot, readReport(text))
        case Kind.granted:
          if (slot.up) {
            slot.up.window += readBytes(text)
            slot.up.wake?.()
          }
          return
      }
    },
    close() {
      for (const slot of slots) {
        if (!slot) continue
        stopUpload(slot)
        slot.down?.error(new Error('the instance is gone'))
      }
      slots.length = 0
    },
  }
}

function toBatchHead({ a, r, z }: BatchHeadHead): BatchHead {
  const after = (delay: number | null) => (delay === null ? {} : { delay })
  const head: BatchHead = { type: 'batch', acks: a, retries: r.map(([id, delay]) => ({ id, ...after(delay) })) }
  if (z === undefined) return head
  return { ...head, rest: z === 'ack' ? { kind: 'ack' } : { kind: 'retry', ...after(z[1]) } }
}
