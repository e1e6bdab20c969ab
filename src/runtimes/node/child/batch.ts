import { deserialize } from 'node:v8'
import type { MessageContentType } from '../../../contract/invocation.ts'
import type { BatchHeadHead, MessageHead } from '../wire/messages.ts'

interface RetryOptions {
  delaySeconds?: number
}

/** What a batch of no queue finds in its queue. */
const EMPTY: readonly [number, number] = [0, 0]

/** Workers' limit of a delay: twelve hours. */
const LONGEST_DELAY_S = 43_200

/**
 * Makes the batch that a `queue` handler gets, in Workers' shape. The first word on a message, and on the whole batch, counts; a
 * message's own word outweighs the batch's.
 * @param bodies the bodies of all messages, one after the other
 * @param backlog how many messages the queue held, and their bytes; default: none
 */
export function createBatch(queue: string, heads: readonly MessageHead[], bodies: Uint8Array, [backlogCount, backlogBytes] = EMPTY): { batch: unknown; said(): BatchHeadHead } {
  const words = new Map<string, 'ack' | { delay: number | null }>()
  let rest: BatchHeadHead['z']
  let at = 0
  const messages = heads.map(([id, timestamp, attempts, contentType, length]) => {
    const body = read(contentType, bodies.subarray(at, (at += length)))
    const say = (word: 'ack' | { delay: number | null }) => {
      if (!words.has(id)) words.set(id, word)
    }
    return Object.freeze({
      id,
      timestamp: new Date(timestamp),
      attempts,
      body,
      ack: () => say('ack'),
      retry: (options?: RetryOptions) => say({ delay: delayOf(options) }),
    })
  })
  const batch = Object.freeze({
    queue,
    messages: Object.freeze(messages),
    metadata: Object.freeze({ metrics: Object.freeze({ backlogCount, backlogBytes }) }),
    ackAll: () => void (rest ??= 'ack'),
    retryAll: (options?: RetryOptions) => void (rest ??= ['retry', delayOf(options)]),
  })
  return {
    batch,
    said: () => ({
      a: [...words].flatMap(([id, word]) => (word === 'ack' ? [id] : [])),
      r: [...words].flatMap(([id, word]) => (word === 'ack' ? [] : [[id, word.delay] as [string, number | null]])),
      ...(rest === undefined ? {} : { z: rest }),
    }),
  }
}

function read(contentType: MessageContentType, bytes: Uint8Array): unknown {
  // Copied: the frame's memory is only ours during the call.
  const own = Uint8Array.from(bytes)
  if (contentType === 'bytes') return own.buffer
  if (contentType === 'v8') return deserialize(own)
  const text = new TextDecoder().decode(own)
  return contentType === 'text' ? text : (JSON.parse(text) as unknown)
}

function delayOf(options: RetryOptions | undefined): number | null {
  const delay = options?.delaySeconds
  if (delay === undefined) return null
  if (typeof delay === 'number' && delay >= 0 && delay <= LONGEST_DELAY_S) return delay
  throw new RangeError(`delaySeconds: expected 0 to ${LONGEST_DELAY_S}, found ${String(delay)}`)
}
