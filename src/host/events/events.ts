import { PressroomError } from '../../contract/errors.ts'
import type { ResolvedConfig } from '../../contract/function-config.ts'
import type { HandlerName } from '../../contract/function.ts'
import type { Invocation, InvocationEvent, Invoke } from '../../contract/invocation.ts'
import { startAsync, type AsyncTarget, type RunningAsync } from '../../ingress/async/consume.ts'
import { toDestination } from '../../ingress/async/destination.ts'
import { functionOf } from '../../ingress/async/event.ts'
import { readAnswer } from '../../ingress/invoke/answer.ts'
import { readEvent } from '../../ingress/invoke/read-event.ts'
import type { Clock } from '../../ports/clock.ts'
import type { FailureQuery } from '../../ports/failures.ts'
import type { Log } from '../../ports/log.ts'
import type { Store } from '../../ports/store.ts'
import { formatTraceparent } from '../../tracing/trace-context.ts'
import { createLetters, type Letters } from './letters.ts'
import { MOST_ANSWER_BYTES, toFailureView, toInvokeView, type FailureView, type InvokeView } from './views.ts'

/** Most messages that wait in a queue when the host itself sends to it. */
const MOST_MESSAGES = 100_000

/** Which state of a function is meant; neither: what serves its triggers. */
export interface Which {
  alias?: string | undefined
  revision?: string | undefined
}

/** How an event is handed in. */
export interface HandIn extends Which {
  /** `traceparent` of who asks. */
  trace?: string | undefined
  /** Fires when nobody waits any more. */
  signal?: AbortSignal | undefined
}

/** What the operator can do with events. */
export interface Events {
  /**
   * Runs a function once with an event of any trigger and answers when it is settled.
   * @throws PressroomError `bad_request` or `not_found` when it cannot be run; what happens while it runs is in the answer
   */
  invoke(name: string, event: unknown, how?: HandIn): Promise<InvokeView>
  /**
   * Keeps an event for a function; resolves with the id of its first invocation when it is durable.
   * @throws PressroomError as `invoke`, `queue_full`, or `overloaded` while the host leaves
   */
  invokeAsync(name: string, event: unknown, how?: Omit<HandIn, 'signal' | 'revision'>): Promise<{ invocation: string }>
  /** Failed invocations, newest first. */
  failures(query: FailureQuery): Promise<{ failures: FailureView[]; next: number | null }>
  /** @throws PressroomError `not_found` */
  failure(invocation: string): Promise<FailureView>
  /**
   * Runs a failed invocation again, as what serves now unless a state is named. `headers` take the place of those it had.
   * @throws PressroomError `not_found`, or `bad_request` when its body was not kept
   */
  replay(invocation: string, how?: HandIn & { headers?: unknown }): Promise<InvokeView & { replay_of: string; redacted: string[] }>
  readonly letters: Letters
}

/** Events with their life. */
export interface RunningEvents extends Events {
  /** Begins to run what waits. */
  start(): void
  /** Begins no more; resolves when what is under way is settled and kept. */
  stop(): Promise<void>
}

/** What events need of their host. */
export interface EventsParts {
  invoke: Invoke
  store: Pick<Store, 'queues' | 'failures'>
  clock: Clock
  log: Log
  /** Name of this host. */
  host: string
  makeId(): string
  accepting(): boolean
  /** @throws PressroomError `not_found` when there is no such function, or it has no such alias or revision */
  find(name: string, which: Which): { handlers: readonly HandlerName[]; config: ResolvedConfig }
  /** Messages came into this queue: whoever consumes it should look. */
  wakeQueue(queue: string): void
}

const handlerOf = { fetch: 'fetch', scheduled: 'scheduled', queue: 'queue' } as const satisfies Record<InvocationEvent['type'], HandlerName>
const triggerOf = { fetch: 'http', scheduled: 'timer', queue: 'pubsub' } as const

