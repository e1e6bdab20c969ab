import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { SpanData } from '../../../tracing/span-data.ts'

/** A span as an instance writes it: short keys, since every one crosses the wire. Times in milliseconds since 1970. */
export interface WireSpan {
  t: string
  i: string
  p?: string
  w?: string
  n: string
  k: number
  s: number
  e: number
  a?: Attributes
  c?: number
  m?: string
  v?: [name: string, at: number, attributes: Attributes][]
  l?: [traceId: string, spanId: string, attributes: Attributes][]
  /** Name and version of the library that made it. */
  y: [name: string, version?: string]
  /** Attributes, events, links that did not fit. */
  d?: [number, number, number]
}

/**
 * Reads what an instance wrote; what is no span is left out, since the code there is a function's.
 * `belongs` names the function it came from, for the reader of a trace.
 */
export function readFunctionSpans(json: string): SpanData[] {
  try {
    const spans = JSON.parse(json) as unknown
    return Array.isArray(spans) ? spans.filter(isWireSpan).map(toData) : []
  } catch {
    return []
  }
}

function isWireSpan(value: unknown): value is WireSpan {
  if (typeof value !== 'object' || value === null) return false
  const { t, i, n, k, s, e, y } = value as Partial<WireSpan>
  return /^[0-9a-f]{32}$/.test(String(t)) && /^[0-9a-f]{16}$/.test(String(i)) && typeof n === 'string' && Number.isInteger(k) && Number.isFinite(s) && Number.isFinite(e) && Array.isArray(y)
}

function toData(span: WireSpan): SpanData {
  const [attributes, events, links] = span.d ?? [0, 0, 0]
  return {
    traceId: span.t,
    spanId: span.i,
    ...(span.p ? { parentSpanId: span.p } : {}),
    ...(span.w ? { state: span.w } : {}),
    scope: { name: span.y[0], ...(span.y[1] ? { version: span.y[1] } : {}) },
    name: span.n,
    kind: span.k in SpanKind ? span.k : SpanKind.INTERNAL,
    startAt: span.s,
    endAt: span.e,
    attributes: span.a ?? {},
    code: span.c ?? 0,
    ...(span.m === undefined ? {} : { message: span.m }),
    events: (span.v ?? []).map(([name, at, of]) => ({ name, at, attributes: of })),
    links: (span.l ?? []).map(([traceId, spanId, of]) => ({ traceId, spanId, attributes: of })),
    dropped: { attributes, events, links },
  }
}
