import { bucketQueue } from '../../../host/bucket-triggers.ts'
import type { DeployedFunction } from '../../../host/deployed.ts'
import type { WranglerConfig } from '../wrangler-config.ts'
import type { WorkersFile } from './workers-file.ts'

/** One thing that functions and `wrangler.toml` do not agree on, or that Workers does otherwise. */
export interface Finding {
  /** `refused`: Workers cannot do it. `differs`: what is declared twice does not agree. `note`: to be known. */
  level: 'refused' | 'differs' | 'note'
  /** What it is about, for `--allow`: `ingest:atStart`. */
  about: string
  message: string
  /** True when `--fix` mends it. */
  fixable?: boolean
}

/** What every isolate has, MiB. */
const ISOLATE_MIB = 128

/** Compares functions with what `wrangler.toml` tells Cloudflare. */
export function findDifferences(functions: readonly DeployedFunction[], wrangler: WranglerConfig, file: WorkersFile): Finding[] {
  return [...functions.flatMap(schedulesOf), ...crons(functions, wrangler), ...functions.flatMap((one) => bindingsOf(one, wrangler)), ...queues(functions, wrangler), ...functions.flatMap(limitsOf), ...deployment(functions, file)]
}

/** The schedules of all functions, each once. */
export function cronsOf(functions: readonly DeployedFunction[]): string[] {
  return [...new Set(functions.flatMap(({ config }) => config.schedules.map(({ cron }) => cron.trim().split(/\s+/).join(' '))))].toSorted()
}

function schedulesOf({ name, file, config }: DeployedFunction): Finding[] {
  return config.schedules.flatMap(({ cron, timeZone, dialect, overlap, atStart }) => {
    const refused = (field: string, why: string): Finding => ({ level: 'refused', about: `${name}:${field}`, message: `${file}: config.schedules "${cron}": ${field}: ${why}` })
    return [
      ...(timeZone === 'UTC' ? [] : [refused('timeZone', `Workers knows UTC alone, found ${timeZone}; write the expression in UTC`)]),
      ...(dialect === 'cloudflare' ? [] : [refused('dialect', `Workers counts weekdays 1–7 from Sunday, found ${dialect}; write days by name`)]),
      ...(overlap === 'skip' ? [] : [refused('overlap', 'Workers decides by itself whether ticks overlap, nothing can be set; leave it out')]),
      ...(atStart ? [refused('atStart', 'a Worker is never started; leave it out, or --allow it when a first tick at the next full time is soon enough')] : []),
    ]
  })
}

function crons(functions: readonly DeployedFunction[], { crons: declared }: WranglerConfig): Finding[] {
  const wanted = cronsOf(functions)
  const there = declared.map((cron) => cron.trim().split(/\s+/).join(' '))
  const who = (cron: string) => functions.filter(({ config }) => config.schedules.some((one) => one.cron.trim().split(/\s+/).join(' ') === cron)).map(({ name }) => name).join(', ')
  return [
    ...wanted.filter((cron) => !there.includes(cron)).map((cron): Finding => ({ level: 'differs', about: `crons:${cron}`, fixable: true, message: `[triggers] crons lacks "${cron}" of ${who(cron)}: on Workers it would never tick` })),
    ...there.filter((cron) => !wanted.includes(cron)).map((cron): Finding => ({ level: 'differs', about: `crons:${cron}`, fixable: true, message: `[triggers] crons has "${cron}", which no function declares: on Workers it would wake nothing` })),
  ]
}

function bindingsOf({ name, file, config }: DeployedFunction, { bindings }: WranglerConfig): Finding[] {
  return (config.env ?? []).filter((wanted) => !Object.hasOwn(bindings, wanted)).map((wanted) => ({
    level: 'differs', about: `${name}:${wanted}`,
    message: `${file}: config.env: "${wanted}" is neither a variable nor a binding of wrangler.toml; is it a secret? Then --allow it, and on Workers: npx wrangler secret put ${wanted}`,
  }))
}

function queues(functions: readonly DeployedFunction[], { queues: { consumers }, bindings }: WranglerConfig): Finding[] {
  const told = functions.flatMap(({ name, config }) => [
    ...config.queues.map((queue) => ({ name, queue, what: `consumes the queue "${queue}"` })),
    ...config.buckets.map(({ bucket }) => ({ name, queue: bucketQueue(bucket, name), what: `is told of the bucket "${bucket}" by the queue "${bucketQueue(bucket, name)}"` })),
  ])
  const buckets = new Set(Object.values(bindings).flatMap((spec) => (spec.type === 'bucket' ? [spec.bucket] : [])))
  return [
    ...told.filter(({ queue }) => !Object.hasOwn(consumers, queue)).map(({ name, queue, what }): Finding => ({ level: 'differs', about: `${name}:${queue}`, message: `${name} ${what}, which has no [[queues.consumers]]: on Workers nothing would reach it` })),
    ...Object.keys(consumers).filter((queue) => !told.some((one) => one.queue === queue)).map((queue): Finding => ({ level: 'differs', about: `queues:${queue}`, message: `[[queues.consumers]] has "${queue}", which no function consumes: on Workers its messages would fail` })),
    ...functions.flatMap(({ name, config }) => config.buckets.filter(({ bucket }) => !buckets.has(bucket)).map(({ bucket }): Finding => ({ level: 'differs', about: `${name}:${bucket}`, message: `${name} is told of the bucket "${bucket}", which no [[r2_buckets]] binds` }))),
  ]
}

function limitsOf({ name, config }: DeployedFunction): Finding[] {
  const note = (field: string, message: string): Finding => ({ level: 'note', about: `${name}:${field}`, message: `${name}: ${message}` })
  return [
    ...(config.native ? [note('native', 'native: there is no native code on Workers; what needs it must have another way there')] : []),
    ...(config.memory > ISOLATE_MIB && !config.native ? [note('memory', `memory ${config.memory}: every isolate has ${ISOLATE_MIB} MB on Workers, shared by all functions`)] : []),
    ...(config.budget === undefined ? [] : [note('budget', 'budget: is not held on Workers')]),
  ]
}

function deployment(functions: readonly DeployedFunction[], { compatibilityDate, compatibilityFlags, placeholders, registered }: WorkersFile): Finding[] {
  const unlisted = registered === undefined ? [] : functions.filter(({ name }) => !registered.includes(name))
  const gone = (registered ?? []).filter((name) => !functions.some((one) => one.name === name))
  return [
    ...(compatibilityDate === undefined ? [{ level: 'differs', about: 'compatibility_date', message: 'compatibility_date is missing: Workers would behave as on its first day' } as const] : []),
    ...(compatibilityFlags.includes('nodejs_compat') ? [] : [{ level: 'differs', about: 'compatibility_flags', message: 'compatibility_flags lacks "nodejs_compat", which the runtime of this host needs' } as const]),
    ...unlisted.map(({ name }): Finding => ({ level: 'differs', about: `registry:${name}`, message: `_registry.ts does not list ${name}: on Workers it would not be there` })),
    ...gone.map((name): Finding => ({ level: 'differs', about: `registry:${name}`, message: `_registry.ts lists ${name}, which is no function of the folder` })),
    ...placeholders.map((field): Finding => ({ level: 'note', about: field, message: `${field} is a placeholder: make it on Cloudflare and put its id there before you deploy` })),
  ]
}
