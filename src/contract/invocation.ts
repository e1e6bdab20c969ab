import type { ErrorCode } from './errors.ts'

/** What woke a function: OpenTelemetry's `faas.trigger` values. */
export type Trigger = 'http' | 'timer' | 'pubsub' | 'datasource'

/** How an invocation can end: a closed list. */
export const outcomes = [
  'ok', 'exception', 'timeout', 'cpu_exceeded', 'memory_exceeded', 'exited', 'init_failed', 'throttled', 'overloaded', 'canceled', 'skipped',
] as const

/** How an invocation ended. */
export type Outcome = (typeof outcomes)[number]

/** Header pairs, flat and in order: name, value, name, value … Names in lower case. */
export type FlatHeaders = string[]

/** A request as it arrived; the body is whole (small ones), a stream, or absent. */
export interface RequestEvent {
  type: 'fetch'
  method: string
  /** Absolute. */
  url: string
  headers: FlatHeaders
  body: Uint8Array | ReadableStream<Uint8Array> | null
}

/** One tick of a schedule. */
export interface ScheduledEvent {
  type: 'scheduled'
  cron: string
  /** Milliseconds since 1970: the tick's time, not the time it ran. */
  scheduledTime: number
}

/** How the body of a message was written, and is to be read. */
export type MessageContentType = 'json' | 'text' | 'bytes' | 'v8'

/** One message of a queue as its consumer gets it. */
export interface QueueMessage {
  id: string
  /** When it was sent, milliseconds since 1970. */
  timestamp: number
  contentType: MessageContentType
  body: Uint8Array
  /** How often it has been delivered, this time included. */
  attempts: number
}

/** A batch of messages of one queue. */
export interface QueueEvent {
  type: 'queue'
  queue: string
  messages: readonly QueueMessage[]
  /** How much the queue held when the batch was taken, its own messages included; absent: of no queue. */
  backlog?: { messages: number; bytes: number }
}

/** What a handler is called with. */
export type InvocationEvent = RequestEvent | ScheduledEvent | QueueEvent

/** The place of an invocation in a distributed trace (W3C Trace Context). */
export interface TraceContext {
  /** 32 hex digits, lower case. */
  traceId: string
  /** 16 hex digits: the invocation's own span. */
  spanId: string
  /** Bit 0: sampled. */
  flags: number
  /** `tracestate` as it came. */
  state?: string
}

/** One run of one handler, whatever woke it. */
export interface Invocation {
  id: string
  /** Name of the function. */
  function: string
  trigger: Trigger
  event: InvocationEvent
  /** The path of the route that matched, as declared: `/story/:id`. */
  route?: string
  /** Which of the function's aliases it goes to; default `live`. */
  alias?: string
  /** Whoever has the same key gets the same revision while the weights of the alias stay. */
  key?: string
  /** The revision that runs it; chosen before anything else sees the invocation. */
  revision?: string
  /** `traceparent` of who caused it, where no header of its event says so. */
  parent?: string
  /** `traceparent` of each of several that caused it together. */
  links?: readonly string[]
  /** Set by the tracer before anything else sees the invocation. */
  trace?: TraceContext
}

/** The answer of `fetch`: status, headers and a body that is whole, streamed, or absent. */
export interface ResponseHead {
  type: 'response'
  status: number
  statusText: string
  headers: FlatHeaders
  body: Uint8Array | ReadableStream<Uint8Array> | null
}

/** The answer of `scheduled`. */
export interface TickHead {
  type: 'tick'
  noRetry: boolean
}

/**
 * The answer of `queue`, in the order of its weight: what was said of single messages, then of the whole batch. What nothing
 * was said of is acknowledged when the invocation ends well, and comes again when it does not.
 */
export interface BatchHead {
  type: 'batch'
  acks: readonly string[]
  /** `delay` in seconds; absent: what the queue says. */
  retries: readonly { id: string; delay?: number }[]
  /** Said of all the others. */
  rest?: { kind: 'ack' } | { kind: 'retry'; delay?: number }
}

/** The host's own refusal or the failure of the function, before a head was produced. */
export interface FailureHead {
  type: 'failure'
  code: ErrorCode
  /** For the log and for `dev`; never sent to callers otherwise. */
  detail: string
  stack?: string
  /** Seconds, when trying again can help. */
  retryAfter?: number
}

/** The first thing an invocation gives back. */
export type Head = ResponseHead | TickHead | BatchHead | FailureHead

/** What one invocation turned out to be, known when it is settled. Times in milliseconds with fractions. */
export interface Settlement {
  outcome: Outcome
  /** Why it failed, for the log. */
  detail?: string
  /** False when it never reached an instance: then nothing is billed. */
  delivered: boolean
  instance?: string
  revision?: string
  /** First on its instance. */
  cold: boolean
  queueMs: number
  initMs: number
  runMs: number
  cpuMs: number
  /** Peak own memory of the instance, measured; 0 where it cannot be. */
  maxMemoryBytes: number
  /** Bytes of bodies in and out, its own calls included; absent when it was not told. */
  netBytes?: number
  /** What the function put on its span, for telemetry; opaque to the rest of the host. */
  notes?: string
  /** Set by the meter as soon as it hears of the settlement. */
  bill?: Bill
}

/** What was charged for an invocation: nothing unless it was delivered. */
export interface Bill {
  /** Whole milliseconds. */
  billedMs: number
  /** Marginal list price in whole picodollars (10⁻¹² US dollars). */
  costPico: number
}

/**
 * One way to run a function for every trigger. `head` answers the caller and never rejects; `settled` comes when the
 * body is fully produced and every `waitUntil` has ended, and never rejects. `settlement` is set as soon as `settled`
 * is, so that a caller holding a complete head can tell whether all is over.
 */
export interface Run {
  head: Promise<Head>
  settled: Promise<Settlement>
  settlement?: Settlement
  /** HTTP status of the head, known with it; absent for ticks, and when no head ever came. */
  status?: number
  /** Set when it was handed to an instance, before the head. Milliseconds with fractions. */
  delivery?: { queueMs: number; initMs: number; /** It waited for an instance to start, as its first or beside that. */ coldWait?: boolean }
  /** The caller has gone: the function's signal fires, what waits is given up. */
  cancel(): void
}

/** Runs an invocation. Limits, meter and tracer wrap it. */
export type Invoke = (invocation: Invocation) => Run
