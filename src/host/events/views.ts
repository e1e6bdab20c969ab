import type { Head, Outcome, Settlement } from '../../contract/invocation.ts'
import { functionOf } from '../../ingress/async/event.ts'
import { toHeaderObject, type ReadBody } from '../../ingress/invoke/answer.ts'
import { asText, redact, storeBody, type StoredBody, type StoredEvent } from '../../ingress/invoke/stored.ts'
import type { Failure } from '../../ports/failures.ts'
import type { DeadLetter } from '../../ports/queues.ts'

/** An invocation that somebody waited for, as the operator sees it. */
export interface InvokeView {
  invocation: string
  outcome: Outcome
  /** Of `fetch`, with as much of its body as is told. */
  response?: { status: number; headers: Record<string, string | string[]>; /** Of the whole body. */ bytes: number; truncated: boolean; broken?: true } & Partial<Record<'body' | 'bodyBase64', string>>
  /** Of `queue`: what was said of its messages. */
  batch?: { acks: readonly string[]; retries: readonly { id: string; delay?: number }[]; rest: 'ack' | 'retry' | null }
  /** Why it failed. */
  error?: { code: string; detail: string }
  bill: {
    billed_ms: number
    cost_usd: number
    queue_ms: number
    init_ms: number
    run_ms: number
    cpu_ms: number
    max_memory_mb: number
    cold: boolean
    revision: string | null
  }
}

/** A failed invocation as the operator sees it; a list has no events. */
export interface FailureView {
  invocation: string
  function: string
  revision: string | null
  trigger: Failure['trigger']
  outcome: Outcome
  detail: string
  /** ISO 8601 UTC. */
  at: string
  redacted: readonly string[]
  /** False: its body was not kept, so that it cannot be run again. */
  whole: boolean
  event?: unknown
}

/** A message that is delivered no more as the operator sees it; a list has neither event nor body. */
export interface LetterView extends Partial<Record<'body' | 'bodyBase64', string>> {
  id: string
  queue: string
  /** Whose event it is; null for a message of a queue. */
  function: string | null
  /** ISO 8601 UTC. */
  sent: string
  died: string
  attempts: number
  error: string
  content_type: DeadLetter['contentType']
  bytes: number
  event?: StoredEvent
}

/** Most bytes of an answer's body that are told. */
export const MOST_ANSWER_BYTES = 6 * 1024 * 1024

/** Lays out what an invocation came to. */
export function toInvokeView(invocation: string, head: Head, answer: ReadBody, settlement: Settlement): InvokeView {
  const { outcome, bill, queueMs, initMs, runMs, cpuMs, maxMemoryBytes, cold, revision = null, detail } = settlement
  const view: InvokeView = {
    invocation,
    outcome,
    bill: {
      billed_ms: bill?.billedMs ?? 0,
      cost_usd: (bill?.costPico ?? 0) / 1e12,
      queue_ms: queueMs,
      init_ms: initMs,
      run_ms: runMs,
      cpu_ms: cpuMs,
      max_memory_mb: Math.round((maxMemoryBytes / 1024 ** 2) * 100) / 100,
      cold,
      revision,
    },
  }
  if (head.type === 'response') {
    const { bytes, total, broken } = answer
    view.response = {
      status: head.status, headers: toHeaderObject(head.headers), bytes: total, truncated: total > bytes.length,
      ...(broken ? { broken } : {}), ...(total === 0 ? {} : beginning(bytes, total)),
    }
  } else if (head.type === 'batch') view.batch = { acks: head.acks, retries: head.retries, rest: head.rest?.kind ?? null }
  if (head.type === 'failure') view.error = { code: head.code, detail: head.detail }
  else if (outcome !== 'ok' && detail !== undefined) view.error = { code: outcome, detail }
  return view
}

/** Text that was cut may end within a character: that one is left out. */
function beginning(bytes: Uint8Array, total: number): StoredBody {
  if (bytes.length === total) return storeBody(bytes)
  for (let end = bytes.length; end > bytes.length - 4; end--) {
    const text = asText(bytes.subarray(0, end))
    if (text !== undefined) return { body: text }
  }
  return storeBody(bytes)
}

/** A failure as the operator sees it. */
export function toFailureView(failure: Omit<Failure, 'event'> & { event?: string }): FailureView {
  const { at, event, ...rest } = failure
  return { ...rest, at: new Date(at).toISOString(), ...(event === undefined ? {} : { event: JSON.parse(event) as unknown }) }
}

/** A dead letter as the operator sees it: with what was in it when `open`, secrets of headers taken out. */
export function toLetterView({ id, queue, timestamp, diedAt, attempts, error, contentType, body }: DeadLetter, open: boolean): LetterView {
  const name = functionOf(queue) ?? null
  const view: LetterView = {
    id, queue, function: name, sent: new Date(timestamp).toISOString(), died: new Date(diedAt).toISOString(), attempts, error,
    content_type: contentType, bytes: body.length,
  }
  if (!open) return view
  const event = name === null ? undefined : readStored(body)
  return event ? { ...view, event: redact(event).event } : { ...view, ...storeBody(body) }
}

function readStored(body: Uint8Array): StoredEvent | undefined {
  try {
    return (JSON.parse(new TextDecoder().decode(body)) as { event?: StoredEvent }).event
  } catch {
    return undefined
  }
}
