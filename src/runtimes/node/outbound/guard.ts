import type { Dispatcher } from 'undici'
import type { Clock } from '../../../ports/clock.ts'
import type { ResolveAll } from './connect.ts'
import { guardedDispatcher } from './dispatcher.ts'
import type { Exchange, GuardedDispatcher, OutboundContext } from './dispatcher.ts'
import { DEFAULT_LIMITS } from './limit-handler.ts'
import type { OutboundLimits } from './limit-handler.ts'
import { OutboundError } from './outbound-error.ts'
import { parseOutboundRules } from './rules.ts'
import { DEFAULT_TURNS } from './turns.ts'
import type { TurnLimits } from './turns.ts'

/** How the guard is installed. */
export interface OutboundOptions {
  /** `none` refuses everything, `allow` included. */
  mode: 'public' | 'none'
  /** `HOST[:PORT]` or `CIDR[:PORT]` reachable although not public; a host name counts as the function wrote it. */
  allow: readonly string[]
  /** `HOST:PORT` never reachable: the operator's port. Wins over `allow`; loopback and `0.0.0.0` stand for this machine. */
  deny?: readonly string[]
  limits?: Partial<OutboundLimits & TurnLimits>
  /** The invocation that calls: its signal ends its requests, its hops and its requests are counted. Undefined between invocations. */
  context?: () => OutboundContext | undefined
  /** Told of every `fetch` inside an invocation; gives its place in a trace. */
  trace?: OutboundTrace
  /** Default: the system's resolver. */
  lookup?: ResolveAll
  /** Default: the real one. */
  clock?: Pick<Clock, 'elapsed' | 'after'>
}

/** Follows one `fetch`: headers to send along, and what to call with the status, or with the error that came instead of one. */
export type OutboundTrace = (method: string, href: string, headers: Headers) => { headers: [string, string][]; ended(status?: number, error?: unknown): void } | undefined

const realClock: Pick<Clock, 'elapsed' | 'after'> = {
  elapsed: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms).unref()
    return () => clearTimeout(timer)
  },
}

// `blob:` and `data:` never leave the process.
const SCHEMES = ['http:', 'https:', 'data:', 'blob:']

const nativeFetch = globalThis.fetch
const NativeRequest = globalThis.Request

type Options = Dispatcher.DispatchOptions
type Handler = Dispatcher.DispatchHandler

interface Installed {
  options: OutboundOptions
  exchange: (follows: boolean, headers?: [string, string][]) => Exchange
  guarded: () => GuardedDispatcher
}
let installed: Installed | undefined

/**
 * Puts the guard under the global `fetch`, `WebSocket` and `EventSource` of this process; `Request`, `Response` and
 * `Headers` stay Node's own. A second call replaces the first, connections included. Proxy variables of the
 * environment have no effect. A refused `fetch` rejects with a TypeError whose cause has the code `outbound_refused`,
 * `outbound_too_large`, `outbound_timeout` or `outbound_too_many`; a body that is cut rejects its reader likewise.
 * @throws PressroomError `bad_option` for an entry of `allow` or `deny` that cannot be read
 */
export function installOutbound(options: OutboundOptions): void {
  const policy = {
    mode: options.mode,
    allow: parseOutboundRules(options.allow),
    deny: parseOutboundRules(options.deny ?? [], 'deny'),
  }
  const limits: OutboundLimits & TurnLimits = {
    totalMs: options.limits?.totalMs ?? DEFAULT_LIMITS.totalMs,
    maxBytes: options.limits?.maxBytes ?? DEFAULT_LIMITS.maxBytes,
    atOnce: options.limits?.atOnce ?? DEFAULT_TURNS.atOnce,
    perInvocation: options.limits?.perInvocation ?? DEFAULT_TURNS.perInvocation,
  }
  const clock = options.clock ?? realClock
  let dispatcher: GuardedDispatcher | undefined
  const first = installed === undefined
  installed = {
    options,
    exchange: (follows, headers) => ({
      deadline: { at: undefined, totalMs: limits.totalMs },
      context: options.context?.(),
      follows,
      headers,
    }),
    // A function that fetches nothing never pays for loading the agent.
    guarded: () => (dispatcher ??= guardedDispatcher(policy, limits, clock, options.lookup)),
  }
  if (first) takeOver()
}

/** Loads what the first `fetch` would load: for warm cells, after `installOutbound`. */
export function prepareOutbound(): void {
  installed?.guarded()
}

function takeOver(): void {
  // Undici, bundled or built in, finds its dispatcher under these keys; the first is of version 7 and older.
  const legacy = { dispatch: (o: Options, h: Handler) => current().guarded().dispatchLegacy(o, h, current().exchange(false)) }
  const modern = { dispatch: (o: Options, h: Handler) => current().guarded().dispatch(o, h, current().exchange(false)) }
  for (const [key, value] of [['undici.globalDispatcher.1', legacy], ['undici.globalDispatcher.2', modern]] as const) {
    Object.defineProperty(globalThis, Symbol.for(key), { value, writable: false, enumerable: false, configurable: false })
  }
  Object.defineProperty(globalThis, 'fetch', { value: guardedFetch, writable: true, enumerable: true, configurable: true })
}

function current(): Installed {
  if (!installed) throw new Error('the outbound guard is not installed; call installOutbound first')
  return installed
}

async function guardedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const { options, exchange, guarded } = current()
  const request = input instanceof NativeRequest && init === undefined ? input : new NativeRequest(input, withDuplex(init))
  const { protocol, href } = new URL(request.url)
  if (!SCHEMES.includes(protocol)) {
    const cause = new OutboundError('outbound_refused', `fetch: ${protocol} addresses are not fetched (${href.slice(0, 200)}); http: and https: are`)
    throw new TypeError(cause.message, { cause })
  }
  const signal = options.context?.()?.signal
  const span = protocol.startsWith('http') ? options.trace?.(request.method, href, request.headers) : undefined
  const shared: Exchange = { ...exchange(request.redirect === 'follow', span?.headers), request }
  const dispatcher = { dispatch: (o: Options, h: Handler) => guarded().dispatch(o, h, shared) }
  try {
    // A dispatcher of the caller's own is overruled here.
    const response = await nativeFetch(request, {
      dispatcher: dispatcher as unknown as NonNullable<RequestInit['dispatcher']>,
      signal: signal ? AbortSignal.any([request.signal, signal]) : request.signal,
    })
    span?.ended(response.status)
    return response
  } catch (error) {
    span?.ended(undefined, error)
    if (error instanceof TypeError && error.cause instanceof OutboundError) throw new TypeError(error.cause.message, { cause: error.cause })
    throw error
  }
}

/** Workers take a stream as a body as it is; Node asks for a word more. */
function withDuplex(init: RequestInit | undefined): RequestInit | undefined {
  return init?.body instanceof ReadableStream && init.duplex === undefined ? { ...init, duplex: 'half' } : init
}
