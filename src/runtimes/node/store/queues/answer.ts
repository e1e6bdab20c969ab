import type { MessageContentType } from '../../../../contract/invocation.ts'
import type { RunningQueues } from '../../../../ingress/queue/consumer.ts'
import type { Clock } from '../../../../ports/clock.ts'
import type { NewMessage, QueueDepth } from '../../../../ports/queues.ts'
import { parseTraceparent } from '../../../../tracing/trace-context.ts'
import { queueLimits, type QueueMetrics } from '../../bindings/queue.ts'
import type { QueueSpec } from '../../bindings/spec.ts'
import type { Answerer } from '../../calls.ts'

/** What answering the sending ends of queues needs. */
export interface QueueAnswererOptions {
  send: RunningQueues['send']
  depths(queue: string): Promise<QueueDepth[]>
  clock: Pick<Clock, 'now'>
  makeId(): string
}

const contentTypes: ReadonlySet<unknown> = new Set<MessageContentType>(['json', 'text', 'bytes', 'v8'])

/** Answers `send` and `metrics` of queue bindings. An instance runs code that may be wrong: what it says is checked again. */
export function createQueueAnswerer({ send, depths, clock, makeId }: QueueAnswererOptions): Answerer<QueueSpec> {
  return async ({ queue }, { o: operation, a: args, t: trace }, body) => {
    if (operation === 'send') {
      const messages = toMessages(args, body, { now: clock.now(), makeId, trace })
      return { value: (await send(queue, messages).catch(tell)) satisfies QueueMetrics }
    }
    if (operation !== 'metrics') throw new TypeError(`queue ${queue}: there is no operation ${operation}`)
    const [depth] = await depths(queue)
    const value: QueueMetrics = { messages: depth?.messages ?? 0, bytes: depth?.bytes ?? 0 }
    if (depth && depth.oldest !== null) value.oldest = depth.oldest
    return { value }
  }
}

function toMessages(args: unknown, body: Uint8Array, { now, makeId, trace }: { now: number; makeId(): string; trace: string | undefined }): NewMessage[] {
  if (!Array.isArray(args) || args.length === 0 || args.length > queueLimits.batchMessages) throw malformed()
  let at = 0
  const messages = args.map((head: unknown): NewMessage => {
    if (!Array.isArray(head)) throw malformed()
    const [contentType, length, delay] = head as unknown[]
    if (!contentTypes.has(contentType) || !isWithin(length, queueLimits.messageBytes) || !Number.isInteger(length) || !isWithin(delay, queueLimits.delaySeconds)) throw malformed()
    // Copied: the frame's memory is only ours during the call, and is much larger.
    const bytes = Uint8Array.from(body.subarray(at, (at += length)))
    return { id: makeId(), contentType: contentType as MessageContentType, body: bytes, dueAt: now + delay * 1000, ...(trace === undefined || !parseTraceparent(trace) ? {} : { trace }) }
  })
  if (at !== body.length || at > queueLimits.batchBytes) throw malformed()
  return messages
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most
}

/** Of an error, name and words reach the function: its code goes before them. */
function tell(error: Error & { code?: unknown }): never {
  throw typeof error.code === 'string' ? new Error(`${error.code}: ${error.message}`, { cause: error }) : error
}

function malformed(): TypeError {
  return new TypeError('queue: the messages do not have the form in which they are sent')
}
