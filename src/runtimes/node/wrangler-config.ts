import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { PressroomError } from '../../contract/errors.ts'
import { BUCKET_NAME_RULE, isBucketName } from '../../contract/function-config.ts'
import type { AssetsSpec, BindingSpec, BucketSpec, D1Spec, HtmlHandling, JsonValue, KvSpec, NotFoundHandling } from './bindings/spec.ts'
import { ConfigFile } from './config/config-file.ts'
import { readQueues, type QueuesConfig } from './config/queues.ts'
import { ownModule } from './process/own-module.ts'

/** What `wrangler.toml` says to this runtime; plain data. */
export interface WranglerConfig {
  /** The file, or undefined when there is none. */
  path: string | undefined
  name: string | undefined
  /** `[triggers] crons`. */
  crons: string[]
  /** `[queues]`. */
  queues: QueuesConfig
  /** Everything that functions may have in `env`, by name. */
  bindings: Record<string, BindingSpec>
  /** Keys of the file that this runtime has no answer to. */
  unsupported: string[]
}

/** The ledger of the same functions on Workers: this host has its own. */
const WORKERS_LEDGER = 'PRESSROOM_LEDGER'
/** Keys that are read here, or that speak of building and deploying only. */
const UNDERSTOOD = new Set([
  '$schema', 'name', 'main', 'vars', 'kv_namespaces', 'd1_databases', 'r2_buckets', 'assets', 'triggers', 'queues', 'account_id', 'base_dir', 'build', 'compatibility_date',
  'compatibility_flags', 'define', 'alias', 'dev', 'find_additional_modules', 'first_party_worker', 'images', 'jsx_factory', 'jsx_fragment', 'keep_names', 'keep_vars',
  'legacy_env', 'limits', 'logpush', 'minify', 'no_bundle', 'observability', 'placement', 'preserve_file_names', 'preview_urls', 'route', 'routes', 'rules',
  'send_metrics', 'tsconfig', 'upload_source_maps', 'workers_dev',
])
const HTML_HANDLING: HtmlHandling[] = ['auto-trailing-slash', 'force-trailing-slash', 'drop-trailing-slash', 'none']
const NOT_FOUND_HANDLING: NotFoundHandling[] = ['none', '404-page', 'single-page-application']

/**
 * Reads `wrangler.toml` and `.dev.vars` beside it. A variable comes from `[vars]`, outweighed by `.dev.vars`, outweighed by
 * the environment. Without the file there are no bindings, unless it is `required`.
 * @throws PressroomError `bad_config` naming file and field, expected and found
 */
export function readWranglerConfig(options: {
  path: string
  environment: Record<string, string | undefined>
  dataDir: string
  /** Default false. */
  required?: boolean
}): WranglerConfig {
  const path = resolve(options.path)
  if (!existsSync(path)) {
    if (options.required === true) throw new PressroomError('bad_config', `${path}: no such file; name another with --config or leave the option out`)
    return { path: undefined, name: undefined, crons: [], queues: { consumers: {} }, bindings: {}, unsupported: [] }
  }
  const file = new ConfigFile(path)
  const folder = dirname(path)
  const bindings: Record<string, BindingSpec> = {}
  const add = (name: string, field: string, spec: BindingSpec) => {
    if (Object.hasOwn(bindings, name)) throw file.wrong(field, 'a binding name used once', `"${name}" again`)
    bindings[name] = spec
  }
  for (const [name, value] of Object.entries(readVars(file, folder, options.environment))) add(name, `vars.${name}`, { type: 'var', value })
  for (const [i, entry] of file.tables('kv_namespaces').entries()) {
    const field = `kv_namespaces[${i}]`
    const binding = file.text(entry, field, 'binding')
    const spec: KvSpec = { type: 'kv', file: databaseFile(options.dataDir, 'kv', file.optional(entry, field, 'id') ?? binding) }
    add(binding, `${field}.binding`, spec)
  }
  for (const [i, entry] of file.tables('d1_databases').entries()) {
    const field = `d1_databases[${i}]`
    const binding = file.text(entry, field, 'binding')
    if (binding === WORKERS_LEDGER) continue
    const name = file.optional(entry, field, 'database_name') ?? binding
    const spec: D1Spec = {
      type: 'd1',
      file: databaseFile(options.dataDir, 'd1', file.optional(entry, field, 'database_id') ?? name),
      name,
      migrationsDir: resolve(folder, file.optional(entry, field, 'migrations_dir') ?? 'migrations'),
      migrationsTable: file.optional(entry, field, 'migrations_table') ?? 'd1_migrations',
    }
    add(binding, `${field}.binding`, spec)
  }
  for (const [i, entry] of file.tables('r2_buckets').entries()) {
    const field = `r2_buckets[${i}]`
    const bucket = file.text(entry, field, 'bucket_name')
    if (!isBucketName(bucket)) throw file.wrong(`${field}.bucket_name`, BUCKET_NAME_RULE, bucket)
    add(file.text(entry, field, 'binding'), `${field}.binding`, { type: 'bucket', bucket } satisfies BucketSpec)
  }
  const { producers, ...queues } = readQueues(file)
  for (const { binding, field, spec } of producers) add(binding, field, spec)
  const assets = readAssets(file, folder)
  if (assets !== undefined) add(assets.binding, 'assets.binding', assets.spec)
  const triggers = file.table('triggers')
  const crons = triggers?.crons ?? []
  if (!Array.isArray(crons) || !crons.every((cron) => typeof cron === 'string')) throw file.wrong('triggers.crons', 'a list of strings', crons)
  return {
    path,
    name: file.optional(file.content, '', 'name'),
    crons,
    queues,
    bindings,
    unsupported: Object.keys(file.content).filter((key) => !UNDERSTOOD.has(key)),
  }
}

