import type { Invoke, Trigger } from '../../contract/invocation.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LogFields } from '../../ports/log.ts'
import type { LeasedMessage, NewMessage, QueueSums, Queues, Verdict } from '../../ports/queues.ts'
import type { ConsumerSettings } from './settings.ts'
import { giveUp, judgeBatch } from './verdicts.ts'

/** How much longer than its timeout a run may take: start, load, wait for a place, `waitUntil`, and room to spare. */
const BEYOND_TIMEOUT_MS = 180_000
/** Sleeping in pieces notices a wall clock that was set. */
const LONGEST_SLEEP_MS = 60_000
/** When the store does not answer: how long to wait before the next try. */
const STORE_RETRY_MS = 1_000
/** When the host has no room for a batch: the first pause, and the longest. */
const REFUSED_MS = { first: 1_000, longest: 300_000 } as const

/** What is to be known of a queue's consumer. */
export interface QueueTarget {
  function: string
  timeoutMs: number
  /** Batches at once, over all its instances. */
  places: number
}

/** What queues at work need. */
export interface QueueOptions {
  queues: Queues
  clock: Clock
  invoke: Invoke
  /** Name of this host, kept with its leases. */
  host: string
  /** Messages that one queue may hold. */
  maxMessages: number
  makeId(): string
  /** Who consumes which queue now. */
  targets(): ReadonlyMap<string, QueueTarget>
  settingsOf(queue: string): ConsumerSettings
  /** What its messages stand for. */
  triggerOf(queue: string): Trigger
  log(level: 'warn' | 'error', message: string, fields: LogFields): void
}

/** Queues at work. */
export interface RunningQueues {
  /**
   * Keeps messages, all or none, and lets their consumer know; durable when it resolves. Answers how full the queue is then.
   * @throws PressroomError `queue_full`
   */
  send(queue: string, messages: readonly NewMessage[]): Promise<QueueSums>
  /** Begins to deliver; before that, messages are kept only. */
  start(): void
  /** Looks at a queue now: something was put into it. */
  wake(queue: string): void
  /** Other functions may consume now. */
  changed(): void
  /** Takes no more messages; resolves when the batches in flight have ended and that is kept. */
  stop(): Promise<void>
}

/** Where the host is with one queue. */
interface Line {
  queue: string
  /** Batches in flight. */
  batches: number
  /** Ids of the messages in them. */
  inFlight: Set<string>
  looking: boolean
  again: boolean
  cancelSleep(): void
  /** How often in a row the host had no room, and until when it is not asked again; by `elapsed`. */
  refusals: number
  pausedUntil: number
}

/**
 * Delivers the messages of every queue that a function consumes, in batches that are full or have waited long enough. Messages are leased
 * for the time of their run alone: what waits is in the store, where a crash does not reach it.
 */
