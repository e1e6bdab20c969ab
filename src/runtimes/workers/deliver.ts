import type { Invocation, Outcome, Settlement } from '../../contract/invocation.ts'
import { Flight } from '../../instances/flight.ts'
import { takeAnswer, type Answer } from './answer.ts'
import { workersClock as clock } from './clock.ts'
import type { ReadyFunction } from './functions.ts'

/** What the platform handed over with an invocation. */
export interface Arrival {
  target: ReadyFunction
  ctx: ExecutionContext
  /** Calls the handler with what it gets; `signal` fires when the client left or time is up. */
  call(env: Record<string, unknown>, ctx: ExecutionContext, signal: AbortSignal): unknown
  /** Method of the request; absent: no request. */
  method?: string
  /** Of the client; absent: there is none. */
  gone?: AbortSignal
  /** Set with the head of an HTTP answer. */
  answer?: Answer
}

/** Longest that `waitUntil` is waited for after the response. The platform ends all a second later, and the record has to be written. */
const AFTER_RESPONSE_MS = 29_000
/** What isolates of this Worker are told apart by; made by the first call, for no isolate has chance before. */
let isolate = ''

/** Runs one invocation in this isolate: its handler, its timeout, its `waitUntil`. */
export function deliver(invocation: Invocation, arrival: Arrival): Flight {
  const { target, ctx, method } = arrival
  const startedAt = clock.elapsed()
  const flight = new Flight(invocation, startedAt)
  const abort = new AbortController()
  const { cold } = target
  target.cold = false
  isolate ||= crypto.randomUUID()
  flight.delivery = { queueMs: 0, initMs: 0 }
  let waits = 0
  let bodyOver = false
  let stopWaiting = () => {}
  const failure: { detail?: string } = {}

  const settle = (outcome: Outcome, detail = failure.detail): void => {
    stopTimeout()
    stopWaiting()
    const settlement: Settlement = {
      outcome, delivered: true, instance: isolate, revision: versionOf(target.env), cold, queueMs: 0, initMs: 0,
      runMs: Math.max(0, clock.elapsed() - startedAt), cpuMs: 0, maxMemoryBytes: 0, ...(detail === undefined ? {} : { detail }),
    }
    flight.settle(settlement)
  }
  const over = (): void => {
    if (!bodyOver || waits > 0 || flight.settlement) return
    settle(flight.canceled ? 'canceled' : failure.detail === undefined ? 'ok' : 'exception')
  }
  const finish = (): void => {
    bodyOver = true
    if (waits > 0) stopWaiting = clock.after(AFTER_RESPONSE_MS, () => {
      console.warn(`waitUntil: ${waits} promises not settled ${AFTER_RESPONSE_MS / 1000} s after the response; given up`)
      waits = 0
      over()
    })
    over()
  }
  const fail = (error: unknown): void => {
    const { detail, stack } = toFailure(error)
    if (bodyOver || flight.settlement) return
    failure.detail = stack ?? detail
    console.error(stack ?? detail)
    arrival.answer?.cut(error)
    finish()
    flight.onHead({ type: 'failure', code: 'exception', detail, ...(stack === undefined ? {} : { stack }) })
  }
  const stopTimeout = clock.after(target.config.timeout * 1000, () => {
    if (bodyOver) return
    bodyOver = true
    const detail = `not finished after ${target.config.timeout} s; raise timeout or do less`
    const reason = new DOMException('the function took longer than its timeout', 'TimeoutError')
    settle('timeout', detail)
    flight.onHead({ type: 'failure', code: 'timeout', detail })
    abort.abort(reason)
    arrival.answer?.cut(reason)
  })
  flight.abort = () => {
    const reason = new DOMException('the client has gone', 'AbortError')
    abort.abort(reason)
    arrival.answer?.cut(reason)
  }
  arrival.gone?.addEventListener('abort', () => flight.cancel(), { once: true })

  const context = {
    waitUntil(promise: Promise<unknown>) {
      waits++
      const done = () => {
        waits--
        over()
      }
      ctx.waitUntil(Promise.resolve(promise).then(done, (error: unknown) => {
        const { detail, stack } = toFailure(error)
        console.error(`waitUntil: ${stack ?? detail}`)
        if (method === undefined) failure.detail ??= detail
        done()
      }))
    },
    passThroughOnException: () => ctx.passThroughOnException(),
    props: ctx.props,
  } as ExecutionContext

  const run = async (): Promise<void> => {
    try {
      const value = await arrival.call(target.env, context, abort.signal)
      if (flight.settlement) return
      if (method === undefined) {
        finish()
        return flight.onHead({ type: 'tick', noRetry: false })
      }
      const answer = (arrival.answer = await takeAnswer(value, method))
      // The answer tells the whole bill where there is nothing left to do.
      if (answer.whole) finish()
      flight.onHead({ type: 'response', status: answer.response.status, statusText: '', headers: [], body: null })
      if (!answer.whole) await answer.done.then(finish)
    } catch (error) {
      if (flight.canceled) finish()
      else fail(error)
    }
  }
  void run()
  return flight
}

function toFailure(error: unknown): { detail: string; stack?: string } {
  if (!(error instanceof Error)) return { detail: `thrown: ${String(error)}` }
  const { name, message, stack } = error
  return { detail: `${name}: ${message}`, ...(stack ? { stack } : {}) }
}

/** The version that the platform names, where the Worker has that binding. */
function versionOf(env: Record<string, unknown>): string {
  const version = env['CF_VERSION_METADATA'] as WorkerVersionMetadata | undefined
  return version?.id ?? 'worker'
}
