import type { Attributes } from '@opentelemetry/api'
import type { SpanData } from './span-data.ts'

/** What code put on a span, as it crosses the wire: short keys, since every one does. Times in milliseconds since 1970. */
export interface SpanNotes {
  /** Name. */
  n: string
  a?: Attributes
  /** Status: a `SpanStatusCode`, and its message. */
  c?: number
  m?: string
  v?: [name: string, at: number, attributes: Attributes][]
  l?: [traceId: string, spanId: string, attributes: Attributes][]
  /** Attributes, events and links that did not fit. */
  d?: [number, number, number]
}

/** The part of a span that notes can hold. */
export type Noted = Pick<SpanData, 'attributes' | 'events' | 'links' | 'dropped'>

/** True for what a span could be noted with: it comes from a process that runs a function's code. */
export function areNotes(value: unknown): value is SpanNotes {
  if (typeof value !== 'object' || value === null) return false
  const { n, a = {}, c = 0, m = '', v = [], l = [], d = [0, 0, 0] } = value as Partial<SpanNotes>
  const isList = (list: unknown): list is unknown[][] => Array.isArray(list) && list.every((one) => Array.isArray(one) && one.length === 3)
  return (
    typeof n === 'string' && isObject(a) && [0, 1, 2].includes(c) && typeof m === 'string' && Array.isArray(d) && d.every(Number.isInteger) && d.length === 3 &&
    isList(v) && v.every(([name, at, of]) => typeof name === 'string' && Number.isFinite(at) && isObject(of)) &&
    isList(l) && l.every(([trace, span, of]) => /^[0-9a-f]{32}$/.test(String(trace)) && /^[0-9a-f]{16}$/.test(String(span)) && isObject(of))
  )
}

/** The notes as parts of a span. */
export function readNoted({ a = {}, v = [], l = [], d: [attributes, events, links] = [0, 0, 0] }: SpanNotes): Noted {
  return {
    attributes: a,
    events: v.map(([name, at, of]) => ({ name, at, attributes: of })),
    links: l.map(([traceId, spanId, of]) => ({ traceId, spanId, attributes: of })),
    dropped: { attributes, events, links },
  }
}

/** Adds to the host's own span what the function put on it; what the host says of the invocation stands. */
export function addNotes(span: SpanData, json: string): void {
  let notes: unknown
  try {
    notes = JSON.parse(json)
  } catch {
    return
  }
  if (!areNotes(notes)) return
  const { attributes, events, links, dropped } = readNoted(notes)
  span.attributes = { ...attributes, ...span.attributes }
  span.events.unshift(...events)
  span.links.push(...links)
  span.dropped = dropped
  if (notes.n !== '') span.name = notes.n
  if (notes.c !== undefined && span.code === 0) {
    span.code = notes.c
    if (notes.m !== undefined) span.message = notes.m
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
