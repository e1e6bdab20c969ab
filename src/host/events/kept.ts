import type { Invocation, InvocationEvent, Invoke, Outcome, Settlement } from '../../contract/invocation.ts'
import { join } from '../../ingress/invoke/answer.ts'
import { redact, storeEvent } from '../../ingress/invoke/stored.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Failures } from '../../ports/failures.ts'

/** Largest event that is kept whole. */
const KEPT_BYTES = 256 * 1024
const kept: ReadonlySet<Outcome> = new Set(['exception', 'timeout', 'cpu_exceeded', 'memory_exceeded', 'exited', 'init_failed'])

/** A copy of what has passed of a streamed body. */
interface Copy {
  parts: Uint8Array[]
  bytes: number
  /** The body ended, and all of it is here. */
  whole: boolean
}

/** Keeps the events of invocations that fail. */
export interface FailureKeeper {
  /** Lets streamed bodies be copied as they pass; for all others it does nothing. */
  wrap(next: Invoke): Invoke
  /** To be told of every settled invocation. */
  settled(invocation: Invocation, settlement: Settlement): void
}

/** Makes the keeper. A call that goes well costs it one look at its body and one at its outcome. */
export function createFailureKeeper({ failures, clock }: { failures: Failures; clock: Pick<Clock, 'now'> }): FailureKeeper {
  const copies = new WeakMap<Invocation, Copy>()
  return {
    wrap: (next) => (invocation) => {
      const { event } = invocation
      if (event.type === 'fetch' && event.body instanceof ReadableStream && declared(event.headers) <= KEPT_BYTES) {
        const copy: Copy = { parts: [], bytes: 0, whole: false }
        copies.set(invocation, copy)
        event.body = copying(event.body, copy)
      }
      return next(invocation)
    },
    settled(invocation, { outcome, detail = '', revision = null }) {
      if (!kept.has(outcome)) return
      const at = clock.now()
      const copy = copies.get(invocation)
      failures.keep(() => {
        const { stored, whole } = keepEvent(invocation.event, copy)
        const { event, redacted } = redact(stored)
        const { id, function: name, trigger } = invocation
        return { invocation: id, function: name, revision, trigger, outcome, detail, at, event: JSON.stringify(event), redacted, whole }
      })
    },
  }
}

function keepEvent(event: InvocationEvent, copy: Copy | undefined): { stored: ReturnType<typeof storeEvent>; whole: boolean } {
  if (event.type === 'scheduled') return { stored: storeEvent(event), whole: true }
  if (event.type === 'queue') {
    const whole = event.messages.reduce((sum, { body }) => sum + body.length, 0) <= KEPT_BYTES
    const messages = whole ? event.messages : event.messages.map((message) => ({ ...message, contentType: 'text' as const, body: new Uint8Array() }))
    return { stored: storeEvent({ ...event, messages }), whole }
  }
  const body = event.body instanceof ReadableStream ? (copy?.whole ? join(copy.parts, copy.bytes) : undefined) : event.body
  const whole = body !== undefined && (body?.length ?? 0) <= KEPT_BYTES
  return { stored: storeEvent(event, whole ? body : null), whole }
}

/** The declared length of a body; 0 when it has none. */
function declared(headers: readonly string[]): number {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === 'content-length') return Number(headers[i + 1])
  return 0
}

/** The same body, copied as it is read: no faster, and no more than is kept. */
function copying(body: ReadableStream<Uint8Array>, copy: Copy): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let over = false
  const read = async () => {
    const { value } = await reader.read()
    if (value === undefined) {
      copy.whole = !over
      return undefined
    }
    copy.bytes += value.length
    over ||= copy.bytes > KEPT_BYTES
    // Copied: a part may lie in memory that is much larger.
    if (over) copy.parts = []
    else copy.parts.push(value.slice())
    return value
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = await read()
        if (part === undefined) controller.close()
        else controller.enqueue(part)
      },
      /** Who reads no further may have failed for that very reason: a small rest is read for the copy. */
      cancel(reason) {
        const rest = async () => {
          while (!over && (await read()) !== undefined);
          await reader.cancel(reason)
        }
        void rest().catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
}
