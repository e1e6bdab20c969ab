import type { FlatHeaders, InvocationEvent, QueueMessage } from '../../contract/invocation.ts'

/** Bytes as they are kept: as text where they are UTF-8, else in base64. */
export type StoredBody = { body: string } | { bodyBase64: string }

/** A message as it is kept; a JSON body as the value that it is. */
export type StoredMessage = Pick<QueueMessage, 'id' | 'timestamp' | 'attempts' | 'contentType'> & ({ body: unknown } | { bodyBase64: string })

/** An event in the form in which it is handed in, kept and shown. */
export type StoredEvent =
  | { request: { method: string; url: string; headers: [string, string][]; body?: string; bodyBase64?: string } }
  | { scheduled: { cron: string; time: string } }
  | { queue: { queue: string; messages: StoredMessage[] } }

/** What an event is kept with. */
export interface KeptEvent {
  event: StoredEvent
  /** Names of the headers whose values were taken out. */
  redacted: string[]
}

/** Takes the place of a value that is not kept. */
export const REDACTED = '[redacted]'
const SECRET = /^(authorization|cookie|set-cookie|proxy-authorization|x-api-key)$|token|secret|password/

/**
 * Lays an event out as JSON can hold it.
 * @param body takes the place of a body that was a stream, or of one that is not kept
 */
export function storeEvent(event: InvocationEvent, body?: Uint8Array | null): StoredEvent {
  if (event.type === 'scheduled') return { scheduled: { cron: event.cron, time: new Date(event.scheduledTime).toISOString() } }
  if (event.type === 'queue') return { queue: { queue: event.queue, messages: event.messages.map(storeMessage) } }
  const bytes = body === undefined && event.body instanceof Uint8Array ? event.body : body
  const { method, url, headers } = event
  return { request: { method, url, headers: toPairs(headers), ...(bytes ? storeBody(bytes) : {}) } }
}

/** Takes the values of headers that hold secrets out of an event, and tells which. */
export function redact(event: StoredEvent): KeptEvent {
  if (!('request' in event)) return { event, redacted: [] }
  const { request } = event
  const headers = request.headers.map(([name, value]): [string, string] => [name, isSecret(name) ? REDACTED : value])
  const redacted = [...new Set(headers.flatMap(([name]) => (isSecret(name) ? [name] : [])))]
  return { event: { request: { ...request, headers } }, redacted }
}

/** True for a header whose value is kept nowhere. Name in lower case. */
export function isSecret(name: string): boolean {
  return SECRET.test(name)
}

/** Bytes as JSON can hold them. */
export function storeBody(bytes: Uint8Array): StoredBody {
  const text = asText(bytes)
  return text === undefined ? { bodyBase64: bytes.toBase64() } : { body: text }
}

/** Bytes that are UTF-8 as text, to the last byte the same; otherwise undefined. */
export function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function storeMessage({ id, timestamp, attempts, contentType, body }: QueueMessage): StoredMessage {
  const head = { id, timestamp, attempts, contentType }
  const text = contentType === 'json' || contentType === 'text' ? asText(body) : undefined
  if (text === undefined) return { ...head, bodyBase64: body.toBase64() }
  if (contentType === 'text') return { ...head, body: text }
  const value = asJson(text)
  return value === undefined ? { ...head, bodyBase64: body.toBase64() } : { ...head, body: value }
}

/** The value of a JSON text, if writing it again gives the same text; otherwise undefined. */
function asJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

function toPairs(headers: FlatHeaders): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < headers.length; i += 2) pairs.push([headers[i]!, headers[i + 1]!])
  return pairs
}
