import type { DatabaseSync } from 'node:sqlite'
import type { LedgerEntry } from '../../../ports/store.ts'
import { unpackLedger, type LedgerBatch, type MinuteCounts } from './ledger-batch.ts'

/** How many single records are kept. */
const RECORDS_KEPT = 100_000
/** Sums by the minute are kept so long, then by the hour. */
const MINUTES_KEPT_MS = 90 * 86_400_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Hours that one batch folds at most, so that no write transaction grows long. */
const HOURS_AT_ONCE = 24

const recordColumns = [
  'id', 'function', 'revision', 'host', 'trigger', 'outcome', 'status', 'at', 'queue_us', 'init_us', 'run_us', 'billed_ms', 'cpu_us',
  'memory_mib', 'max_memory_bytes', 'cold', 'cost_pico', 'trace_id',
]
const counters = [
  'invocations', 'delivered', 'errors', 'throttled', 'overloaded', 'skipped', 'billed_ms', 'init_us', 'run_us', 'cpu_us', 'unbilled_init_us', 'cost_pico',
] as const

/** Two rows of one minute, or an hour and its minutes, become one. */
const added = `ON CONFLICT DO UPDATE SET ${counters.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')},
  max_memory_bytes = max(max_memory_bytes, excluded.max_memory_bytes)`

/** Money is summed as bigint: a batch gathered while the disk was full may pass what a double counts exactly. */
type Sums = Record<Exclude<(typeof counters)[number], 'cost_pico'>, number> & {
  start: number
  function: string
  memory_mib: number
  host: string
  cost_pico: bigint
  max_memory_bytes: number
}

/**
 * Writes one batch inside the transaction of its caller: single records, sums by the minute, and the upkeep of both.
 * @param kept how many single records stay; default 100,000
 */
export function createLedgerWriter(database: DatabaseSync, kept = RECORDS_KEPT): (batch: LedgerBatch) => void {
  const insert = database.prepare(`INSERT INTO invocations (${recordColumns.join(', ')}) VALUES (${recordColumns.map(() => '?').join(', ')})`)
  const prune = database.prepare(`DELETE FROM invocations WHERE seq <= (SELECT max(seq) FROM invocations) - ${kept}`)
  const upsert = database.prepare(
    `INSERT INTO usage (start, function, memory_mib, host, ${counters.join(', ')}, max_memory_bytes) VALUES (${Array.from({ length: counters.length + 5 }, () => '?').join(', ')})
     ${added}`,
  )
  const add = (sums: Sums) => {
    upsert.run(sums.start, sums.function, sums.memory_mib, sums.host, ...counters.map((name) => sums[name]), sums.max_memory_bytes)
  }
  // Summed by SQLite, in 64 bits. An hour's own row is that of its first minute.
  const fold = database.prepare(
    `INSERT INTO usage (start, function, memory_mib, host, ${counters.join(', ')}, max_memory_bytes)
     SELECT start - start % ${HOUR_MS}, function, memory_mib, host, ${counters.map((name) => `sum(${name})`).join(', ')}, max(max_memory_bytes)
     FROM usage WHERE start > ? AND start < ? GROUP BY function, memory_mib, host
     ${added}`,
  )
  const folded = database.prepare('DELETE FROM usage WHERE start > ? AND start < ?')
  const toFold = database.prepare(
    `SELECT DISTINCT start - start % ${HOUR_MS} AS hour FROM usage WHERE start < ? AND start % ${HOUR_MS} != 0 LIMIT ${HOURS_AT_ONCE}`,
  )
  let foldedAt = -Infinity

  /** Sums older than 90 days are kept by the hour. */
  const foldOld = (now: number) => {
    const before = Math.floor((now - MINUTES_KEPT_MS) / HOUR_MS) * HOUR_MS
    const hours = toFold.all(before) as { hour: number }[]
    if (hours.length < HOURS_AT_ONCE) foldedAt = now
    for (const { hour } of hours) {
      fold.run(hour, hour + HOUR_MS)
      folded.run(hour, hour + HOUR_MS)
    }
  }

  return (batch) => {
    const minutes = new Map<string, Sums>()
    let latest = 0
    for (const entry of unpackLedger(batch)) {
      insert.run(
        entry.id, entry.function, entry.revision, entry.host, entry.trigger, entry.outcome, entry.status, whole(entry.at), us(entry.queueMs),
        us(entry.initMs), us(entry.runMs), whole(entry.billedMs), us(entry.cpuMs), entry.memoryMib, whole(entry.maxMemoryBytes), entry.cold ? 1 : 0,
        whole(entry.costPico), entry.traceId,
      )
      addEntry(minutes, entry)
      latest = Math.max(latest, entry.at)
    }
    for (const counts of batch.counts) addCounts(minutes, counts)
    for (const sums of minutes.values()) add(sums)
    if (latest === 0) return
    prune.run()
    if (Math.abs(latest - foldedAt) >= HOUR_MS) foldOld(latest)
  }
}

function addEntry(minutes: Map<string, Sums>, entry: LedgerEntry) {
  const sums = at(minutes, entry.function, entry.host, entry.memoryMib, entry.at - (entry.at % MINUTE_MS))
  sums.invocations++
  // Only what reached an instance has a revision.
  if (entry.revision !== null) sums.delivered++
  if (entry.outcome !== 'ok' && entry.outcome !== 'canceled') sums.errors++
  sums.billed_ms += whole(entry.billedMs)
  sums.init_us += us(entry.initMs)
  sums.run_us += us(entry.runMs)
  sums.cpu_us += us(entry.cpuMs)
  sums.cost_pico += BigInt(whole(entry.costPico))
  sums.max_memory_bytes = Math.max(sums.max_memory_bytes, whole(entry.maxMemoryBytes))
}

function addCounts(minutes: Map<string, Sums>, counts: MinuteCounts) {
  const sums = at(minutes, counts.function, counts.host, counts.memoryMib, counts.minute)
  sums.throttled += counts.throttled
  sums.overloaded += counts.overloaded
  sums.skipped += counts.skipped
  sums.unbilled_init_us += counts.unbilledInitUs
}

function at(minutes: Map<string, Sums>, name: string, host: string, memoryMib: number, start: number): Sums {
  const key = `${start}\n${name}\n${memoryMib}\n${host}`
  const found = minutes.get(key)
  if (found) return found
  const made: Sums = {
    start, function: name, memory_mib: memoryMib, host, invocations: 0, delivered: 0, errors: 0, throttled: 0, overloaded: 0, skipped: 0, billed_ms: 0,
    init_us: 0, run_us: 0, cpu_us: 0, unbilled_init_us: 0, cost_pico: 0n, max_memory_bytes: 0,
  }
  minutes.set(key, made)
  return made
}

function us(ms: number): number {
  return whole(ms * 1000)
}

/** One figure that the columns do not take would keep its whole batch from being written, for ever. */
function whole(figure: number): number {
  return Number.isFinite(figure) ? Math.round(figure) : 0
}
