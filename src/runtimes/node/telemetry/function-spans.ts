import { SpanKind } from '@opentelemetry/api'
import { areNotes, readNoted, type SpanNotes } from '../../../tracing/notes.ts'
import type { SpanData } from '../../../tracing/span-data.ts'

/** A span as an instance writes it. Times in milliseconds since 1970. */
export interface WireSpan extends SpanNotes {
  /** Trace, span, and the span above it. */
  t: string
  i: string
  p?: string
  /** `tracestate`. */
  w?: string
  /** A `SpanKind`. */
  k: number
  /** Start and end. */
  s: number
  e: number
  /** Name and version of the library that made it. */
  y: [name: string, version?: string]
}

/** Reads what an instance wrote; what is no span is left out, since a function's code runs there. */
export function readFunctionSpans(json: string): SpanData[] {
  try {
    const spans = JSON.parse(json) as unknown
    return Array.isArray(spans) ? spans.filter(isWireSpan).map(toData) : []
  } catch {
    return []
  }
}

function isWireSpan(value: unknown): value is WireSpan {
  if (!areNotes(value)) return false
  const { t, i, p, w = '', k, s, e, y } = value as Partial<WireSpan>
  return (
    /^[0-9a-f]{32}$/.test(String(t)) && /^[0-9a-f]{16}$/.test(String(i)) && (p === undefined || /^[0-9a-f]{16}$/.test(String(p))) &&
    typeof w === 'string' && Number.isInteger(k) && Number.isFinite(s) && Number.isFinite(e) && Array.isArray(y) && typeof y[0] === 'string'
  )
}

function toData(span: WireSpan): SpanData {
  const [name, version] = span.y
  return {
    traceId: span.t,
    spanId: span.i,
    ...(span.p ? { parentSpanId: span.p } : {}),
    ...(span.w ? { state: span.w } : {}),
    scope: { name, ...(version ? { version } : {}) },
    name: span.n,
    kind: span.k in SpanKind ? span.k : SpanKind.INTERNAL,
    startAt: span.s,
    endAt: span.e,
    code: span.c ?? 0,
    ...(span.m === undefined ? {} : { message: span.m }),
    ...readNoted(span),
  }
}
