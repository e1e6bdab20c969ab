import { createRequire } from 'node:module'
import type { IncomingHttpHeaders } from 'node:http'
import type { Agent, Dispatcher, Dispatcher1Wrapper, buildConnector } from 'undici'
import type { Clock } from '../../../ports/clock.ts'
import { guardedConnector } from './connect.ts'
import type { ResolveAll } from './connect.ts'
import { DecodeHandler } from './decode-handler.ts'
import { refusedByConfig } from './judge.ts'
import type { OutboundPolicy } from './judge.ts'
import { LimitHandler } from './limit-handler.ts'
import type { Deadline, OutboundLimits } from './limit-handler.ts'
import { OutboundError } from './outbound-error.ts'
import { createTurns } from './turns.ts'
import type { TurnLimits } from './turns.ts'

/** The header that counts how often functions have called each other in a row. */
export const HOPS_HEADER = 'pressroom-hops'

/** Statuses with no body, whatever the headers say. */
const NO_BODY = [204, 205, 304]
const REDIRECTS = [301, 302, 303, 307, 308]

/** Milliseconds for the head of a response, and between two chunks of its body. */
const HEADERS_TIMEOUT_MS = 60_000
const BODY_TIMEOUT_MS = 60_000

/** What the guard needs to know of the invocation under way; one object from its beginning to its end. */
export interface OutboundContext {
  /** Hops behind this call. */
  hops: number
  /** Bytes of bodies moved so far, both ways. */
  bytes?: number
  signal?: AbortSignal
}

/** What all requests under one `fetch` call share. */
export interface Exchange {
  deadline: Deadline
  /** The invocation that calls; undefined between invocations, when nothing is counted. */
  context: OutboundContext | undefined
  /** True when redirects are followed, so that nobody reads their bodies. */
  follows: boolean
  /** Sent along, on every hop of a redirect. */
  headers?: [string, string][] | undefined
  /** The request that was asked for: an abort reaches its body through it alone, and nothing but this holds it while the body comes. */
  request?: Request
}

/** Sends every request of this process under one policy. */
export interface GuardedDispatcher {
  /** As undici's `dispatch`, under the exchange it belongs to. */
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, exchange: Exchange): boolean
  /** As `dispatch`, for the handler shape of undici 7 and older, which a function may carry along. */
  dispatchLegacy(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, exchange: Exchange): boolean
}

/**
 * Makes the dispatcher; sockets are opened by `guardedConnector` only, so a connection that is reused was judged when
 * it was opened. Loads undici's agent at once (20 ms, 2.5 MiB): not its front door, which costs 70 ms and 6.5 MiB.
 */
export function guardedDispatcher(
  policy: OutboundPolicy,
  limits: OutboundLimits & TurnLimits,
  clock: Pick<Clock, 'elapsed' | 'after'>,
  resolve?: ResolveAll,
): GuardedDispatcher {
  const require = createRequire(import.meta.url)
  const AgentClass = require('undici/lib/dispatcher/agent.js') as typeof Agent
  const build = require('undici/lib/core/connect.js') as typeof buildConnector
  const Legacy = require('undici/lib/dispatcher/dispatcher1-wrapper.js') as typeof Dispatcher1Wrapper

  const agent = new AgentClass({
    connect: guardedConnector(build, policy, resolve),
    allowH2: false,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: BODY_TIMEOUT_MS,
  })
  const turns = createTurns(limits)
  const dispatch: GuardedDispatcher['dispatch'] = (options, handler, exchange) => {
    const target = hostAndPort(options.origin)
    if (target instanceof OutboundError) return refuse(handler, target)
    if (policy.mode === 'none') return refuse(handler, refusedByConfig(target))
    const keep = (status: number) => options.method === 'HEAD' || NO_BODY.includes(status) || (exchange.follows && REDIRECTS.includes(status))
    const decoding = new DecodeHandler(handler, limits.maxBytes, target, keep)
    const { context, deadline } = exchange
    const count = (bytes: number) => {
      if (context) context.bytes = (context.bytes ?? 0) + bytes
    }
    const send = (answered: () => void) => {
      deadline.at ??= clock.elapsed() + limits.totalMs
      const limited = new LimitHandler(decoding, clock, deadline, limits.maxBytes, target, answered, count)
      return agent.dispatch({ ...options, headers: withOwn(options.headers, context?.hops, exchange.headers) }, limited)
    }
    if (!context) return send(() => {})
    let more = true
    const refusal = turns.take(context, (giveBack) => {
      // The invocation ended while this waited: nothing goes out any more.
      if (!context.signal?.aborted) return void (more = send(giveBack))
      giveBack()
      refuse(handler, context.signal.reason as Error)
    })
    return refusal ? refuse(handler, refusal) : more
  }
  return {
    dispatch,
    dispatchLegacy: (options, handler, exchange) => {
      const inner = { dispatch: (o: Dispatcher.DispatchOptions, h: Dispatcher.DispatchHandler) => dispatch(o, h, exchange) }
      return new Legacy(inner as unknown as Dispatcher).dispatch(options, handler)
    },
  }
}

/** Undici itself passes null for the controller while there is no connection. */
function refuse(handler: Dispatcher.DispatchHandler, error: Error): boolean {
  handler.onResponseError?.(null as unknown as Dispatcher.DispatchController, error)
  return false
}

function hostAndPort(origin: Dispatcher.DispatchOptions['origin']): string | OutboundError {
  const url = origin instanceof URL ? origin : URL.parse(String(origin ?? ''))
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return new OutboundError('outbound_refused', `fetch: "${String(origin)}" is not an http or https origin`)
  }
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}

type Headers = NonNullable<Dispatcher.DispatchOptions['headers']>

/** A function must not set the count itself: it would hide a loop. `fetch` gives a record, other callers give lists. */
function withOwn(headers: Headers | null | undefined, hops: number | undefined, more: [string, string][] = []): Headers {
  const own: [string, string][] = hops === undefined ? more : [...more, [HOPS_HEADER, String(hops + 1)]]
  if (Array.isArray(headers)) {
    const kept = headers.filter((_, at) => String(headers[at - (at % 2)]).toLowerCase() !== HOPS_HEADER)
    return [...kept, ...own.flat()]
  }
  const pairs = !headers ? [] : Symbol.iterator in headers ? [...(headers as Iterable<[string, string]>)] : Object.entries(headers as IncomingHttpHeaders)
  const kept = pairs.filter(([name]) => name.toLowerCase() !== HOPS_HEADER)
  return Object.fromEntries([...kept, ...own])
}
