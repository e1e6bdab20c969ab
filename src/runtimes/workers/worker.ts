import type { Invocation, Invoke, QueueMessage, Trigger } from '../../contract/invocation.ts'
import { bucketQueue } from '../../host/bucket-triggers.ts'
import { metered } from '../../metering/meter.ts'
import { priceTables } from '../../metering/prices.ts'
import { createCronTable } from '../../routing/cron-table.ts'
import { createRouteTable } from '../../routing/route-table.ts'
import { traced } from '../../tracing/span.ts'
import { workersClock as clock } from './clock.ts'
import { deliver, type Arrival } from './deliver.ts'
import { createFront } from './front.ts'
import { readyFunctions, type BundledFunction, type ReadyFunction } from './functions.ts'
import { LEDGER_BINDING } from './ledger-binding.ts'
import { createWorkersTelemetry } from './telemetry.ts'
import { createUsageLedger, usageInD1 } from './usage.ts'

/** What every isolate has, MiB. */
const ISOLATE_MIB = 128

type Env = Record<string, unknown>

/**
 * Makes one Worker of many functions: requests by route, ticks by cron and batches by queue, through the same stations as on Node.
 * @param env the Worker's own, known when its module is loaded
 * @throws PressroomError `bad_config` for functions that cannot be served, such as one that names a binding which is not there
 */
export function createWorker(registry: readonly BundledFunction[], env: Env): ExportedHandler<Env, never> {
  const functions = readyFunctions(registry, env)
  const byName = new Map(functions.map((entry) => [entry.name, entry]))
  const routed = functions.map(({ name, file, config: { routes, schedules } }) => ({ name, file, routes, schedules }))
  const crons = createCronTable(routed)
  const consumers = new Map(functions.flatMap((target): [string, { target: ReadyFunction; trigger: Trigger }][] => [
    ...target.config.queues.map((queue): [string, { target: ReadyFunction; trigger: Trigger }] => [queue, { target, trigger: 'pubsub' }]),
    ...target.config.buckets.map(({ bucket }): [string, { target: ReadyFunction; trigger: Trigger }] => [bucketQueue(bucket, target.name), { target, trigger: 'datasource' }]),
  ]))

  const telemetry = createWorkersTelemetry(env)
  const database = env[LEDGER_BINDING] as D1Database | undefined
  const ledger = createUsageLedger(database ? usageInD1(database) : async () => {}, clock.wait)
  const arrivals = new WeakMap<Invocation, Arrival>()
  const dispatch: Invoke = (invocation) => deliver(invocation, arrivals.get(invocation)!)
  const wrappers = [
    traced(telemetry, () => ISOLATE_MIB),
    metered({ clock, ledger, prices: priceTables['cloudflare-paid'], host: 'workers', memoryOf: () => ISOLATE_MIB, settled: report }),
  ]
  const wrapped = wrappers.reduceRight((next, wrap) => wrap(next), dispatch)
  /** Runs what arrived; its record and spans are written after the answer. */
  const invoke = (invocation: Invocation, arrival: Arrival) => {
    arrivals.set(invocation, arrival)
    const run = wrapped(invocation)
    arrival.ctx.waitUntil(run.settled.then(() => Promise.all([ledger.flush(), telemetry.flush()])))
    return run
  }
  /** Runs what has no caller: the platform is told of a failure, and tries again where it does. */
  const attempt = async (invocation: Invocation, arrival: Arrival): Promise<void> => {
    const head = await invoke(invocation, arrival).head
    if (head.type === 'failure') throw new Error(`${invocation.function}: ${head.code}: ${head.detail}`)
  }
  const front = createFront({ routes: createRouteTable(routed), find: (name) => byName.get(name)!, invoke })

  return {
    fetch: (request, _env, ctx) => front(request, ctx),
    async scheduled(controller, _env, ctx) {
      const { cron, scheduledTime } = controller
      const names = [...new Set(crons.find(cron).map((entry) => entry.function))]
      const event = { cron, scheduledTime, noRetry: () => controller.noRetry() } as ScheduledController
      const ended = await Promise.allSettled(names.map((name) => {
        const target = byName.get(name)!
        const invocation: Invocation = { id: crypto.randomUUID(), function: name, trigger: 'timer', event: { type: 'scheduled', cron, scheduledTime } }
        return attempt(invocation, { target, ctx, call: (own, context) => target.handlers.scheduled!(event, own, context) })
      }))
      for (const end of ended) if (end.status === 'rejected') throw end.reason
    },
    async queue(batch, _env, ctx) {
      const consumer = consumers.get(batch.queue)
      // Otherwise its messages would count as done.
      if (consumer === undefined) throw new Error(`no function consumes the queue ${batch.queue}; name it in a config.queues`)
      const { target, trigger } = consumer
      const event = { type: 'queue' as const, queue: batch.queue, messages: batch.messages.map((message) => noted(message, trigger)) }
      await attempt({ id: crypto.randomUUID(), function: target.name, trigger, event }, { target, ctx, call: (own, context) => target.handlers.queue!(batch, own, context) })
    },
  }
}

/** A message as telemetry reads it: of a notification its words, of any other only that it is there. */
function noted({ id, timestamp, attempts, body }: Message<unknown>, trigger: Trigger): QueueMessage {
  const text = trigger === 'datasource' ? JSON.stringify(body) : ''
  return { id, timestamp: timestamp.getTime(), contentType: 'json', body: new TextEncoder().encode(text), attempts }
}

/** One line for each call, for whoever reads the log and for the Tail Worker, which knows its CPU time. */
const report: Parameters<typeof metered>[0]['settled'] = ({ id, function: name, trigger }, { outcome, cold, runMs }, _bill, { status }) => {
  console.log(JSON.stringify({ type: 'REPORT', invocation: id, function: name, trigger, outcome, status: status ?? null, cold, run_ms: runMs }))
}