export function createQueues(options: QueueOptions): RunningQueues {
  const { queues, clock, host, log } = options
  const lines = new Map<string, Line>()
  const underWay = new Set<Promise<void>>()
  const unconsumed = new Set<string>()
  const stopping = new AbortController()
  const stopped = () => stopping.signal.aborted
  let started = false

  const track = (work: Promise<void>): void => {
    const done: Promise<void> = work.catch((error: unknown) => log('error', 'a batch could not be handled', { error: String(error) })).finally(() => underWay.delete(done))
    underWay.add(done)
  }
  const lineOf = (queue: string): Line => {
    let line = lines.get(queue)
    if (!line) {
      line = { queue, batches: 0, inFlight: new Set(), looking: false, again: false, cancelSleep() {}, refusals: 0, pausedUntil: 0 }
      lines.set(queue, line)
    }
    return line
  }
  const wake = (queue: string): void => {
    if (started && !stopped() && options.targets().has(queue)) look(lineOf(queue))
  }

  /** Takes as many batches as there are, and there is room for, then sleeps until there may be another. */
  function look(line: Line): void {
    if (line.looking) return void (line.again = true)
    line.looking = true
    line.cancelSleep()
    track(takeAll(line).catch((error: unknown) => {
      log('error', 'a queue cannot be read', { queue: line.queue, error: String(error), retry_ms: STORE_RETRY_MS })
      return STORE_RETRY_MS
    }).then((wait) => {
      line.looking = false
      if (wait !== undefined && !stopped()) line.cancelSleep = clock.after(Math.min(wait, LONGEST_SLEEP_MS), () => look(line))
    }))
  }
  async function takeAll(line: Line): Promise<number | undefined> {
    for (;;) {
      line.again = false
      const wait = stopped() ? undefined : await take(line)
      if (stopped()) return undefined
      if (wait !== 0 && !line.again) return wait
    }
  }
  /** Takes one batch. Answers after how many milliseconds there may be another; undefined when something else will tell. */
  async function take(line: Line): Promise<number | undefined> {
    const { queue } = line
    const target = options.targets().get(queue)
    const settings = options.settingsOf(queue)
    if (!target || line.batches >= (settings.maxConcurrency ?? target.places)) return undefined
    const pause = line.pausedUntil - clock.elapsed()
    if (pause > 0) return pause
    const now = clock.now()
    const { due, since, next, messages: held, bytes } = await queues.waiting(queue, { limit: settings.maxBatchSize, now })
    const ripeAt = since === null ? Infinity : since + settings.maxBatchTimeoutMs
    if (due < settings.maxBatchSize && ripeAt > now) {
      const at = Math.min(ripeAt, next ?? Infinity)
      return at === Infinity ? undefined : Math.max(1, at - clock.now())
    }
    if (stopped()) return undefined
    const until = now + target.timeoutMs + BEYOND_TIMEOUT_MS
    const leased = await queues.lease(queue, { limit: settings.maxBatchSize, now, until, host })
    // A clock set forward ends leases of messages that still run here: the end of that run decides.
    const messages = leased.filter(({ id }) => !line.inFlight.has(id))
    const lost = messages.filter(({ attempts }) => attempts > settings.maxRetries + 1)
    const alive = messages.filter((message) => !lost.includes(message))
    if (lost.length > 0) track(settle(line, settings, lost.map((message) => giveUp(message, settings))))
    if (alive.length > 0) track(deliver(line, target, settings, alive, { messages: held, bytes }))
    return 0
  }

  async function deliver(line: Line, target: QueueTarget, settings: ConsumerSettings, messages: readonly LeasedMessage[], backlog: QueueSums): Promise<void> {
    line.batches++
    for (const { id } of messages) line.inFlight.add(id)
    const { queue } = line
    const run = options.invoke({
      id: options.makeId(),
      function: target.function,
      trigger: options.triggerOf(queue),
      event: { type: 'queue', queue, messages: messages.map(({ trace: _trace, ...message }) => message), backlog },
      ...causes(messages),
    })
    const head = await run.head
    const settlement = await run.settled
    const cutOff = stopped() && settlement.outcome === 'exited'
    const { verdicts, refused } = judgeBatch({ messages, head, settlement, settings, now: clock.now(), cutOff })
    if (refused === undefined) line.refusals = 0
    else if (!stopped()) {
      const pause = Math.min(REFUSED_MS.first * 2 ** line.refusals++, REFUSED_MS.longest)
      line.pausedUntil = clock.elapsed() + pause
      log('warn', `a batch was not delivered, and comes again: ${refused}`, { queue, function: target.function, pause_ms: pause })
    }
    await settle(line, settings, verdicts)
    for (const { id } of messages) line.inFlight.delete(id)
    line.batches--
    wake(queue)
  }

  /** Keeps verdicts; tries until the store takes them, or the host ends: then the end of their lease brings the messages back. */
  async function settle({ queue }: Line, { deadLetterQueue }: ConsumerSettings, verdicts: readonly Verdict[]): Promise<void> {
    for (const verdict of verdicts) {
      if (verdict.kind === 'dead') log('warn', `a message was given up: ${verdict.error}`, { queue, message_id: verdict.id, dead_letter_queue: verdict.to ?? null })
    }
    for (;;) {
      try {
        await queues.settle(queue, verdicts, { host, now: clock.now() })
        if (deadLetterQueue !== undefined && verdicts.some(({ kind }) => kind === 'dead')) wake(deadLetterQueue)
        return
      } catch (error) {
        log('error', 'what became of messages cannot be kept', { queue, error: String(error), retry_ms: STORE_RETRY_MS })
        if (stopped()) return
        await clock.wait(STORE_RETRY_MS, stopping.signal).catch(() => {})
      }
    }
  }

  const wakeAll = () => {
    for (const queue of options.targets().keys()) wake(queue)
  }
  return {
    async send(queue, messages) {
      const sums = await queues.send(queue, messages, { maxMessages: options.maxMessages, now: clock.now() })
      if (options.targets().has(queue)) wake(queue)
      else if (!unconsumed.has(queue)) {
        unconsumed.add(queue)
        log('warn', 'messages are kept in a queue that no function consumes; name it in a config.queues', { queue })
      }
      return sums
    },
    wake,
    changed: wakeAll,
    start() {
      started = true
      wakeAll()
    },
    async stop() {
      stopping.abort()
      for (const line of lines.values()) line.cancelSleep()
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

/** Where the messages of a batch came from: below what caused them when that is one thing, beside all of it when it is more. */
function causes(messages: readonly LeasedMessage[]): { parent?: string; links?: readonly string[] } {
  const traces = [...new Set(messages.flatMap(({ trace }) => trace ?? []))]
  const [first] = traces
  if (first === undefined) return {}
  return traces.length === 1 ? { parent: first } : { links: traces }
}
