import type { Head, InvocationEvent, Settlement } from '../../contract/invocation.ts'
import type { GivenUp } from './policy.ts'
import type { ReadBody } from '../invoke/answer.ts'
import { asText, redact, type StoredEvent } from '../invoke/stored.ts'

/** Where the record of an event goes: a queue, or another function. */
export interface Destination {
  kind: 'queue' | 'function'
  name: string
}

/** Most bytes of an answer that a record carries, and of an event. */
export const RECORD_BYTES = 256 * 1024

/** What is known of an event that is over; head, answer and settlement are absent when it never ran. */
export interface Finished {
  id: string
  function: string
  event: StoredEvent
  condition: GivenUp | 'Success'
  attempts: number
  error?: string
  head?: Head
  answer?: ReadBody
  settlement?: Settlement
  /** Milliseconds since 1970. */
  now: number
}

/** The record of an event in the shape that Lambda sends to its destinations. */
export interface DestinationRecord {
  version: '1.0'
  timestamp: string
  requestContext: { requestId: string; functionArn: string; condition: Finished['condition']; approximateInvokeCount: number }
  /** null when it is larger than 256 KiB. */
  requestPayload: StoredEvent | null
  responseContext?: { statusCode: number; executedVersion: string; functionError?: 'Unhandled' }
  responsePayload: unknown
}

/** Reads `queue:NAME` or `function:NAME`; the config was checked when it was loaded. */
export function toDestination(text: string): Destination {
  const at = text.indexOf(':')
  return { kind: text.slice(0, at) === 'queue' ? 'queue' : 'function', name: text.slice(at + 1) }
}

/** Makes the record. Headers that hold secrets are not passed on. */
export function toRecord({ id, function: name, event, condition, attempts, error, head, answer, settlement, now }: Finished): DestinationRecord {
  const payload = redact(event).event
  const record: DestinationRecord = {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: { requestId: id, functionArn: name, condition, approximateInvokeCount: attempts },
    // A record within a record doubles its escapes: without a bound a chain of functions would fill the memory.
    requestPayload: JSON.stringify(payload).length > RECORD_BYTES ? null : payload,
    responsePayload: condition === 'Success' ? payloadOf(head, answer) : { errorType: errorType(settlement, condition), errorMessage: error ?? '' },
  }
  if (settlement?.delivered) {
    const statusCode = head?.type === 'response' ? head.status : condition === 'Success' ? 200 : 500
    record.responseContext = { statusCode, executedVersion: settlement.revision ?? '', ...(condition === 'Success' ? {} : { functionError: 'Unhandled' }) }
  }
  return record
}

/** The event that hands a record to a function: a POST of it, or a batch of one message where there is no fetch handler. */
export function recordEvent(record: DestinationRecord, to: { name: string; handlers: readonly string[] }, from: { id: string; name: string }): InvocationEvent {
  const body = new TextEncoder().encode(JSON.stringify(record))
  if (to.handlers.includes('queue') && !to.handlers.includes('fetch')) {
    const message = { id: from.id, timestamp: Date.parse(record.timestamp), contentType: 'json', body, attempts: 1 } as const
    return { type: 'queue', queue: `function:${from.name}`, messages: [message] }
  }
  const headers = ['host', 'localhost', 'content-type', 'application/json', 'content-length', String(body.length)]
  return { type: 'fetch', method: 'POST', url: `http://localhost/${to.name}`, headers, body }
}

function errorType(settlement: Settlement | undefined, condition: Finished['condition']): string {
  return settlement && settlement.outcome !== 'ok' ? settlement.outcome : condition
}

/** JSON as its value, other text as a string, the rest in base64; null where nothing was answered. */
function payloadOf(head: Head | undefined, answer: ReadBody | undefined): unknown {
  if (head?.type !== 'response' || !answer || answer.total === 0) return null
  const text = asText(answer.bytes)
  if (text === undefined) return { bodyBase64: answer.bytes.toBase64() }
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
