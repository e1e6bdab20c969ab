import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api'
import { attributesOf, exceptionOf, isError } from './attributes.ts'
import { addNotes } from './notes.ts'
import { INIT_SPAN, QUEUE_SPAN, names } from './names.ts'
import type { InvocationRecord } from './record.ts'

/** One finished span, before any SDK has seen it. Times in milliseconds since 1970, with fractions. */
export interface SpanData {
  traceId: string
  spanId: string
  parentSpanId?: string
  /** `tracestate`. */
  state?: string
  /** Which library made it; the host itself when absent. */
  scope?: { name: string; version?: string }
  name: string
  kind: SpanKind
  startAt: number
  endAt: number
  attributes: Attributes
  code: SpanStatusCode
  message?: string
  events: SpanEvent[]
  links: { traceId: string; spanId: string; attributes: Attributes }[]
  /** Attributes, events and links that did not fit. */
  dropped: { attributes: number; events: number; links: number }
}

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  name: string
  at: number
  attributes: Attributes
}

/** A wait shorter than this is no wait: a span of it would say nothing and cost as much as any other. */
const WAIT_MS = 1

/** Makes the spans of one invocation: the server's own first, then what it waited for and the loading of its module. */
export function spansOf(record: InvocationRecord): SpanData[] {
  const { traceId, spanId, startAt, state } = record
  const failed = isError(record)
  const exception = exceptionOf(record)
  const server: SpanData = {
    ...(record.parentSpanId ? { parentSpanId: record.parentSpanId } : {}),
    ...placed(traceId, spanId, state),
    name: record.function,
    kind: SpanKind.SERVER,
    startAt,
    endAt: record.endAt,
    attributes: attributesOf(record),
    code: failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET,
    events: exception ? [{ ...exception, at: record.endAt }] : [],
  }
  if (failed && record.detail) server.message = record.detail.split('\n', 1)[0]!
  if (record.notes) addNotes(server, record.notes)
  const spans = [server]
  const within = (suffix: bigint, name: string, from: number, to: number) =>
    spans.push({
      ...placed(traceId, (BigInt(`0x${spanId}`) ^ suffix).toString(16).padStart(16, '0'), state),
      parentSpanId: spanId,
      name,
      kind: SpanKind.INTERNAL,
      startAt: from,
      endAt: Math.max(from, to),
      attributes: { [names.faasName]: record.function },
      code: SpanStatusCode.UNSET,
      events: [],
    })
  const deliveredAt = startAt + record.queueMs
  if (record.queueMs >= WAIT_MS) within(1n, QUEUE_SPAN, startAt, deliveredAt)
  // Its module may have begun to load before this call came.
  if (record.cold && record.initMs > 0) within(2n, INIT_SPAN, Math.max(startAt, deliveredAt - record.initMs), deliveredAt)
  return spans
}

function placed(traceId: string, spanId: string, state: string) {
  return { traceId, spanId, ...(state ? { state } : {}), links: [], dropped: { attributes: 0, events: 0, links: 0 } }
}
