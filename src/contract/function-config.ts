import { PressroomError } from './errors.ts'
import type { BucketTrigger, FunctionConfig, HandlerName, Schedule } from './function.ts'

/** A schedule with nothing left out. */
export type ResolvedSchedule = Readonly<Required<Schedule>>

/** A function's config with every default filled in; `cpu`, `env`, `budget` and the destinations stay absent when there is no limit and no choice. */
export interface ResolvedConfig {
  readonly routes: readonly string[]
  readonly schedules: readonly ResolvedSchedule[]
  readonly queues: readonly string[]
  readonly buckets: readonly Readonly<Required<BucketTrigger>>[]
  readonly memory: number
  readonly timeout: number
  readonly cpu?: number
  readonly block: number
  readonly concurrency: number
  readonly maxInstances: number
  readonly maxWaiting: number
  readonly idle: number
  readonly env?: readonly string[]
  readonly outbound: 'public' | 'none'
  readonly native: boolean
  readonly budget?: number
  readonly retries: number
  readonly maxEventAge: number
  readonly onSuccess?: string
  readonly onFailure?: string
}

/** Defaults and limits of the numbers; `whole` ones are counts. */
const numbers = {
  memory: { fallback: 128, min: 64, max: 10_240, whole: true, unit: 'MiB' },
  timeout: { fallback: 30, min: 1, max: 900, whole: false, unit: 'seconds' },
  cpu: { fallback: undefined, min: 1, max: 900_000, whole: false, unit: 'milliseconds of CPU' },
  block: { fallback: 10, min: 1, max: 900, whole: false, unit: 'seconds' },
  concurrency: { fallback: 64, min: 1, max: 10_000, whole: true, unit: 'invocations' },
  maxInstances: { fallback: 8, min: 1, max: 1_000, whole: true, unit: 'instances' },
  maxWaiting: { fallback: 256, min: 0, max: 100_000, whole: true, unit: 'invocations' },
  idle: { fallback: 60, min: 1, max: 86_400, whole: false, unit: 'seconds' },
  budget: { fallback: undefined, min: 0, max: 1_000_000, whole: false, unit: 'US dollars a day' },
  retries: { fallback: 2, min: 0, max: 2, whole: true, unit: 'attempts' },
  maxEventAge: { fallback: 21_600, min: 60, max: 21_600, whole: false, unit: 'seconds' },
} as const

/** What a queue may be called, in words. */
export const QUEUE_NAME_RULE = 'a name of 1 to 63 lower-case letters, digits and hyphens, none at an end'

/** True for a name that a queue may have, as on Cloudflare; what the host keeps in queues of its own has names that these are not. */
export function isQueueName(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
}

/** What the name of a bucket is made of, as on R2. */
export const BUCKET_NAME_RULE = 'a name of 3 to 63 lower-case letters, digits and hyphens, none at an end'

/** True for a name that a bucket may have. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)
}

type NumberField = keyof typeof numbers

const fields: readonly (keyof FunctionConfig)[] = [
  'routes', 'schedules', 'queues', 'buckets', 'memory', 'timeout', 'cpu', 'block', 'concurrency',
  'maxInstances', 'maxWaiting', 'idle', 'env', 'outbound', 'native', 'budget',
  'retries', 'maxEventAge', 'onSuccess', 'onFailure',
]
const scheduleFields: readonly (keyof Schedule)[] = ['cron', 'timeZone', 'dialect', 'overlap', 'atStart']

/** Remembers one problem: where, what was expected, what was found. */
type Complain = (field: string, expected: string, found: unknown, hint?: string) => void

/**
 * Checks the config a function file exports and fills in the defaults. `undefined` counts as absent, anywhere.
 * Cron expressions and route patterns are checked where they are understood: in the cron table and the route table.
 * @param raw what the file exports as `config`; `undefined` when it exports none
 * @param handlers the handlers of its default export
 * @param triggerCrons `[triggers] crons` of `wrangler.toml`: the schedules of a `scheduled` that declares none
 * @throws PressroomError `bad_config` with one line per problem: file, field, expected, found
 */
