import type { DatabaseSync } from 'node:sqlite'
import type { LedgerEntry } from '../../../ports/store.ts'
import { unpackLedger, type LedgerBatch, type MinuteCounts } from './ledger-batch.ts'

/** How many single records are kept. */
export const RECORDS_KEPT = 100_000
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

type Sums = Record<(typeof counters)[number], number> & { start: number; function: string; memory_mib: number; host: string; max_memory_bytes: number }

/** Writes one batch inside the transaction of its caller: single records, sums by the minute, and the upkeep of both. */
export function createLedgerWriter(database: DatabaseSync): (batch: LedgerBatch) => void {
  const insert = database.prepare(`INSERT INTO invocations (${recordColumns.join(', ')}) VALUES (${recordColumns.map(() => '?').join(', ')})`)
  const prune = database.prepare(`DELETE FROM invocations WHERE seq <= (SELECT max(seq) FROM invocations) - ${RECORDS_KEPT}`)
  const upsert = database.prepare(
    `INSERT INTO usage (start, function, memory_mib, host, ${counters.join(', ')}, max_memory_bytes) VALUES (${Array.from({ length: counters.length + 5 }, () => '?').join(', ')})
     ON CONFLICT DO UPDATE SET ${counters.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}, max_memory_bytes = max(max_memory_bytes, excluded.max_memory_bytes)`,
  )
  const add = (sums: Sums) => {
    upsert.run(sums.start, sums.function, sums.memory_mib, sums.host, ...counters.map((name) => sums[name]), sums.max_memory_bytes)
  }
  let foldedAt = -Infinity

  /** Sums older than 90 days are kept by the hour: an hour's minutes become its first. */
  const fold = (now: number) => {
    const before = Math.floor((now - MINUTES_KEPT_MS) / HOUR_MS) * HOUR_MS
    const hours = database.prepare(`SELECT DISTINCT start - start % ${HOUR_MS} AS hour FROM usage WHERE start < ? AND start % ${HOUR_MS} != 0 LIMIT ${HOURS_AT_ONCE}`).all(before)
    if (hours.length < HOURS_AT_ONCE) foldedAt = now
    for (const { hour } of hours as { hour: number }[]) {
      const sums = database.prepare(
        `SELECT function, memory_mib, host, ${counters.map((name) => `sum(${name}) AS ${name}`).join(', ')}, max(max_memory_bytes) AS max_memory_bytes
         FROM usage WHERE start >= ? AND start < ? GROUP BY function, memory_mib, host`,
      ).all(hour, hour + HOUR_MS) as unknown as Sums[]
      database.prepare('DELETE FROM usage WHERE start >= ? AND start < ?').run(hour, hour + HOUR_MS)
      for (const one of sums) add({ ...one, start: hour })
    }
  }

  return (batch) => {
    const minutes = new Map<string, Sums>()
    let latest = 0
    for (const entry of unpackLedger(batch)) {
      insert.run(
        entry.id, entry.function, entry.revision, entry.host, entry.trigger, entry.outcome, entry.status, entry.at, us(entry.queueMs),
        us(entry.initMs), us(entry.runMs), entry.billedMs, us(entry.cpuMs), entry.memoryMib, entry.maxMemoryBytes, entry.cold ? 1 : 0,
        entry.costPico, entry.traceId,
      )
      addEntry(minutes, entry)
      latest = Math.max(latest, entry.at)
    }
    for (const counts of batch.counts) addCounts(minutes, counts)
    for (const sums of minutes.values()) add(sums)
    if (latest === 0) return
    prune.run()
    if (Math.abs(latest - foldedAt) >= HOUR_MS) fold(latest)
  }
}

function addEntry(minutes: Map<string, Sums>, entry: LedgerEntry) {
  const sums = at(minutes, entry.function, entry.host, entry.memoryMib, entry.at - (entry.at % MINUTE_MS))
  sums.invocations++
  // Only what reached an instance has a revision.
  if (entry.revision !== null) sums.delivered++
  if (entry.outcome !== 'ok' && entry.outcome !== 'canceled') sums.errors++
  sums.billed_ms += entry.billedMs
  sums.init_us += us(entry.initMs)
  sums.run_us += us(entry.runMs)
  sums.cpu_us += us(entry.cpuMs)
  sums.cost_pico += entry.costPico
  sums.max_memory_bytes = Math.max(sums.max_memory_bytes, entry.maxMemoryBytes)
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
  const none = Object.fromEntries(counters.map((counter) => [counter, 0])) as Record<(typeof counters)[number], number>
  const made = { start, function: name, memory_mib: memoryMib, host, ...none, max_memory_bytes: 0 }
  minutes.set(key, made)
  return made
}

function us(ms: number): number {
  return Math.round(ms * 1000)
}
