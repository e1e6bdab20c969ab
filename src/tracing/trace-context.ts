import type { FlatHeaders, Invocation, TraceContext } from '../contract/invocation.ts'

/** Longest `tracestate` carried on; the specification asks for at least as much. */
const LONGEST_STATE = 512
const ZERO_TRACE = '0'.repeat(32)
const ZERO_SPAN = '0'.repeat(16)
const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * Reads `traceparent` by the rules of W3C Trace Context: a version this code does not know is read by what all versions
 * begin with; anything invalid is as good as none.
 */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId, spanId, flags, rest] = SHAPE.exec(text) ?? []
  if (version === undefined || version === 'ff' || traceId === ZERO_TRACE || spanId === ZERO_SPAN) return undefined
  if (version === '00' && rest !== undefined) return undefined
  return { traceId: traceId!, spanId: spanId!, flags: Number.parseInt(flags!, 16) & 1 }
}

/** Writes `traceparent`. */
export function formatTraceparent({ traceId, spanId, flags }: Pick<TraceContext, 'traceId' | 'spanId' | 'flags'>): string {
  return `00-${traceId}-${spanId}-${flags & 1 ? '01' : '00'}`
}

/** The place in a trace of who caused an invocation: as its headers say, else as it was handed on with it; undefined when neither does. */
export function callerOf({ event, parent }: Pick<Invocation, 'event' | 'parent'>): TraceContext | undefined {
  const named = event.type === 'fetch' ? traceOf(event.headers) : undefined
  return named ?? (parent === undefined ? undefined : parseTraceparent(parent))
}

/** The caller's place in its trace; undefined when none came, more than one did, or it is invalid. Names in lower case. */
export function traceOf(headers: FlatHeaders): TraceContext | undefined {
  let parent: string | undefined
  let state: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!
    if (name.length === 11 && name === 'traceparent') {
      if (parent !== undefined) return undefined
      parent = headers[i + 1]!
    } else if (name.length === 10 && name === 'tracestate') {
      const value = headers[i + 1]!
      state = state === undefined ? value : `${state},${value}`
    }
  }
  const context = parent === undefined ? undefined : parseTraceparent(parent.trim())
  if (context && state && state.length <= LONGEST_STATE) context.state = state
  return context
}
