import type { InvocationEvent } from '../../contract/invocation.ts'
import type { NewMessage } from '../../ports/queues.ts'
import { readEvent } from '../invoke/read-event.ts'
import { storeEvent, type StoredEvent } from '../invoke/stored.ts'

/** Queues of this name hold the events of one function, for nobody else. */
const PREFIX = 'async:'

/** An event of a function that is called without waiting for it. */
export interface AsyncEvent {
  event: StoredEvent
  alias?: string
  /** How many functions handed it on before. */
  hops: number
}

/** The internal queue of a function's events. */
export function queueOf(name: string): string {
  return PREFIX + name
}

/** The function whose events an internal queue holds; undefined for any other queue. */
export function functionOf(queue: string): string | undefined {
  return queue.startsWith(PREFIX) ? queue.slice(PREFIX.length) : undefined
}

/** Makes the message that keeps an event. */
export function toMessage(id: string, event: AsyncEvent, dueAt: number, trace: string | undefined): NewMessage {
  const body = new TextEncoder().encode(JSON.stringify(event))
  return { id, contentType: 'json', body, dueAt, ...(trace === undefined ? {} : { trace }) }
}

/** An event on its way into an internal queue. */
export function toAsyncEvent(event: InvocationEvent, more: { alias?: string | undefined; hops?: number } = {}): AsyncEvent {
  const { alias, hops = 0 } = more
  return { event: storeEvent(event), hops, ...(alias === undefined ? {} : { alias }) }
}

/**
 * Reads what an internal queue keeps.
 * @throws SyntaxError or PressroomError when it was written by nobody who may
 */
export function readAsyncEvent(body: Uint8Array, name: string, sentAt: number): AsyncEvent & { read: InvocationEvent } {
  const kept = JSON.parse(new TextDecoder().decode(body)) as AsyncEvent
  return { ...kept, read: readEvent(kept.event, { function: name, now: sentAt, makeId: () => 'message' }) }
}
