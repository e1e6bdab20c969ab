import type { Head, Invocation, InvocationEvent, Invoke, Settlement, TraceContext } from '../../contract/invocation.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LogFields } from '../../ports/log.ts'
import type { LeasedMessage, Queues, Verdict } from '../../ports/queues.ts'
import { RECORD_BYTES, recordEvent, toRecord, type Destination } from './destination.ts'
import { functionOf, queueOf, readAsyncEvent, toAsyncEvent, toMessage, type AsyncEvent } from './event.ts'
import { endingOf, judge, type GivenUp, type Patience } from './policy.ts'
import { readAnswer, type ReadBody } from '../invoke/answer.ts'

/** Most events of one function that wait; more are refused. */
const MOST_EVENTS = 100_000
/** Most events of one function under way at once. */
const MOST_AT_ONCE = 32
/** How much longer than its timeout a run may take: start, load, wait for a place, `waitUntil`, and room to spare. */
const BEYOND_TIMEOUT_MS = 300_000
/** Sleeping in pieces notices a wall clock that was set. */
const LONGEST_SLEEP_MS = 60_000
/** When the store does not answer: how long to wait before the next try. */
const STORE_RETRY_MS = 1_000
/** Tries at handing a record to its destination, with pauses between. */
const DELIVERY_RETRIES_MS = [1_000, 5_000]
/** For the events of a function that is not served now: perhaps it comes back. */
const UNSERVED: Patience = { retries: 2, maxAgeMs: 6 * 3_600_000 }
/** Longest chain of functions that hand on their events: as for calls over HTTP. */
const MOST_HOPS = 16

/** What is to be known of a function to run its events. */
export interface AsyncTarget extends Patience {
  handlers: readonly string[]
  timeoutMs: number
  /** Invocations at once, over all its instances. */
  places: number
  onSuccess?: Destination
  onFailure?: Destination
}

/** What the consumer of events needs. */
export interface AsyncOptions {
  queues: Queues
  clock: Clock
  invoke: Invoke
  /** Name of this host, kept with its leases. */
  host: string
  makeId(): string
  /** undefined: no such function is served now. */
  target(name: string): AsyncTarget | undefined
  /** Sends a record to a queue that functions consume; rejects when it is full. */
  sendToQueue(queue: string, message: { id: string; body: Uint8Array; trace?: string }): Promise<void>
  /** Writes a trace context as `traceparent`. */
  formatTrace(context: TraceContext): string
  log(level: 'warn' | 'error', message: string, fields: LogFields): void
}

/** How an event is handed in. */
export interface EnqueueOptions {
  /** Which alias of the function gets it. */
  alias?: string | undefined
  /** `traceparent` of who called. */
  trace?: string | undefined
}

/** Events under way. */
export interface RunningAsync {
  /**
   * Keeps an event of a function; resolves with the id of its first invocation when it is durable.
   * @throws PressroomError `queue_full`
   */
  enqueue(name: string, event: InvocationEvent, options?: EnqueueOptions): Promise<string>
  /** Looks for events of this function now: some were put back. */
  wake(name: string): void
  /** Begins no more; resolves when those under way have settled and that is kept. */
  stop(): Promise<void>
}

/** Where the consumer is with one function. */
interface Line {
  name: string
  running: Set<string>
  looking: boolean
  again: boolean
  cancelSleep(): void
}

/** What is known of an event when it is over, beside itself. */
interface End {
  condition: GivenUp | 'Success'
  error?: string
  head?: Head
  answer?: ReadBody
  settlement?: Settlement
  trace?: string
}

/**
 * Runs the events that wait in the queues of functions: each at least once, again as `judge` says, and hands the record of what is over
 * to its destination before it lets go of the event. A host that dies leaves every event where it was.
 */
