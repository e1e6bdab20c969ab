import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { SpanView } from '../../../ports/telemetry.ts'
import type { SpanData } from '../../../tracing/span-data.ts'

const KINDS: Record<SpanKind, SpanView['kind']> = {
  [SpanKind.INTERNAL]: 'internal',
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
  [SpanKind.PRODUCER]: 'producer',
  [SpanKind.CONSUMER]: 'consumer',
}
const STATUSES: Record<SpanStatusCode, SpanView['status']> = {
  [SpanStatusCode.UNSET]: 'unset',
  [SpanStatusCode.OK]: 'ok',
  [SpanStatusCode.ERROR]: 'error',
}

/** A span as the operator sees it. */
export function toSpanView(span: SpanData): SpanView {
  return {
    name: span.name,
    kind: KINDS[span.kind],
    span_id: span.spanId,
    parent_span_id: span.parentSpanId ?? null,
    scope: span.scope?.name ?? 'pressroom',
    start: new Date(span.startAt).toISOString(),
    duration_ms: Math.round((span.endAt - span.startAt) * 1000) / 1000,
    status: STATUSES[span.code],
    message: span.message ?? null,
    attributes: span.attributes,
    events: span.events.map(({ name, at, attributes }) => ({ name, time: new Date(at).toISOString(), attributes })),
  }
}
