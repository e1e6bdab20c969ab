import type { Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api'

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
