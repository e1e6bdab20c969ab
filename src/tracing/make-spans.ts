import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { attributesOf, exceptionOf, isError } from './attributes.ts'
import { INIT_SPAN, QUEUE_SPAN, names } from './names.ts'
import { addNotes } from './notes.ts'
import type { InvocationRecord } from './record.ts'
import type { SpanData } from './span-data.ts'
import { parseTraceparent } from './trace-context.ts'

const nothing = { attributes: 0, events: 0, links: 0 }
/** A wait shorter than this is no wait: a span of it would say nothing and cost as much as any other. */
const WAIT_MS = 1

/** Makes the spans of one invocation: the server's own first, then what it waited for and the loading of its module. */
export function spansOf(record: InvocationRecord): SpanData[] {
  const { startAt, queueMs, initMs } = record
  const server = serverSpan(record)
  if (record.notes) addNotes(server, record.notes)
  const spans = [server]
  const deliveredAt = startAt + queueMs
  if (queueMs >= WAIT_MS) spans.push(innerSpan(record, 1n, QUEUE_SPAN, startAt, deliveredAt))
  // Its module may have begun to load before this call came.
  if (record.cold && initMs > 0) spans.push(innerSpan(record, 2n, INIT_SPAN, Math.max(startAt, deliveredAt - initMs), deliveredAt))
  return spans
}

function serverSpan(record: InvocationRecord): SpanData {
  const { detail, endAt } = record
  const failed = isError(record)
  const exception = exceptionOf(record)
  const span: SpanData = {
    traceId: record.traceId,
    spanId: record.spanId,
    name: record.function,
    kind: record.trigger === 'http' || record.trigger === 'timer' ? SpanKind.SERVER : SpanKind.CONSUMER,
    startAt: record.startAt,
    endAt,
    attributes: attributesOf(record),
    code: failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET,
    events: exception ? [{ ...exception, at: endAt }] : [],
    links: linksOf(record),
    dropped: nothing,
  }
  if (record.parentSpanId) span.parentSpanId = record.parentSpanId
  if (record.state) span.state = record.state
  if (failed && detail) span.message = detail.split('\n', 1)[0]!
  return span
}

/** Whatever caused it together with others. */
function linksOf({ links }: InvocationRecord): SpanData['links'] {
  if (links === '') return []
  return links.split(' ').flatMap((text) => {
    const context = parseTraceparent(text)
    return context ? [{ traceId: context.traceId, spanId: context.spanId, attributes: {} }] : []
  })
}

/** A span below the server's; its id is made of that one's, so that whoever makes it again makes the same. */
function innerSpan(record: InvocationRecord, suffix: bigint, name: string, startAt: number, endAt: number): SpanData {
  const span: SpanData = {
    traceId: record.traceId,
    spanId: (BigInt(`0x${record.spanId}`) ^ suffix).toString(16).padStart(16, '0'),
    parentSpanId: record.spanId,
    name,
    kind: SpanKind.INTERNAL,
    startAt,
    endAt: Math.max(startAt, endAt),
    attributes: { [names.faasName]: record.function },
    code: SpanStatusCode.UNSET,
    events: [],
    links: [],
    dropped: nothing,
  }
  if (record.state) span.state = record.state
  return span
}