export function resolveConfig(
  name: string, file: string, raw: unknown, handlers: readonly HandlerName[], triggerCrons: readonly string[] = [],
): ResolvedConfig {
  const problems: string[] = []
  const complain: Complain = (field, expected, found, hint) => {
    problems.push(`${file}: ${field}: expected ${expected}, found ${show(found)}${hint ? `; ${hint}` : ''}`)
  }
  if (!/^[a-z0-9][\w.-]*$/i.test(name)) complain('name', 'letters, digits, "-", "_" and "."', name, 'rename the file')
  if (handlers.length === 0) complain('export default', 'an object with fetch, scheduled or queue', [], 'add a handler')
  const config = (raw === undefined ? undefined : record(raw, 'config', fields, complain)) ?? {}

  const number = (field: NumberField): number | undefined => checkNumber(config[field], field, complain)
  const routes = strings(config['routes'], 'config.routes', complain)
  const schedules = list(config['schedules'], 'config.schedules', 'an array of schedules', complain)
  const queues = strings(config['queues'], 'config.queues', complain)
  const misnamed = queues?.find((queue) => !isQueueName(queue))
  if (misnamed !== undefined) complain('config.queues', QUEUE_NAME_RULE, misnamed)
  const buckets = list(config['buckets'], 'config.buckets', 'an array of buckets', complain)
  const env = strings(config['env'], 'config.env', complain)
  needsHandler('routes', routes, 'fetch', handlers, complain)
  needsHandler('schedules', schedules, 'scheduled', handlers, complain)
  needsHandler('queues', queues, 'queue', handlers, complain)
  needsHandler('buckets', buckets, 'queue', handlers, complain)
  const cpu = number('cpu')
  const budget = number('budget')
  const onSuccess = destination(config['onSuccess'], 'config.onSuccess', complain)
  const onFailure = destination(config['onFailure'], 'config.onFailure', complain)
  const resolved: ResolvedConfig = {
    routes: routes ?? (handlers.includes('fetch') ? defaultRoutes(name) : []),
    schedules: resolveSchedules(schedules ?? (handlers.includes('scheduled') ? triggerCrons : []), complain),
    queues: queues ?? [],
    buckets: resolveBuckets(buckets ?? [], complain),
    memory: number('memory') ?? numbers.memory.fallback,
    timeout: number('timeout') ?? numbers.timeout.fallback,
    ...(cpu === undefined ? {} : { cpu }),
    block: number('block') ?? numbers.block.fallback,
    concurrency: number('concurrency') ?? numbers.concurrency.fallback,
    maxInstances: number('maxInstances') ?? numbers.maxInstances.fallback,
    maxWaiting: number('maxWaiting') ?? numbers.maxWaiting.fallback,
    idle: number('idle') ?? numbers.idle.fallback,
    ...(env === undefined ? {} : { env }),
    outbound: oneOf(config['outbound'], 'config.outbound', ['public', 'none'], complain) ?? 'public',
    native: boolean(config['native'], 'config.native', complain) ?? false,
    ...(budget === undefined ? {} : { budget }),
    retries: number('retries') ?? numbers.retries.fallback,
    maxEventAge: number('maxEventAge') ?? numbers.maxEventAge.fallback,
    ...(onSuccess === undefined ? {} : { onSuccess }),
    ...(onFailure === undefined ? {} : { onFailure }),
  }
  if (problems.length > 0) throw new PressroomError('bad_config', problems.join('\n'))
  return resolved
}

function defaultRoutes(name: string): string[] {
  return name === 'index' ? ['/'] : [`/${name}`, `/${name}/*`]
}

function needsHandler(
  field: string, values: readonly unknown[] | undefined, handler: HandlerName, handlers: readonly HandlerName[], complain: Complain,
): void {
  if (values && values.length > 0 && !handlers.includes(handler)) {
    complain(`config.${field}`, `a ${handler} handler in the default export to serve them`, handlers)
  }
}

/** Stands in for a schedule already complained about; a config with problems is thrown away. */
const neverUsed: ResolvedSchedule = { cron: '', timeZone: 'UTC', dialect: 'cloudflare', overlap: 'skip', atStart: false }

function resolveSchedules(raw: readonly unknown[], complain: Complain): ResolvedSchedule[] {
  const seen = new Set<string>()
  return raw.map((entry, index) => {
    const at = `config.schedules[${index}]`
    const schedule = typeof entry === 'string' ? { cron: entry } : record(entry, at, scheduleFields, complain, 'a cron expression or an object')
    if (schedule === undefined) return neverUsed
    const resolved: ResolvedSchedule = {
      cron: string(schedule['cron'], `${at}.cron`, complain) ?? '',
      timeZone: schedule['timeZone'] === undefined ? 'UTC' : string(schedule['timeZone'], `${at}.timeZone`, complain) ?? 'UTC',
      dialect: oneOf(schedule['dialect'], `${at}.dialect`, ['cloudflare', 'unix'], complain) ?? 'cloudflare',
      overlap: oneOf(schedule['overlap'], `${at}.overlap`, ['skip', 'allow'], complain) ?? 'skip',
      atStart: boolean(schedule['atStart'], `${at}.atStart`, complain) ?? false,
    }
    const key = `${resolved.cron}\n${resolved.timeZone}\n${resolved.dialect}`
    if (seen.has(key)) complain(at, 'each schedule once', entry, 'remove the repetition')
    seen.add(key)
    return resolved
  })
}

