import { isQueueName, QUEUE_NAME_RULE } from '../../../contract/function-config.ts'
import { consumerDefaults, type ConsumerSettings } from '../../../ingress/queue/settings.ts'
import type { QueueSpec } from '../bindings/spec.ts'
import type { ConfigFile, Table } from './config-file.ts'

/** What `[queues]` says of the receiving end. */
export interface QueuesConfig {
  /** By name of the queue; one that is not named here gets the defaults. */
  consumers: Record<string, ConsumerSettings>
}

/** The sending end of a queue, and where it was declared. */
export interface DeclaredProducer {
  binding: string
  field: string
  spec: QueueSpec
}

/** Cloudflare's longest delay: twelve hours. */
const LONGEST_DELAY_S = 43_200
const delay = { min: 0, max: LONGEST_DELAY_S, unit: 'seconds' }
const PRODUCER_KEYS = ['binding', 'queue', 'delivery_delay', 'remote']
const CONSUMER_KEYS = [
  'queue', 'type', 'max_batch_size', 'max_batch_timeout', 'max_retries', 'dead_letter_queue', 'max_concurrency', 'retry_delay', 'visibility_timeout_ms',
]

/**
 * Reads `[[queues.producers]]` and `[[queues.consumers]]`, with production's defaults.
 * @throws PressroomError `bad_config` naming file and field, expected and found
 */
export function readQueues(file: ConfigFile): QueuesConfig & { producers: DeclaredProducer[] } {
  const table = file.table('queues') ?? {}
  const parent = { table, field: 'queues' }
  onlyKeys(file, table, 'queues', ['producers', 'consumers'])
  const producers = file.tables('producers', parent).map((entry, i) => readProducer(file, entry, `queues.producers[${i}]`))
  const consumers: Record<string, ConsumerSettings> = {}
  for (const [i, entry] of file.tables('consumers', parent).entries()) {
    const field = `queues.consumers[${i}]`
    const queue = queueName(file, entry, field, 'queue')
    if (Object.hasOwn(consumers, queue)) throw file.wrong(`${field}.queue`, 'each queue once', `"${queue}" again`)
    consumers[queue] = readConsumer(file, entry, field, queue)
  }
  return { producers, consumers }
}

function readProducer(file: ConfigFile, entry: Table, field: string): DeclaredProducer {
  onlyKeys(file, entry, field, PRODUCER_KEYS)
  const delaySeconds = file.number(entry, field, 'delivery_delay', delay)
  const spec: QueueSpec = { type: 'queue', queue: queueName(file, entry, field, 'queue'), ...(delaySeconds === undefined ? {} : { delaySeconds }) }
  return { binding: file.text(entry, field, 'binding'), field: `${field}.binding`, spec }
}

function readConsumer(file: ConfigFile, entry: Table, field: string, queue: string): ConsumerSettings {
  onlyKeys(file, entry, field, CONSUMER_KEYS)
  if ((entry['type'] ?? 'worker') !== 'worker') throw file.wrong(`${field}.type`, '"worker" (functions are called, they do not pull)', entry['type'])
  const settings: ConsumerSettings = {
    maxBatchSize: file.number(entry, field, 'max_batch_size', { min: 1, max: 100, whole: true, unit: 'messages' }) ?? consumerDefaults.maxBatchSize,
    maxBatchTimeoutMs: seconds(file.number(entry, field, 'max_batch_timeout', { min: 0, max: 60, unit: 'seconds' })) ?? consumerDefaults.maxBatchTimeoutMs,
    maxRetries: file.number(entry, field, 'max_retries', { min: 0, max: 100, whole: true, unit: 'retries' }) ?? consumerDefaults.maxRetries,
    retryDelayMs: seconds(file.number(entry, field, 'retry_delay', delay)) ?? consumerDefaults.retryDelayMs,
  }
  if (entry['dead_letter_queue'] !== undefined) {
    settings.deadLetterQueue = queueName(file, entry, field, 'dead_letter_queue')
    if (settings.deadLetterQueue === queue) throw file.wrong(`${field}.dead_letter_queue`, 'another queue than this one', queue)
  }
  const maxConcurrency = file.number(entry, field, 'max_concurrency', { min: 1, max: 250, whole: true, unit: 'batches' })
  if (maxConcurrency !== undefined) settings.maxConcurrency = maxConcurrency
  return settings
}

function queueName(file: ConfigFile, entry: Table, field: string, key: string): string {
  const name = file.text(entry, field, key)
  if (isQueueName(name)) return name
  throw file.wrong(`${field}.${key}`, QUEUE_NAME_RULE, name)
}

/** A misspelt setting would otherwise be the default, in silence. */
function onlyKeys(file: ConfigFile, table: Table, field: string, known: readonly string[]) {
  const strange = Object.keys(table).find((key) => !known.includes(key))
  if (strange !== undefined) throw file.wrong(`${field}.${strange}`, `one of ${known.join(', ')}`, strange)
}

function seconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000
}
