import { isQueueName } from '../contract/function-config.ts'
import type { Invoke, Trigger } from '../contract/invocation.ts'
import { createQueues, type QueueTarget, type RunningQueues } from '../ingress/queue/consumer.ts'
import { consumerDefaults, DEFAULT_QUEUE_DEPTH, type ConsumerSettings } from '../ingress/queue/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { bucketQueue } from './bucket-triggers.ts'
import { withTriggers } from './deploy/triggers.ts'
import type { QueueView } from './operator.ts'
import { mainRevision, type Serving } from './serving.ts'

/** What a runtime says of its queues. */
export interface QueueRules {
  /** Settings by queue; one that is not named has the defaults. */
  consumers?: Readonly<Record<string, ConsumerSettings>>
  /** Messages that one queue may hold; default 100,000. */
  maxMessages?: number
}

/** The queues of one host. */
export interface HostQueues extends RunningQueues {
  views(): Promise<QueueView[]>
}

/** What the queues of a host are made of. */
export interface HostQueuesParts {
  rules: QueueRules
  store: Store
  clock: Clock
  log: Log
  /** Name of this host. */
  name: string
  serving: ReadonlyMap<string, Serving>
  invoke: Invoke
  makeId(): string
}

/** A consumer, and what the messages stand for. */
interface Target extends QueueTarget {
  trigger: Trigger
}

/** What is told of buckets waits less for others. */
const bucketDefaults: ConsumerSettings = { ...consumerDefaults, maxBatchTimeoutMs: 1_000 }

/** Joins queues with the functions that consume them. */
export function createHostQueues({ rules, store, clock, log, name, serving, invoke, makeId }: HostQueuesParts): HostQueues {
  const { consumers = {}, maxMessages = DEFAULT_QUEUE_DEPTH } = rules
  let targets = targetsOf(serving)
  const running = createQueues({
    queues: store.queues,
    clock,
    invoke,
    host: name,
    maxMessages,
    makeId,
    targets: () => targets,
    settingsOf: (queue) => (Object.hasOwn(consumers, queue) ? consumers[queue]! : targets.get(queue)?.trigger === 'datasource' ? bucketDefaults : consumerDefaults),
    triggerOf: (queue) => targets.get(queue)?.trigger ?? 'pubsub',
    log: (level, message, fields) => log[level](message, fields),
  })
  return {
    ...running,
    start() {
      for (const queue of Object.keys(consumers)) {
        if (!targets.has(queue)) log.warn(`queue "${queue}" has settings, but no function consumes it; name it in a config.queues`)
      }
      running.start()
    },
    changed() {
      targets = targetsOf(serving)
      running.changed()
    },
    async views() {
      const now = clock.now()
      // What the host keeps in queues of its own is not the operator's to see here.
      const depths = new Map((await store.queues.depths()).filter(({ queue }) => isQueueName(queue) || targets.has(queue)).map((depth) => [depth.queue, depth]))
      const names = [...new Set([...targets.keys(), ...Object.keys(consumers), ...depths.keys()])].sort((a, b) => a.localeCompare(b))
      return names.map((queue): QueueView => {
        const { messages, bytes, leased, dead, oldest } = depths.get(queue) ?? { messages: 0, bytes: 0, leased: 0, dead: 0, oldest: null }
        return {
          queue,
          consumer: targets.get(queue)?.function ?? null,
          messages,
          bytes,
          in_flight: leased,
          oldest: oldest === null ? null : new Date(oldest).toISOString(),
          oldest_age_s: oldest === null ? null : Math.max(0, Math.round((now - oldest) / 100) / 10),
          dead,
        }
      })
    },
  }
}

/** Who consumes which queue now. A lease has to outlast the longest run of any revision. */
function targetsOf(serving: ReadonlyMap<string, Serving>): Map<string, Target> {
  const targets = new Map<string, Target>()
  for (const at of serving.values()) {
    const effective = withTriggers(at)
    // The messages of a function that cannot be called stay where they are.
    if (!effective || mainRevision(at)?.problem !== undefined) continue
    const timeoutMs = Math.max(...[...at.revisions.values()].map(({ deployed }) => deployed.config.timeout * 1000))
    const places = effective.config.concurrency * effective.config.maxInstances
    const target = { function: at.name, timeoutMs, places }
    for (const queue of effective.config.queues) targets.set(queue, { ...target, trigger: 'pubsub' })
    for (const { bucket } of effective.config.buckets) targets.set(bucketQueue(bucket, at.name), { ...target, trigger: 'datasource' })
  }
  return targets
}
