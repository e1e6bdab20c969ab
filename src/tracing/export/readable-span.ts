import { createTraceState, TraceFlags, type HrTime, type SpanContext } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { SpanData } from '../span-data.ts'

/** Whose spans: every request says so once. */
export interface SpanOrigin {
  resource: Resource
  /** Of spans that name none. */
  scope: InstrumentationScope
}

/** Turns a finished span into what OpenTelemetry's own serializers read. */
export function toReadableSpan(span: SpanData, { resource, scope }: SpanOrigin): ReadableSpan {
  const { traceId, spanId, parentSpanId, state, dropped } = span
  const place = (id: string): SpanContext => ({ traceId, spanId: id, traceFlags: TraceFlags.SAMPLED, ...(state ? { traceState: createTraceState(state) } : {}) })
  const context = place(spanId)
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => context,
    ...(parentSpanId ? { parentSpanContext: place(parentSpanId) } : {}),
    startTime: hrTime(span.startAt),
    endTime: hrTime(span.endAt),
    duration: hrTime(Math.max(0, span.endAt - span.startAt)),
    ended: true,
    status: { code: span.code, ...(span.message === undefined ? {} : { message: span.message }) },
    attributes: span.attributes,
    events: span.events.map(({ name, at, attributes }) => ({ name, time: hrTime(at), attributes })),
    links: span.links.map((link) => ({ context: { traceId: link.traceId, spanId: link.spanId, traceFlags: TraceFlags.SAMPLED }, attributes: link.attributes })),
    resource,
    instrumentationScope: span.scope ?? scope,
    droppedAttributesCount: dropped.attributes,
    droppedEventsCount: dropped.events,
    droppedLinksCount: dropped.links,
  }
}

/** Seconds and nanoseconds of milliseconds with fractions. */
export function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  const nanos = Math.round((ms - seconds * 1000) * 1e6)
  return nanos === 1e9 ? [seconds + 1, 0] : [seconds, nanos]
}
