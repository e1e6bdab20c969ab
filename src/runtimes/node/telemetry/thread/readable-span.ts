import { createTraceState, TraceFlags, type Attributes, type HrTime, type SpanContext } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { SpanData } from '../../../../tracing/span-data.ts'
import type { SpanLimits } from '../settings.ts'

/** What every span of this host has in common. */
export interface SpanCommon {
  resource: Resource
  /** Of the host's own spans. */
  scope: InstrumentationScope
  limits: SpanLimits
}

/** Turns a finished span into what OpenTelemetry's exporters read, cut to the limits. */
export function toReadableSpan(span: SpanData, { resource, scope, limits }: SpanCommon): ReadableSpan {
  const { traceId, spanId, parentSpanId, state } = span
  const place = (id: string): SpanContext => ({ traceId, spanId: id, traceFlags: TraceFlags.SAMPLED, ...(state ? { traceState: createTraceState(state) } : {}) })
  const context = place(spanId)
  const [attributes, cut] = limited(span.attributes, limits)
  const events = span.events.slice(0, limits.events)
  const links = span.links.slice(0, limits.links)
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
    attributes,
    events: events.map(({ name, at, attributes: of }) => {
      const [kept, lost] = limited(of, limits)
      return { name, time: hrTime(at), attributes: kept, droppedAttributesCount: lost }
    }),
    links: links.map((link) => ({ context: { traceId: link.traceId, spanId: link.spanId, traceFlags: TraceFlags.SAMPLED }, attributes: limited(link.attributes, limits)[0] })),
    resource,
    instrumentationScope: span.scope ?? scope,
    droppedAttributesCount: span.dropped.attributes + cut,
    droppedEventsCount: span.dropped.events + span.events.length - events.length,
    droppedLinksCount: span.dropped.links + span.links.length - links.length,
  }
}

/** Seconds and nanoseconds of milliseconds with fractions. */
export function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  const nanos = Math.round((ms - seconds * 1000) * 1e6)
  return nanos === 1e9 ? [seconds + 1, 0] : [seconds, nanos]
}

function limited(attributes: Attributes, { attributes: most, valueLength }: SpanLimits): [Attributes, number] {
  const entries = Object.entries(attributes)
  if (entries.length <= most && valueLength === Infinity) return [attributes, 0]
  const cut = (value: Attributes[string]) =>
    typeof value === 'string' ? value.slice(0, valueLength) : Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? one.slice(0, valueLength) : one)) : value
  return [Object.fromEntries(entries.slice(0, most).map(([key, value]) => [key, cut(value)])) as Attributes, Math.max(0, entries.length - most)]
}
