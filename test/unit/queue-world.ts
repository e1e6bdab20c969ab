import type { BatchHead, FailureHead, Head, Invocation, Outcome, QueueEvent, Run, Settlement } from '../../src/contract/invocation.ts'
import { createQueues, type QueueTarget, type RunningQueues } from '../../src/ingress/queue/consumer.ts'
import { consumerDefaults, type ConsumerSettings } from '../../src/ingress/queue/settings.ts'
import type { NewMessage, Queues } from '../../src/ports/queues.ts'
import { handMovedClock, type HandMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryQueues } from '../../src/runtimes/memory/queues.ts'

/** A batch that a consumer has handed to its function. */
export interface GivenBatch {
  host: string
  invocation: Invocation
  event: QueueEvent
  ids: string[]
  /** The function ends: well, having said this of messages; or not, with this outcome. */
  end(said?: Partial<BatchHead>, outcome?: Outcome): void
  /** The host had no room for it. */
  refuse(code: 'throttled' | 'overloaded' | 'budget_exceeded'): void
}

/** One host's consumer. */
export interface Consumer {
  running: RunningQueues
  /** Batches in its hands, oldest first. */
  given: GivenBatch[]
  /** Gone as by SIGKILL: nothing it has begun goes on, nothing it asks is answered. */
  crash(): void
}

/** Consumers over one keeper of queues, with a clock that is moved by hand. */
export interface QueueWorld {
  clock: HandMovedClock
  queues: Queues
  warnings: string[]
  consumer(host?: string): Consumer
  send(queue: string, ...ids: string[]): Promise<void>
  /** Resolves when nothing is under way that does not wait for the clock or a batch. */
  quiet(): Promise<void>
}

/** Makes a world in which function `worker` consumes queue `q`. */
export function queueWorld(options: {
  settings?: Record<string, Partial<ConsumerSettings>>
  targets?: Record<string, QueueTarget>
  queues?: Queues
  maxMessages?: number
} = {}): QueueWorld {
  const clock = handMovedClock(1_000_000)
  const queues = options.queues ?? memoryQueues()
  const warnings: string[] = []
  const targets = new Map(Object.entries(options.targets ?? { q: { function: 'worker', timeoutMs: 30_000, places: 4 } }))
  let ids = 0
  let asked = 0

  /** The port as one host has it: counts what is under way, and is cut off when the host is gone. */
  const connect = (alive: () => boolean): Queues => {
    const through = <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) => (...args: Args): Promise<Value> =>
      new Promise((resolve, reject) => {
        if (!alive()) return
        asked++
        call(...args)
          .then((value) => alive() && resolve(value), (error: Error) => alive() && reject(error))
          .finally(() => asked--)
      })
    return {
      send: through(queues.send), lease: through(queues.lease), settle: through(queues.settle), release: through(queues.release), nextDue: through(queues.nextDue),
      waiting: through(queues.waiting), depths: through(queues.depths), dead: through(queues.dead), replay: through(queues.replay), drop: through(queues.drop),
    }
  }

  async function quiet(): Promise<void> {
    // Twice in a row: an answer may have set the next question in motion.
    for (let still = 0; still < 2;) {
      await new Promise(setImmediate)
      still = asked === 0 ? still + 1 : 0
    }
  }

  return {
    clock,
    queues,
    warnings,
    quiet,
    consumer(host = 'a') {
      const given: GivenBatch[] = []
      let alive = true
      const running = createQueues({
        queues: connect(() => alive),
        clock,
        host,
        maxMessages: options.maxMessages ?? 1_000,
        makeId: () => `invocation-${++ids}`,
        targets: () => targets,
        settingsOf: (queue) => ({ ...consumerDefaults, ...options.settings?.[queue] }),
        triggerOf: () => 'pubsub',
        log: (_, message, fields) => alive && warnings.push(`${message} ${JSON.stringify(fields)}`),
        invoke: (invocation) => give(invocation, host, given),
      })
      running.start()
      return {
        running,
        given,
        crash() {
          alive = false
          given.length = 0
        },
      }
    },
    async send(queue, ...names) {
      const now = clock.now()
      const messages = names.map((id): NewMessage => ({ id, contentType: 'text', body: new TextEncoder().encode(id), dueAt: now }))
      await queues.send(queue, messages, { maxMessages: 100_000, now })
    },
  }
}

function give(invocation: Invocation, host: string, given: GivenBatch[]): Run {
  let toHead!: (head: Head) => void
  let toSettled!: (settlement: Settlement) => void
  const run: Run = {
    head: new Promise((resolve) => (toHead = resolve)),
    settled: new Promise((resolve) => (toSettled = resolve)),
    cancel() {},
  }
  const over = (head: Head, outcome: Outcome, delivered: boolean) => {
    const at = given.indexOf(batch)
    if (at >= 0) given.splice(at, 1)
    toHead(head)
    toSettled({ outcome, delivered, cold: false, queueMs: 0, initMs: 0, runMs: 0, cpuMs: 0, maxMemoryBytes: 0, ...(outcome === 'ok' ? {} : { detail: 'as the test wants' }) })
  }
  const event = invocation.event as QueueEvent
  const batch: GivenBatch = {
    host,
    invocation,
    event,
    ids: event.messages.map(({ id }) => id),
    end(said, outcome = 'ok') {
      const failure: FailureHead = { type: 'failure', code: 'exception', detail: 'as the test wants' }
      over(outcome === 'ok' || said ? { type: 'batch', acks: [], retries: [], ...said } : failure, outcome, true)
    },
    refuse(code) {
      over({ type: 'failure', code, detail: 'no room' }, code === 'overloaded' ? 'overloaded' : 'throttled', false)
    },
  }
  given.push(batch)
  return run
}