export function startAsync(options: AsyncOptions): RunningAsync {
  const { queues, clock, invoke, host, log } = options
  const lines = new Map<string, Line>()
  const underWay = new Set<Promise<void>>()
  const stopping = new AbortController()
  const stopped = () => stopping.signal.aborted

  const lineOf = (name: string): Line => {
    let line = lines.get(name)
    if (!line) lines.set(name, (line = { name, running: new Set(), looking: false, again: false, cancelSleep() {} }))
    return line
  }
  const track = (work: Promise<void>): void => {
    const done: Promise<void> = work.catch((error: unknown) => log('error', 'an event could not be handled', { error: String(error) })).finally(() => underWay.delete(done))
    underWay.add(done)
  }
  const wake = (name: string): void => look(lineOf(name))

  /** Takes as many events as there is room for, then sleeps until the next is due. */
  function look(line: Line): void {
    if (stopped()) return
    if (line.looking) return void (line.again = true)
    line.looking = true
    line.cancelSleep()
    const sleep = (ms: number) => (line.cancelSleep = clock.after(Math.min(Math.max(ms, 0), LONGEST_SLEEP_MS), () => look(line)))
    track(take(line).then((wait) => {
      line.looking = false
      if (line.again) {
        line.again = false
        look(line)
      } else if (wait !== undefined && !stopped()) sleep(wait)
      else if (wait === undefined && line.running.size === 0) lines.delete(line.name)
    }, (error: unknown) => {
      line.looking = line.again = false
      log('error', 'events cannot be read', { function: line.name, error: String(error), retry_ms: STORE_RETRY_MS })
      if (!stopped()) sleep(STORE_RETRY_MS)
    }))
  }
  /** Answers how long to wait for the next event; undefined when none waits, or the end of one under way looks again. */
  async function take(line: Line): Promise<number | undefined> {
    const target = options.target(line.name)
    const room = Math.min(MOST_AT_ONCE, target?.places ?? 1) - line.running.size
    if (room <= 0) return undefined
    const now = clock.now()
    const until = now + (target?.timeoutMs ?? 0) + BEYOND_TIMEOUT_MS
    const messages = await queues.lease(queueOf(line.name), { limit: room, now, until, host })
    for (const message of messages) {
      // Taken again although it still runs: the store forgot, the run did not.
      if (line.running.has(message.id)) continue
      line.running.add(message.id)
      track(handle(line, message).finally(() => {
        line.running.delete(message.id)
        look(line)
      }))
    }
    if (messages.length === room) return undefined
    const due = await queues.nextDue(queueOf(line.name))
    return due === null ? undefined : due - clock.now()
  }

  async function handle({ name }: Line, message: LeasedMessage): Promise<void> {
    const settle = (verdict: Verdict) => untilKept(() => queues.settle(queueOf(name), [verdict], { host, now: clock.now() }))
    const target = options.target(name)
    let event: ReturnType<typeof readAsyncEvent>
    try {
      event = readAsyncEvent(message.body, name, message.timestamp)
    } catch (error) {
      return settle({ id: message.id, kind: 'dead', error: `the event cannot be read: ${String(error)}` })
    }
    const { verdict, end } = await attempt(name, message, event, target)
    if (!end) return settle(verdict)
    const { condition, error } = end
    if (condition !== 'Success') log('warn', `an event was given up: ${error}`, { function: name, invocation: message.id, condition })
    const undelivered = await deliver(name, message, event, target, end)
    if (undelivered === undefined) return settle(verdict)
    log('error', `the record of an event did not reach its destination: ${undelivered}`, { function: name, invocation: message.id, condition })
    return settle({ id: message.id, kind: 'dead', error: error === undefined ? `it ran well, but its record was not delivered: ${undelivered}` : `${error}; its record was not delivered: ${undelivered}` })
  }

  /** Runs an event once and decides what becomes of it; `end` when it is over. */
  async function attempt(name: string, message: LeasedMessage, event: ReturnType<typeof readAsyncEvent>, target: AsyncTarget | undefined): Promise<{ verdict: Verdict; end?: End }> {
    const { id, attempts, timestamp: sentAt } = message
    const patience = target ?? UNSERVED
    const giveUp = (condition: GivenUp, error: string, ran: Partial<End> = {}) => ({ verdict: { id, kind: 'dead', error } as const, end: { condition, error, ...ran } })
    if (event.hops > MOST_HOPS) return giveUp('RetriesExhausted', `loop_detected: ${MOST_HOPS} functions handed this event on`)
    const age = clock.now() - sentAt
    if (age > patience.maxAgeMs) return giveUp('EventAgeExceeded', `it is ${Math.round(age / 1000)} s old and did not find a place to run`)
    const invocation: Invocation = {
      // Every attempt has an id of its own: its record, its bill and its log lines are its own.
      id: attempts === 1 ? id : `${id}.${attempts}`,
      function: name,
      trigger: event.read.type === 'fetch' ? 'http' : event.read.type === 'scheduled' ? 'timer' : 'pubsub',
      event: event.read,
      ...(event.alias === undefined ? {} : { alias: event.alias }),
      ...(message.trace === undefined ? {} : { parent: message.trace }),
    }
    const run = invoke(invocation)
    const head = await run.head
    const answer = await readAnswer(head, RECORD_BYTES)
    const settlement = await run.settled
    const ending = endingOf(head, settlement)
    if (ending.kind === 'failed' && stopped() && settlement.outcome === 'exited') {
      // The host ended it with itself: the next one begins at once.
      return { verdict: { id, kind: 'retry', dueAt: clock.now(), error: ending.error } }
    }
    const judged = judge(ending, { attempts, sentAt, now: clock.now() }, patience)
    if (judged.kind === 'again') {
      const { dueAt, error, uncounted } = judged
      return { verdict: { id, kind: 'retry', dueAt, error, uncounted } }
    }
    const ran: Partial<End> = { head, answer, settlement, ...(invocation.trace ? { trace: options.formatTrace(invocation.trace) } : {}) }
    if (judged.kind === 'given_up') return giveUp(judged.condition, judged.error, ran)
    return { verdict: { id, kind: 'ack' }, end: { condition: 'Success', ...ran } }
  }

  /** Hands the record to the destination that the config names; answers why that was not possible. */
  async function deliver(name: string, message: LeasedMessage, event: AsyncEvent, target: AsyncTarget | undefined, end: End): Promise<string | undefined> {
    const to = end.condition === 'Success' ? target?.onSuccess : target?.onFailure
    if (!to) return undefined
    const record = toRecord({ id: message.id, function: name, event: event.event, attempts: message.attempts, now: clock.now(), ...end })
    // The same at every try: what a crash repeats is one message.
    const id = `${message.id}-${end.condition === 'Success' ? 'success' : 'failure'}`
    for (const pause of [...DELIVERY_RETRIES_MS, null]) {
      try {
        if (to.kind === 'queue') {
          await options.sendToQueue(to.name, { id, body: new TextEncoder().encode(JSON.stringify(record)), ...(end.trace === undefined ? {} : { trace: end.trace }) })
        } else {
          const handlers = options.target(to.name)?.handlers ?? []
          const next = recordEvent(record, { name: to.name, handlers }, { id, name })
          await keep(to.name, id, { ...toAsyncEvent(next), hops: event.hops + 1 }, end.trace)
        }
        return undefined
      } catch (error) {
        if (pause === null) return `${to.kind}:${to.name}: ${(error as Error).message}`
        await clock.wait(pause, stopping.signal).catch(() => {})
      }
    }
    return undefined
  }

  async function keep(name: string, id: string, event: AsyncEvent, trace: string | undefined): Promise<void> {
    const now = clock.now()
    await queues.send(queueOf(name), [toMessage(id, event, now, trace)], { maxMessages: MOST_EVENTS, now })
    wake(name)
  }
  /** Tries until the store takes it, or the host ends: then its lease brings the event back. */
  async function untilKept(change: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await change()
      } catch (error) {
        log('error', 'what became of an event cannot be kept', { error: String(error), retry_ms: STORE_RETRY_MS })
        if (stopped()) return
        await clock.wait(STORE_RETRY_MS, stopping.signal).catch(() => {})
      }
    }
  }
  /** Wakes every function that has events from before. */
  async function find(): Promise<void> {
    for (;;) {
      try {
        for (const { queue } of await queues.depths()) {
          const name = functionOf(queue)
          if (name !== undefined) wake(name)
        }
        return
      } catch (error) {
        log('error', 'events cannot be read', { error: String(error), retry_ms: STORE_RETRY_MS })
        if (stopped()) return
        await clock.wait(STORE_RETRY_MS, stopping.signal).catch(() => {})
      }
    }
  }
  track(find())

  return {
    async enqueue(name, event, { alias, trace } = {}) {
      const id = options.makeId()
      await keep(name, id, toAsyncEvent(event, { alias }), trace)
      return id
    },
    wake,
    async stop() {
      stopping.abort()
      for (const line of lines.values()) line.cancelSleep()
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