const bucketFields: readonly (keyof BucketTrigger)[] = ['bucket', 'events', 'prefix', 'suffix']

function resolveBuckets(raw: readonly unknown[], complain: Complain): Required<BucketTrigger>[] {
  return raw.map((entry, index) => {
    const at = `config.buckets[${index}]`
    const trigger = typeof entry === 'string' ? { bucket: entry } : record(entry, at, bucketFields, complain, 'the name of a bucket or an object') ?? {}
    const { bucket, events = ['create', 'delete'], prefix = '', suffix = '' } = trigger as Record<string, unknown>
    if (typeof bucket !== 'string' || !isBucketName(bucket)) complain(`${at}.bucket`, BUCKET_NAME_RULE, bucket)
    if (!Array.isArray(events) || events.length === 0 || !events.every((event) => event === 'create' || event === 'delete')) complain(`${at}.events`, 'a list of "create" and "delete"', events)
    for (const [field, value] of [['prefix', prefix], ['suffix', suffix]] as const) if (typeof value !== 'string') complain(`${at}.${field}`, 'a string', value)
    return { bucket, events, prefix, suffix } as Required<BucketTrigger>
  })
}

function checkNumber(value: unknown, field: NumberField, complain: Complain): number | undefined {
  if (value === undefined) return undefined
  const { min, max, whole, unit } = numbers[field]
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))
  if (fits) return value
  complain(`config.${field}`, `a ${whole ? 'whole ' : ''}number from ${min} to ${max} (${unit})`, value)
  return undefined
}

function record(
  value: unknown, at: string, known: readonly string[], complain: Complain, expected = 'an object of plain data',
): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    complain(at, expected, value)
    return undefined
  }
  const entries = Object.entries(value)
  for (const [key, entry] of entries) {
    if (known.includes(key) || entry === undefined) continue
    const near = nearest(key, known)
    complain(`${at}.${key}`, `one of ${known.join(', ')}`, key, near ? `did you mean ${near}?` : 'remove it')
  }
  return Object.fromEntries(entries)
}

function list(value: unknown, at: string, expected: string, complain: Complain): readonly unknown[] | undefined {
  if (value === undefined || Array.isArray(value)) return value
  complain(at, expected, value)
  return undefined
}

function strings(value: unknown, at: string, complain: Complain): string[] | undefined {
  return list(value, at, 'an array of strings', complain)?.map((entry, index) => string(entry, `${at}[${index}]`, complain) ?? '')
}

function string(value: unknown, at: string, complain: Complain): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  complain(at, 'a string that is not empty', value)
  return undefined
}

function boolean(value: unknown, at: string, complain: Complain): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  complain(at, 'true or false', value)
  return undefined
}

function destination(value: unknown, at: string, complain: Complain): string | undefined {
  if (value === undefined || (typeof value === 'string' && /^(queue|function):[a-z0-9][\w.-]*$/i.test(value))) return value
  complain(at, '"queue:NAME" or "function:NAME"', value)
  return undefined
}

function oneOf<Choice extends string>(value: unknown, at: string, choices: readonly Choice[], complain: Complain): Choice | undefined {
  if (value === undefined) return undefined
  const choice = choices.find((candidate) => candidate === value)
  if (choice === undefined) complain(at, choices.map((candidate) => `"${candidate}"`).join(' or '), value)
  return choice
}

/** Config is data: functions, symbols and the like are named by what they are, never run or printed. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' && typeof value !== 'string' && typeof value !== 'boolean') return `a ${typeof value}`
  const text = stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, entry: unknown) => (isData(entry) ? entry : `(${typeof entry})`)) ?? 'nothing'
  } catch {
    return 'an object that contains itself'
  }
}

function isData(value: unknown): boolean {
  return !['function', 'symbol', 'bigint'].includes(typeof value)
}

/** The known name at most two edits away from a mistyped one, ignoring case. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
  return scored.filter(({ edits }) => edits <= 2).sort((a, b) => a.edits - b.edits)[0]?.candidate
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
