import type { Outcome, Trigger } from '../../../contract/invocation.ts'
import type { LedgerEntry, RecordQuery, Usage, UsageKey, UsageQuery } from '../../../ports/store.ts'
import type { Value } from './calls.ts'
import type { HostDatabase } from './database.ts'

const MINUTE_MS = 60_000

interface Row {
  seq: number
  id: string
  function: string
  revision: string | null
  host: string
  trigger: Trigger
  outcome: Outcome
  status: number | null
  at: number
  queue_us: number
  init_us: number
  run_us: number
  billed_ms: number
  cpu_us: number
  memory_mib: number
  max_memory_bytes: number
  cold: number
  cost_pico: number
  trace_id: string | null
}

/** One page of single records, newest first. */
export async function queryRecords(database: HostDatabase, query: RecordQuery): Promise<{ entries: LedgerEntry[]; next: number | null }> {
  const { function: name, outcome, limit, cursor } = query
  const where = conditions({ 'function = ?': name, 'outcome = ?': outcome, 'seq < ?': cursor })
  const rows = await database.all<Row>(`SELECT * FROM invocations ${where.sql} ORDER BY seq DESC LIMIT ?`, ...where.values, limit + 1)
  const page = rows.slice(0, limit)
  return { entries: page.map(toEntry), next: rows.length > limit ? (page.at(-1)?.seq ?? null) : null }
}

const keyColumns: Record<UsageKey, string> = {
  function: 'function',
  memory: 'CAST(memory_mib AS TEXT)',
  hour: "strftime('%Y-%m-%dT%H:00:00.000Z', start / 1000, 'unixepoch')",
  day: "strftime('%Y-%m-%d', start / 1000, 'unixepoch')",
}

interface Sums {
  invocations: number
  delivered: number
  errors: number
  throttled: number
  overloaded: number
  skipped: number
  billed_ms: number
  mib_ms: number
  init_us: number
  run_us: number
  cpu_us: number
  unbilled_init_us: number
  max_memory_bytes: number
  cost_pico: string
}

/** Sums over minutes, or over hours where minutes are no longer kept. */
export async function queryUsage(database: HostDatabase, { function: name, from, to, by }: UsageQuery): Promise<Usage[]> {
  const where = conditions({ 'function = ?': name, 'start >= ?': wholeMinute(from), 'start < ?': wholeMinute(to) })
  const keys = by.map((key) => `${keyColumns[key]} AS key_${key}`)
  const sums = ['invocations', 'delivered', 'errors', 'throttled', 'overloaded', 'skipped', 'billed_ms', 'init_us', 'run_us', 'cpu_us', 'unbilled_init_us']
    // As a double where years of a busy host pass what one counts exactly: an integer that does not fit would be an error.
    .map((column) => `CAST(coalesce(sum(${column}), 0) AS REAL) AS ${column}`)
  const columns = [
    ...keys, ...sums, 'CAST(coalesce(sum(memory_mib * billed_ms), 0) AS REAL) AS mib_ms', 'coalesce(max(max_memory_bytes), 0) AS max_memory_bytes',
    // As text: money is exact.
    'CAST(coalesce(sum(cost_pico), 0) AS TEXT) AS cost_pico', 'count(*) AS rows',
  ]
  const group = by.length === 0 ? '' : `GROUP BY ${by.map((key) => `key_${key}`).join(', ')} ORDER BY ${by.map((key) => `key_${key}`).join(', ')}`
  const rows = await database.all<Sums & Record<string, Value>>(`SELECT ${columns.join(', ')} FROM usage ${where.sql} ${group}`, ...where.values)
  return rows.filter((row) => row['rows'] !== 0).map((row) => ({
    keys: Object.fromEntries(by.map((key) => [key, String(row[`key_${key}`])])),
    invocations: row.invocations,
    delivered: row.delivered,
    errors: row.errors,
    throttled: row.throttled,
    overloaded: row.overloaded,
    skipped: row.skipped,
    billedMs: row.billed_ms,
    mibMs: row.mib_ms,
    initMs: row.init_us / 1000,
    runMs: row.run_us / 1000,
    cpuMs: row.cpu_us / 1000,
    unbilledInitMs: row.unbilled_init_us / 1000,
    maxMemoryBytes: row.max_memory_bytes,
    costPico: BigInt(row.cost_pico),
  }))
}

function conditions(parts: Record<string, Value | undefined>): { sql: string; values: Value[] } {
  const used = Object.entries(parts).filter((part): part is [string, Value] => part[1] !== undefined)
  return { sql: used.length === 0 ? '' : `WHERE ${used.map(([condition]) => condition).join(' AND ')}`, values: used.map(([, value]) => value) }
}

function wholeMinute(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.floor(ms / MINUTE_MS) * MINUTE_MS
}

function toEntry(row: Row): LedgerEntry {
  const { id, revision, host, trigger, outcome, status, at } = row
  return {
    id, function: row.function, revision, host, trigger, outcome, status, at,
    queueMs: row.queue_us / 1000,
    initMs: row.init_us / 1000,
    runMs: row.run_us / 1000,
    billedMs: row.billed_ms,
    cpuMs: row.cpu_us / 1000,
    memoryMib: row.memory_mib,
    maxMemoryBytes: row.max_memory_bytes,
    cold: row.cold === 1,
    costPico: row.cost_pico,
    traceId: row.trace_id,
  }
}
