import type { OutboundTrace } from '../../outbound/guard.ts'
import { withoutSecrets } from '../../../../tracing/attributes.ts'
import { formatTraceparent } from '../../../../tracing/trace-context.ts'
import { names } from '../../../../tracing/names.ts'
import { current } from '../current.ts'
import { activeSpan } from './api.ts'
import type { Recorder } from './recorder.ts'

const CLIENT = 2
const ERROR = 2
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'QUERY'])

/** Gives each outgoing `fetch` a CLIENT span after the conventions for HTTP clients, and its place in the trace as headers. */
export function createOutgoing(recorder: Recorder): OutboundTrace {
  return (method, href, sent) => {
    const at = current.getStore()
    const parent = activeSpan(recorder)?.spanContext()
    if (!at || !parent) return undefined
    const known = METHODS.has(method)
    const span = recorder.start(at, { name: known ? method : 'HTTP', kind: CLIENT, scope: ['pressroom'] }, parent)
    if (span.isRecording()) {
      const url = new URL(href)
      span.setAttributes({
        [names.httpMethod]: known ? method : '_OTHER',
        [names.urlFull]: shown(url),
        [names.serverAddress]: url.hostname,
        [names.serverPort]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      })
      if (!known) span.setAttribute(names.httpMethodOriginal, method)
    }
    const context = span.spanContext()
    const headers: [string, string][] = []
    // A function that carries the trace itself is not overruled.
    if (!sent.has('traceparent')) {
      headers.push(['traceparent', formatTraceparent({ ...context, flags: context.traceFlags })])
      const state = context.traceState?.serialize()
      if (state && !sent.has('tracestate')) headers.push(['tracestate', state])
    }
    return {
      headers,
      ended(status, error) {
        if (status !== undefined) span.setAttribute(names.httpStatus, status)
        if (status === undefined || status >= 400) {
          span.setAttribute(names.errorType, status === undefined ? typeOf(error) : String(status))
          span.setStatus({ code: ERROR, ...(error instanceof Error ? { message: error.message } : {}) })
        }
        span.end()
      },
    }
  }
}

/** The conventions ask for a URL without user name, password, and what opens something in its query. */
function shown(url: URL): string {
  const told = new URL(url)
  if (told.username) told.username = 'REDACTED'
  if (told.password) told.password = 'REDACTED'
  const query = withoutSecrets(url.search.slice(1))
  // Set only where it differs: what is set is written anew.
  if (query !== url.search.slice(1)) told.search = query
  return told.href
}

function typeOf(error: unknown): string {
  const { cause } = (error ?? {}) as { cause?: { code?: unknown } }
  if (typeof cause?.code === 'string') return cause.code
  return error instanceof Error ? error.name : '_OTHER'
}
