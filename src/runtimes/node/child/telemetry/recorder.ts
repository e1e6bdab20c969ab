import type { SpanContext, TraceState } from '@opentelemetry/api'
import { parseTraceparent } from '../../../../tracing/trace-context.ts'
import type { WireSpan } from '../../telemetry/function-spans.ts'
import { newSpanId } from '../../telemetry/ids.ts'
import type { Current } from '../current.ts'
import { FunctionSpan, type SpanStart } from './function-span.ts'

/** Spans of one invocation that travel to the host; the rest is counted. */
const MOST_SPANS = 1000
/** And their characters. */
const MOST_CHARACTERS = 1024 * 1024
/** Spans in one frame. */
const FRAME_SPANS = 64

interface Traced {
  context: SpanContext
  own: FunctionSpan
  spans: number
  characters: number
}

/** The spans that the function in this instance makes. */
export interface Recorder {
  /** The span of the invocation itself: what is put on it leaves with the host's. */
  own(current: Current): FunctionSpan | undefined
  /** Begins a span of this invocation. */
  start(current: Current, start: Omit<SpanStart, 'context'>, parent: SpanContext): FunctionSpan
  /** What the invocation put on its own span, as JSON; undefined when that is nothing. */
  close(current: Current): string | undefined
}

/** Makes the recorder. `send` gets a list of spans as JSON and how many were dropped since the last one. */
export function createRecorder(send: (json: string, dropped: number) => void): Recorder {
  const traced = new WeakMap<Current, Traced>()
  let waiting: string[] = []
  let dropped = 0
  let scheduled = false

  const flush = () => {
    scheduled = false
    if (waiting.length > 0 || dropped > 0) send(`[${waiting.join(',')}]`, dropped)
    waiting = []
    dropped = 0
  }
  const keep = (at: Traced, span: WireSpan) => {
    const json = JSON.stringify(span)
    if (++at.spans > MOST_SPANS || (at.characters += json.length) > MOST_CHARACTERS) dropped++
    else waiting.push(json)
    if (waiting.length >= FRAME_SPANS) return flush()
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }
  /** The place of an invocation in its trace, read when somebody asks. */
  const find = (current: Current): Traced | undefined => {
    const known = traced.get(current)
    if (known || current.trace === undefined) return known
    const place = parseTraceparent(current.trace)
    if (!place) return undefined
    const context: SpanContext = { traceId: place.traceId, spanId: place.spanId, traceFlags: place.flags, isRemote: false }
    if (current.traceState !== undefined) context.traceState = frozenState(current.traceState)
    const made: Traced = { context, own: new FunctionSpan({ context, name: '', kind: 1, scope: [''] }, () => {}), spans: 0, characters: 0 }
    // Nothing is kept of what nobody will read.
    if (place.flags === 0) made.own.take()
    traced.set(current, made)
    return made
  }

  return {
    own: (current) => find(current)?.own,
    start(current, start, parent) {
      const at = find(current)
      const sampled = at !== undefined && (parent.traceFlags & 1) === 1
      const context: SpanContext = { traceId: parent.traceId, spanId: newSpanId(), traceFlags: parent.traceFlags }
      if (parent.traceState) context.traceState = parent.traceState
      const span = new FunctionSpan({ ...start, context, parentSpanId: parent.spanId }, (done) => {
        if (at) keep(at, done)
      })
      if (!sampled) span.take()
      return span
    },
    close(current) {
      const at = traced.get(current)
      if (!at || !at.own.touched || !at.own.isRecording()) return undefined
      const json = JSON.stringify(at.own.take())
      if (json.length <= MOST_CHARACTERS) return json
      dropped++
      return undefined
    },
  }
}

/** `tracestate` as it came: handed on, never changed. */
function frozenState(text: string): TraceState {
  const entries = text.split(',').map((entry) => entry.trim().split('=', 2) as [string, string | undefined])
  const state: TraceState = { serialize: () => text, get: (key) => entries.find(([name]) => name === key)?.[1], set: () => state, unset: () => state }
  return state
}
