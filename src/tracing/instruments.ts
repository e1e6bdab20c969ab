/** What a metric is, by the conventions where they have it. */
export interface Instrument {
  readonly name: string
  /** An `updown` counter can fall. */
  readonly kind: 'counter' | 'updown' | 'histogram'
  readonly unit: string
  /** Whole numbers only. */
  readonly whole: boolean
  readonly description: string
  /** Inclusive upper bounds of a histogram's buckets. */
  readonly bounds?: readonly number[]
}

const KIB = 1024
const MIB = 1024 * KIB
/** The conventions' advice for durations of functions, seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
/** The conventions give none for bytes: instances from the smallest memory to the largest. */
const MEMORY = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048, 4096, 8192].map((mib) => mib * MIB)
const NET = [0, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB, 256 * MIB]

/** The metrics of the conventions; their points carry `faas.trigger` alone. */
export const faasInstruments = {
  invokeDuration: histogram('faas.invoke_duration', 's', "Measures the duration of the function's logic execution.", SECONDS),
  initDuration: histogram('faas.init_duration', 's', "Measures the duration of the function's initialization, such as a cold start.", SECONDS),
  cpuUsage: histogram('faas.cpu_usage', 's', 'Distribution of CPU usage per invocation.', SECONDS),
  memUsage: histogram('faas.mem_usage', 'By', 'Distribution of max memory usage per invocation.', MEMORY),
  netIo: histogram('faas.net_io', 'By', 'Distribution of net I/O usage per invocation.', NET),
  invocations: counter('faas.invocations', '{invocation}', 'Number of successful invocations.'),
  errors: counter('faas.errors', '{error}', 'Number of invocation errors.'),
  timeouts: counter('faas.timeouts', '{timeout}', 'Number of invocation timeouts.'),
  coldstarts: counter('faas.coldstarts', '{coldstart}', 'Number of invocation cold starts.'),
} as const satisfies Record<string, Instrument>

/** What the conventions lack; points carry `faas.name` and `faas.trigger`. */
export const ownInstruments = {
  queueDuration: histogram('pressroom.queue_duration', 's', 'Time from acceptance to delivery to an instance.', SECONDS),
  coldWait: histogram('pressroom.cold_wait', 's', 'Time from acceptance to delivery of every invocation that waited for an instance to start.', SECONDS),
  billedDuration: counter('pressroom.billed_duration', 'ms', 'Billed milliseconds.'),
  cost: { ...counter('pressroom.cost_usd', '{USD}', 'Marginal list price of the invocations, US dollars.'), whole: false },
  throttled: counter('pressroom.throttled', '{invocation}', 'Calls refused for want of a place or a budget.'),
  overloaded: counter('pressroom.overloaded', '{invocation}', "Calls refused for want of the host's memory or storage."),
  canceled: counter('pressroom.canceled', '{invocation}', 'Invocations whose caller had gone.'),
  skipped: counter('pressroom.skipped', '{invocation}', 'Ticks that did not run.'),
} as const satisfies Record<string, Instrument>

/** States of the host, read when somebody asks. */
export const hostInstruments = {
  /** By `faas.name` and `pressroom.instance.state`. */
  instances: { name: 'pressroom.instances', kind: 'updown', unit: '{instance}', whole: true, description: 'Instances alive now.' },
  /** By `messaging.destination.name`, as those below. */
  queueMessages: { name: 'pressroom.queue.messages', kind: 'updown', unit: '{message}', whole: true, description: 'Messages not yet acknowledged.' },
  queueOldest: { name: 'pressroom.queue.oldest_age', kind: 'updown', unit: 's', whole: false, description: 'Age of the oldest of them.' },
  queueDead: { name: 'pressroom.queue.dead', kind: 'updown', unit: '{message}', whole: true, description: 'Messages given up that nobody has replayed or dropped.' },
  /** Of this host's telemetry itself. */
  spansDropped: counter('pressroom.spans_dropped', '{span}', 'Spans lost because the collector, or this host, could not keep up.'),
} as const satisfies Record<string, Instrument>

function histogram(name: string, unit: 's' | 'By', description: string, bounds: readonly number[]): Instrument {
  return { name, kind: 'histogram', unit, whole: unit === 'By', description, bounds }
}

function counter(name: string, unit: string, description: string): Instrument {
  return { name, kind: 'counter', unit, whole: true, description }
}
