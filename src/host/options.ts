import { findPrices, planNames, type PriceTable } from '../metering/prices.ts'
import { amount, badOption, listenHost, memoryBudget, onOrOff, outboundList, plainText, sizeBytes, wholeNumber } from './option-values.ts'

/** Everything a host is told when it starts, checked and with its units in the names. */
export interface HostOptions {
  /** Public port; 0 takes any free one. */
  port: number
  /** Port of the operator's API; 0 takes any free one. */
  adminPort: number
  /** Name or address both ports listen on. */
  host: string
  /** Folder of the host's own state. */
  data: string
  /** Folder of function files. */
  functions: string
  /** The `wrangler.toml` to read. */
  config: string
  /** True when somebody named `config`: then a missing file is an error, otherwise it means "no bindings". */
  configNamed: boolean
  /** What all instances together may use. */
  memoryBytes: number
  /** Largest request body. */
  maxBodyBytes: number
  /** Started, empty instances kept waiting. */
  warmCells: number
  /** Messages that one queue may hold. */
  queueDepth: number
  /** Private hosts and CIDR blocks that functions may reach all the same. */
  allowOutbound: string[]
  /** Believe `x-forwarded-proto` of the peer: it becomes the scheme of the request's URL. */
  trustProxy: boolean
  /** What invocations are charged by. */
  prices: PriceTable
  /** Most that all functions together may cost on one day (UTC), in US dollars. */
  budgetUsd?: number
  /** Token of the operator's API, from `PRESSROOM_ADMIN_TOKEN` alone: a flag would show it in the process list. */
  adminToken?: string
}

/** One option of the command line: the words of `--help` and the value used when nobody names one. */
export interface OptionRow {
  /** Key of the flag's value, in camel case. */
  key: string
  /** As typed, with its argument. */
  flag: string
  fallback: string
  help: string
}

/** The options of `start` and `dev`, in the order of their help. */
export const optionTable = [
  { key: 'port', flag: '--port <n>', fallback: '8787', help: 'public port; 0 takes a free one' },
  { key: 'adminPort', flag: '--admin-port <n>', fallback: '8788', help: "port of the operator's API; 0 takes a free one" },
  { key: 'host', flag: '--host <name>', fallback: '127.0.0.1', help: 'name or address both ports listen on' },
  { key: 'data', flag: '--data <dir>', fallback: '.pressroom', help: "folder of the host's own state" },
  { key: 'functions', flag: '--functions <dir>', fallback: 'functions', help: 'folder of the function files' },
  { key: 'config', flag: '--config <file>', fallback: 'wrangler.toml', help: 'bindings and variables' },
  { key: 'memory', flag: '--memory <size>', fallback: '70%', help: 'what all instances may use: a share or a size such as 2GiB' },
  { key: 'maxBody', flag: '--max-body <size>', fallback: '100MiB', help: 'largest request body' },
  { key: 'warmCells', flag: '--warm-cells <n>', fallback: '2', help: 'started, empty instances kept waiting' },
  { key: 'queueDepth', flag: '--queue-depth <n>', fallback: '100000', help: 'messages that one queue may hold' },
  { key: 'allowOutbound', flag: '--allow-outbound <list>', fallback: '', help: 'private HOST[:PORT] or CIDR functions may reach' },
  { key: 'trustProxy', flag: '--trust-proxy', fallback: 'false', help: 'believe x-forwarded-proto of the peer' },
  { key: 'prices', flag: '--prices <name>', fallback: 'aws-x86', help: `price table: ${planNames.join(', ')}` },
  { key: 'budget', flag: '--budget <usd>', fallback: '', help: 'most that all functions may cost a day (UTC), in US dollars' },
] as const satisfies OptionRow[]

type OptionKey = (typeof optionTable)[number]['key']

/** Name of the environment variable that stands in for a flag: `adminPort` → `PRESSROOM_ADMIN_PORT`. */
export function variableOf(key: string): string {
  return `PRESSROOM_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/**
 * Settles the options of a host: flag before `PRESSROOM_<FLAG>` before default; an `undefined` flag and an empty variable count as not
 * given. `totalMemoryBytes` is what the machine has, for shares such as `70%`.
 * @throws PressroomError `bad_option` naming the flag or variable, what was expected and what was found.
 */
export function resolveOptions(
  flags: Record<string, unknown>,
  env: Record<string, string | undefined>,
  totalMemoryBytes: number,
): HostOptions {
  const values = new Map(optionTable.map((row) => [row.key, settle(row, flags, env)]))
  const read = <T>(key: OptionKey, check: (name: string, value: unknown) => T): T => {
    const found = values.get(key)
    if (!found) throw new Error(`no option is called ${key}`)
    return check(found.name, found.value)
  }
  const port = (name: string, value: unknown) => wholeNumber(name, value, 0, 65_535)
  const folder = (name: string, value: unknown) => plainText(name, value, 'the path of a folder')
  const options: HostOptions = {
    port: read('port', port),
    adminPort: read('adminPort', port),
    host: read('host', listenHost),
    data: read('data', folder),
    functions: read('functions', folder),
    config: read('config', (name, value) => plainText(name, value, 'the path of a file')),
    configNamed: values.get('config')?.given === true,
    memoryBytes: read('memory', (name, value) => memoryBudget(name, value, totalMemoryBytes)),
    maxBodyBytes: read('maxBody', (name, value) => sizeBytes(name, value, 1)),
    warmCells: read('warmCells', (name, value) => wholeNumber(name, value, 0, 64)),
    queueDepth: read('queueDepth', (name, value) => wholeNumber(name, value, 1, 10_000_000)),
    allowOutbound: read('allowOutbound', outboundList),
    trustProxy: read('trustProxy', onOrOff),
    prices: read('prices', (_, value) => findPrices(String(value))),
    ...(values.get('budget')?.given ? { budgetUsd: read('budget', amount) } : {}),
    ...adminToken(env),
  }
  if (options.port !== 0 && options.port === options.adminPort) {
    throw badOption(values.get('adminPort')?.name ?? '--admin-port', 'a port other than the public one', options.adminPort)
  }
  return options
}

function settle(row: OptionRow, flags: Record<string, unknown>, env: Record<string, string | undefined>) {
  const flag = flags[row.key]
  if (flag !== undefined) return { name: row.flag.split(' ')[0] ?? row.flag, value: flag, given: true }
  const variable = variableOf(row.key)
  const set = env[variable]
  if (set !== undefined && set !== '') return { name: variable, value: set, given: true }
  return { name: row.flag.split(' ')[0] ?? row.flag, value: row.fallback, given: false }
}

function adminToken(env: Record<string, string | undefined>): { adminToken?: string } {
  const token = env['PRESSROOM_ADMIN_TOKEN']
  if (token === undefined || token === '') return {}
  // The value itself must not reach the screen or the log.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw badOption('PRESSROOM_ADMIN_TOKEN', 'printable ASCII characters without spaces', `${token.length} characters, others among them`)
  }
  return { adminToken: token }
}