/**
 * Picks what one function gets: everything but secrets, or the names of its `env`. A name that only the environment knows is a
 * variable of text.
 * @param file the function's file, for the message
 * @throws PressroomError `bad_config` for a name that nobody knows
 */
export function pickBindings(
  config: WranglerConfig, names?: readonly string[], environment: Record<string, string | undefined> = {}, file = 'function',
  secret: (name: string) => string | undefined = () => undefined,
): Record<string, BindingSpec> {
  if (names === undefined) return { ...config.bindings }
  const picked: Record<string, BindingSpec> = {}
  for (const name of names) {
    const hidden = Object.hasOwn(config.bindings, name) ? undefined : secret(name)
    if (hidden !== undefined) {
      picked[name] = { type: 'secret', value: hidden }
      continue
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    const spec = Object.hasOwn(config.bindings, name) ? config.bindings[name] : value === undefined ? undefined : { type: 'var' as const, value }
    if (spec === undefined) {
      const known = Object.keys(config.bindings)
      const where = config.path ?? 'wrangler.toml (there is none)'
      throw new PressroomError('bad_config', `${file}: config.env: expected a name of ${where}${known.length === 0 ? '' : ` (${known.join(', ')})`}` +
        `, of an environment variable or of a secret (pressroom secret put), found "${name}"`)
    }
    picked[name] = spec
  }
  return picked
}

/**
 * Makes the database files ready and applies D1 migrations, in a process of its own, so that the host's loop stays free.
 * @returns what was applied, as `database: file`
 * @throws PressroomError `bad_config` naming the migration that failed; it changed nothing
 */
export async function migrateD1(config: Pick<WranglerConfig, 'bindings'>): Promise<string[]> {
  const stored = Object.entries(config.bindings).filter(([, spec]) => spec.type === 'd1' || spec.type === 'kv')
  if (stored.length === 0) return []
  const script = ownModule(import.meta.dirname, 'bindings/migrate')
  return new Promise((done, failed) => {
    const child = execFile(process.execPath, ['--disable-warning=ExperimentalWarning', script], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error === null) done(JSON.parse(stdout) as string[])
      else failed(new PressroomError('bad_config', `bindings: ${stderr.trim() || error.message}`, { cause: error }))
    })
    child.stdin?.end(JSON.stringify(Object.fromEntries(stored)))
  })
}

/** A database's file below the data folder; an id that is no plain name is kept by its hash. */
function databaseFile(dataDir: string, kind: 'kv' | 'd1', id: string): string {
  const plain = /^[\w-][\w.-]{0,99}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 32)
  return resolve(dataDir, kind, `${plain}.sqlite`)
}

function readVars(file: ConfigFile, folder: string, environment: Record<string, string | undefined>): Record<string, JsonValue> {
  // As JSON, which is what Workers gets: a TOML date is a text there.
  const vars = JSON.parse(JSON.stringify(file.table('vars') ?? {})) as Record<string, JsonValue>
  const local = join(folder, '.dev.vars')
  if (existsSync(local)) Object.assign(vars, parseEnv(readFileSync(local, 'utf8')))
  for (const [name, declared] of Object.entries(vars)) {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    if (value !== undefined) vars[name] = typeof declared === 'string' ? value : parseLike(name, declared, value)
  }
  return vars
}

/** An environment variable has text only: over a number, a list or a table it is read as JSON of that kind. */
function parseLike(name: string, declared: JsonValue, text: string): JsonValue {
  const kind = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value)
  try {
    const value = JSON.parse(text) as JsonValue
    if (kind(value) === kind(declared)) return value
  } catch {
    // The message below tells what was expected.
  }
  throw new PressroomError('bad_config',
    `environment variable ${name}: expected JSON of the same kind as in [vars] (${kind(declared)}), found ${JSON.stringify(text)}`)
}

function readAssets(file: ConfigFile, folder: string): { binding: string; spec: AssetsSpec } | undefined {
  const assets = file.table('assets')
  if (assets === undefined || assets.binding === undefined) return undefined
  const directory = resolve(folder, file.text(assets, 'assets', 'directory'))
  if (!existsSync(directory)) throw file.wrong('assets.directory', 'a folder that exists', directory)
  const htmlHandling = HTML_HANDLING.find((known) => known === (assets.html_handling ?? 'auto-trailing-slash'))
  if (htmlHandling === undefined) throw file.wrong('assets.html_handling', HTML_HANDLING.join(', '), assets.html_handling)
  const notFoundHandling = NOT_FOUND_HANDLING.find((known) => known === (assets.not_found_handling ?? 'none'))
  if (notFoundHandling === undefined) throw file.wrong('assets.not_found_handling', NOT_FOUND_HANDLING.join(', '), assets.not_found_handling)
  return { binding: file.text(assets, 'assets', 'binding'), spec: { type: 'assets', directory, htmlHandling, notFoundHandling } }
}
