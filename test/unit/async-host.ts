import type { Head, Invocation, Settlement } from '../../src/contract/invocation.ts'
import { startAsync, type AsyncTarget, type RunningAsync } from '../../src/ingress/async/consume.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Queues } from '../../src/ports/queues.ts'
import { formatTraceparent } from '../../src/tracing/trace-context.ts'

/** How an attempt ends: as a settlement says, with a head. */
export interface Scripted {
  settlement: Partial<Settlement> & Pick<Settlement, 'outcome'>
  head?: Head
}

/** Events over queues, with functions that end as they are told. */
export interface AsyncHost {
  running: RunningAsync
  /** Every attempt, oldest first. */
  attempts: { id: string; function: string; at: number; invocation: Invocation }[]
  messages: string[]
}

/** What every function is unless told otherwise. */
export const patient: AsyncTarget = { handlers: ['fetch'], timeoutMs: 30_000, places: 100, retries: 2, maxAgeMs: 6 * 3_600_000 }

/** An attempt that went well. */
export const well: Scripted = { settlement: { outcome: 'ok' } }

/** An attempt at which the function threw. */
export const thrown: Scripted = { settlement: { outcome: 'exception', detail: 'Error: no' }, head: { type: 'failure', code: 'exception', detail: 'Error: no' } }

/** An attempt for which there was no room. */
export const full: Scripted = { settlement: { outcome: 'throttled', delivered: false }, head: { type: 'failure', code: 'throttled', detail: 'full' } }

/** Starts the consumer of events over these queues. */
export function asyncHost({ queues, clock, run, target = () => patient, makeId, room = 1_000 }: {
  queues: Queues
  clock: Clock
  run(invocation: Invocation): Scripted | Promise<Scripted>
  target?(name: string): AsyncTarget | undefined
  makeId?(): string
  /** Messages that a destination takes. */
  room?: number
}): AsyncHost {
  const attempts: AsyncHost['attempts'] = []
  const messages: string[] = []
  let ids = 0
  const running = startAsync({
    queues,
    clock,
    host: 'here',
    target,
    makeId: makeId ?? (() => `e${++ids}`),
    formatTrace: formatTraceparent,
    async sendToQueue(queue, { id, body, trace }) {
      await queues.send(queue, [{ id, contentType: 'json', body, dueAt: clock.now(), ...(trace === undefined ? {} : { trace }) }], { maxMessages: room, now: clock.now() })
    },
    log: (_level, message) => messages.push(message),
    invoke(invocation) {
      attempts.push({ id: invocation.id, function: invocation.function, at: clock.now(), invocation })
      invocation.trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), flags: 1 }
      const ending = Promise.resolve(run(invocation))
      return {
        head: ending.then(({ head }) => head ?? { type: 'response', status: 200, statusText: '', headers: [], body: null }),
        settled: ending.then(({ settlement }) => ({
          delivered: true, revision: 'r1', cold: false, queueMs: 0, initMs: 0, runMs: 1, cpuMs: 0, maxMemoryBytes: 0, ...settlement,
        })),
        cancel() {},
      }
    },
  })
  return { running, attempts, messages }
}
