import type { Context, Span, SpanContext, SpanOptions, TextMapPropagator, Tracer, TracerProvider } from '@opentelemetry/api'
import { formatTraceparent, traceOf } from '../../../../tracing/trace-context.ts'
import { current } from '../current.ts'
import { SPAN_KEY, Values, activeContext, createContextManager, spanOf } from './context.ts'
import { FunctionSpan } from './function-span.ts'
import type { Recorder } from './recorder.ts'

/** Where every copy of OpenTelemetry's API of major version 1 looks for what was registered. */
const KEY = Symbol.for('opentelemetry.js.api.1')
/** A copy refuses what is older than itself; what is asked of a tracer has not changed since 1.0. */
const VERSION = '1.99.0'
const NOWHERE: SpanContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }

type StartActive = [fn: (span: Span) => unknown] | [options: SpanOptions, fn: (span: Span) => unknown] | [options: SpanOptions, context: Context, fn: (span: Span) => unknown]

/**
 * Lets a function use OpenTelemetry's API with no set-up: what it looks for is made when it first looks, so that a function
 * that never does pays nothing.
 */
export function installTelemetryApi(recorder: Recorder): void {
  Object.defineProperty(globalThis, KEY, {
    configurable: true,
    get: () => fix(createApi(recorder)),
    set(value: unknown) {
      fix(value)
    },
  })
}

function fix(value: unknown): unknown {
  Object.defineProperty(globalThis, KEY, { value, writable: true, configurable: true })
  return value
}

function createApi(recorder: Recorder) {
  const nothing = new Values()
  const ofInvocation = (): Context => {
    const at = current.getStore()
    const own = at && recorder.own(at)
    return own ? new Values([[SPAN_KEY, own]]) : nothing
  }
  const manager = createContextManager(ofInvocation)
  return { version: VERSION, trace: createProvider(recorder, manager.active), context: manager, propagation: w3c }

  function createProvider(spans: Recorder, active: () => Context): TracerProvider {
    return {
      getTracer(name, version): Tracer {
        const scope: [string, string?] = version === undefined ? [String(name)] : [String(name), String(version)]
        const startSpan = (spanName: string, options: SpanOptions = {}, context: Context = active()): Span => {
          const at = current.getStore()
          const own = at && spans.own(at)
          // A root of its own would be lost among the others: it begins under the invocation.
          const parent = (options.root ? undefined : spanOf(context)) ?? own
          if (!at || !own) return silent(spanName)
          const { kind = 0, startTime, attributes, links } = options
          return spans.start(at, { name: spanName, kind, startTime, attributes, links, scope }, (parent ?? own).spanContext())
        }
        return {
          startSpan,
          startActiveSpan(spanName: string, ...rest: unknown[]) {
            const given = rest as StartActive
            const fn = given.at(-1) as (span: Span) => unknown
            const options = given.length > 1 ? (given[0] as SpanOptions) : {}
            const context = given.length > 2 ? (given[1] as Context) : active()
            const span = startSpan(spanName, options, context)
            return manager.with(context.setValue(SPAN_KEY, span), fn, undefined, span) as never
          },
        }
      },
    }
  }
}

/** Outside of an invocation there is nothing that a span could belong to. */
function silent(name: string): Span {
  const span = new FunctionSpan({ context: NOWHERE, name, kind: 0, scope: [''] }, () => {})
  span.take()
  return span
}

/** W3C Trace Context, for functions that carry it themselves. */
const w3c: TextMapPropagator = {
  fields: () => ['traceparent', 'tracestate'],
  inject(context, carrier, setter) {
    const place = spanOf(context)?.spanContext()
    if (!place || place.traceId === NOWHERE.traceId) return
    setter.set(carrier, 'traceparent', formatTraceparent({ ...place, flags: place.traceFlags }))
    const state = place.traceState?.serialize()
    if (state) setter.set(carrier, 'tracestate', state)
  },
  extract(context, carrier, getter) {
    const first = (name: string) => [getter.get(carrier, name) ?? []].flat()[0]
    const parent = first('traceparent')
    const place = parent === undefined ? undefined : traceOf(['traceparent', parent])
    if (!place) return context
    const span = new FunctionSpan({ context: { traceId: place.traceId, spanId: place.spanId, traceFlags: place.flags, isRemote: true }, name: '', kind: 0, scope: [''] }, () => {})
    span.take()
    return context.setValue(SPAN_KEY, span)
  },
}

/** The span that the running code works under: one it made active itself, else its invocation's. */
export function activeSpan(recorder: Recorder): Span | undefined {
  const at = current.getStore()
  return spanOf(activeContext()) ?? (at && recorder.own(at))
}
