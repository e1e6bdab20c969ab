import { serialize } from 'node:v8'
import type { QueueSendBatchResponse } from '@cloudflare/workers-types'
import type { MessageContentType } from '../../../contract/invocation.ts'
import type { CallAnswer } from './host-calls.ts'
import type { QueueSpec } from './spec.ts'

/** Cloudflare's limits. */
export const queueLimits = { messageBytes: 128_000, batchMessages: 100, batchBytes: 256_000, delaySeconds: 43_200 } as const

/** One message on its way to the host: content type, bytes of its body, seconds before it is delivered. The bodies follow each other. */
export type SentHead = [contentType: MessageContentType, length: number, delaySeconds: number]

/** How full a queue is, as the host tells it. */
export interface QueueMetrics {
  messages: number
  bytes: number
  /** Milliseconds since 1970; absent when the queue is empty, or it was not asked. */
  oldest?: number
}

interface SendOptions {
  contentType?: unknown
  delaySeconds?: unknown
}

interface Encoded {
  head: SentHead
  bytes: Uint8Array
}

/** The sending end of a queue, with Cloudflare's methods, limits and defaults. A promise resolves when the messages are on disk. */
export class QueueProducer {
  readonly #spec: QueueSpec
  readonly #call: (operation: string, args: unknown, body?: Uint8Array) => Promise<CallAnswer>

  constructor(spec: QueueSpec, call: (operation: string, args: unknown, body?: Uint8Array) => Promise<CallAnswer>) {
    this.#spec = spec
    this.#call = call
  }

  get [Symbol.toStringTag](): string {
    return 'Queue'
  }

  /** Sends one message; its body is kept as JSON unless `contentType` says otherwise. */
  async send(body: unknown, options: SendOptions = {}): Promise<QueueSendBatchResponse> {
    return this.#send([encode(body, options, this.#spec.delaySeconds)])
  }

  /** Sends up to 100 messages, all or none. `delaySeconds` holds for those that have none of their own. */
  async sendBatch(messages: Iterable<{ body: unknown } & SendOptions>, options: { delaySeconds?: unknown } = {}): Promise<QueueSendBatchResponse> {
    const delay = options.delaySeconds === undefined ? this.#spec.delaySeconds : checkDelay(options.delaySeconds)
    const encoded = Array.from(messages, (message) => encode(message.body, message, delay))
    if (encoded.length === 0) throw new TypeError('sendBatch() requires at least one message')
    if (encoded.length > queueLimits.batchMessages) throw new Error(`batch message count of ${encoded.length} exceeds limit of ${queueLimits.batchMessages}`)
    return this.#send(encoded)
  }

  /** How full the queue is now. */
  async metrics(): Promise<QueueSendBatchResponse['metadata']['metrics']> {
    return toMetrics((await this.#call('metrics', null)).value as QueueMetrics)
  }

  async #send(encoded: readonly Encoded[]): Promise<QueueSendBatchResponse> {
    const size = encoded.reduce((sum, { bytes }) => sum + bytes.length, 0)
    if (size > queueLimits.batchBytes) throw new Error(`batch size of ${size} bytes exceeds limit of ${queueLimits.batchBytes}`)
    const body = new Uint8Array(size)
    let at = 0
    for (const { bytes } of encoded) {
      body.set(bytes, at)
      at += bytes.length
    }
    const { value } = await this.#call('send', encoded.map(({ head }) => head), body)
    return { metadata: { metrics: toMetrics(value as QueueMetrics) } }
  }
}

function toMetrics({ messages, bytes, oldest }: QueueMetrics): QueueSendBatchResponse['metadata']['metrics'] {
  return { backlogCount: messages, backlogBytes: bytes, ...(oldest === undefined ? {} : { oldestMessageTimestamp: new Date(oldest) }) }
}

function encode(body: unknown, { contentType = 'json', delaySeconds }: SendOptions, otherwise = 0): Encoded {
  const bytes = toBytes(body, contentType)
  if (bytes.length > queueLimits.messageBytes) throw new Error(`message length of ${bytes.length} bytes exceeds limit of ${queueLimits.messageBytes}`)
  return { head: [contentType as MessageContentType, bytes.length, delaySeconds === undefined ? otherwise : checkDelay(delaySeconds)], bytes }
}

function toBytes(body: unknown, contentType: unknown): Uint8Array {
  if (body === undefined) throw new TypeError('Message body cannot be undefined')
  if (contentType === 'json') {
    const text = JSON.stringify(body) as string | undefined
    if (text === undefined) throw new TypeError(`the body of a message of contentType "json" must be a JSON value, found a ${typeof body}`)
    return new TextEncoder().encode(text)
  }
  if (contentType === 'text') {
    if (typeof body === 'string') return new TextEncoder().encode(body)
    throw notOfType(contentType, 'string', body)
  }
  if (contentType === 'bytes') {
    // Copied: what is sent must not change before it is.
    if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
    throw notOfType(contentType, 'ArrayBufferView', body)
  }
  if (contentType === 'v8') return toV8(body)
  throw new TypeError(`Unsupported queue message content type: ${String(contentType)}`)
}

function toV8(body: unknown): Uint8Array {
  try {
    return serialize(body)
  } catch (error) {
    throw new DOMException((error as Error).message, 'DataCloneError')
  }
}

function notOfType(contentType: string, expected: string, body: unknown): TypeError {
  return new TypeError(`Content Type "${contentType}" requires a value of type ${expected}, but received: ${typeof body}`)
}

function checkDelay(delay: unknown): number {
  if (typeof delay === 'number' && delay >= 0 && delay <= queueLimits.delaySeconds) return delay
  throw new RangeError(`delaySeconds: expected 0 to ${queueLimits.delaySeconds}, found ${String(delay)}`)
}