/** Takes in events that no trigger brought, runs those that wait, and gives back what failed. */
export function createEvents(parts: EventsParts): RunningEvents {
  const { clock, store, makeId, invoke } = parts
  let running: RunningAsync | undefined

  const read = (name: string, raw: unknown, which: Which): InvocationEvent => {
    const { handlers } = parts.find(name, which)
    const event = readEvent(raw, { function: name, now: clock.now(), makeId })
    const needed = handlerOf[event.type]
    if (!handlers.includes(needed)) throw new PressroomError('bad_request', `the function "${name}" has no ${needed} handler; it has ${handlers.join(', ')}`)
    return event
  }
  const run = async (name: string, event: InvocationEvent, { alias, revision, trace, signal }: HandIn): Promise<InvokeView> => {
    if (!parts.accepting()) throw new PressroomError('overloaded', 'the host is shutting down')
    const invocation: Invocation = { id: makeId(), function: name, trigger: triggerOf[event.type], event }
    if (alias !== undefined) invocation.alias = alias
    if (revision !== undefined) invocation.revision = revision
    if (trace !== undefined) invocation.parent = trace
    const flight = invoke(invocation)
    const leave = () => flight.cancel()
    signal?.addEventListener('abort', leave)
    const head = await flight.head
    const answer = await readAnswer(head, MOST_ANSWER_BYTES)
    const settlement = await flight.settled
    signal?.removeEventListener('abort', leave)
    return toInvokeView(invocation.id, head, answer, settlement)
  }
  const kept = async (id: string) => {
    const failure = await store.failures.get(id)
    if (failure) return failure
    throw new PressroomError('not_found', `no failed invocation "${id}" is kept: the last 1,000 of seven days are, at most 64 MiB; GET /failures lists them`)
  }
  const target = (name: string): AsyncTarget | undefined => {
    const { handlers, config } = servedNow(name) ?? {}
    if (!handlers || !config) return undefined
    const { onSuccess, onFailure } = config
    return {
      handlers,
      retries: config.retries,
      maxAgeMs: config.maxEventAge * 1000,
      timeoutMs: config.timeout * 1000,
      places: config.concurrency * config.maxInstances,
      ...(onSuccess === undefined ? {} : { onSuccess: toDestination(onSuccess) }),
      ...(onFailure === undefined ? {} : { onFailure: toDestination(onFailure) }),
    }
  }
  const servedNow = (name: string) => {
    try {
      return parts.find(name, {})
    } catch {
      return undefined
    }
  }
  const letters = createLetters({
    queues: store.queues,
    now: () => clock.now(),
    wake(queue) {
      const name = functionOf(queue)
      if (name === undefined) parts.wakeQueue(queue)
      else running?.wake(name)
    },
  })

  return {
    letters,
    invoke: async (name, raw, how = {}) => run(name, read(name, raw, how), how),
    async invokeAsync(name, raw, { alias, trace } = {}) {
      const event = read(name, raw, { alias })
      if (!running || !parts.accepting()) throw new PressroomError('overloaded', 'the host is starting or shutting down')
      return { invocation: await running.enqueue(name, event, { alias, trace }) }
    },
    async failures(query) {
      const { failures, next } = await store.failures.list(query)
      return { failures: failures.map(toFailureView), next }
    },
    failure: async (id) => toFailureView(await kept(id)),
    async replay(id, { headers, ...how } = {}) {
      const failure = await kept(id)
      if (!failure.whole) throw new PressroomError('bad_request', `the event of "${id}" was not kept whole: its body was larger than 256 KiB, or did not arrive to its end`)
      const { event, given } = withHeaders(JSON.parse(failure.event), headers)
      const view = await run(failure.function, read(failure.function, event, how), how)
      return { ...view, replay_of: id, redacted: failure.redacted.filter((name) => !given.has(name)) }
    },
    start() {
      running = startAsync({
        queues: store.queues,
        clock,
        invoke,
        host: parts.host,
        makeId,
        target,
        async sendToQueue(queue, { id, body, trace }) {
          const now = clock.now()
          await store.queues.send(queue, [{ id, contentType: 'json', body, dueAt: now, ...(trace === undefined ? {} : { trace }) }], { maxMessages: MOST_MESSAGES, now })
          parts.wakeQueue(queue)
        },
        formatTrace: formatTraceparent,
        log: (level, message, fields) => parts.log[level](message, fields),
      })
    },
    async stop() {
      await running?.stop()
    },
  }
}

/** Puts headers in the place of those of a kept request; answers which. */
function withHeaders(event: unknown, headers: unknown): { event: unknown; given: Set<string> } {
  if (headers === undefined) return { event, given: new Set() }
  const { request } = event as { request?: { headers: [string, string][] } }
  if (!request) throw new PressroomError('bad_request', 'headers: expected none, since the kept event is no request')
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) throw new PressroomError('bad_request', 'headers: expected an object')
  const added = Object.entries(headers).flatMap(([name, value]: [string, unknown]) => [value].flat().map((one) => [name, one]))
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  return { event: { request: { ...request, headers: [...request.headers.filter(([name]) => !given.has(name)), ...added] } }, given }
}
