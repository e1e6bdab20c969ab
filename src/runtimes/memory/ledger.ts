import type { Ledger, LedgerEntry, Usage, UsageKey } from '../../ports/store.ts'

/** A ledger that lasts as long as the process. */
export interface MemoryLedger extends Ledger {
  /** Every record, oldest first. */
  readonly entries: readonly LedgerEntry[]
}

const MINUTE_MS = 60_000

/** One thing to be summed: a record, or what is counted without one. */
interface Event extends Omit<Usage, 'keys'> {
  function: string
  memoryMib: number
  at: number
}

const nothing: Omit<Usage, 'keys'> = {
  invocations: 0, delivered: 0, errors: 0, throttled: 0, overloaded: 0, skipped: 0,
  billedMs: 0, mibMs: 0, initMs: 0, runMs: 0, cpuMs: 0, unbilledInitMs: 0, maxMemoryBytes: 0, costPico: 0n,
}

/** Makes an empty ledger. */
export function memoryLedger(): MemoryLedger {
  const entries: LedgerEntry[] = []
  const events: Event[] = []
  return {
    entries,
    record(entry) {
      entries.push(entry)
      events.push(toEvent(entry))
    },
    count(what, name, memoryMib, at) {
      events.push({ ...nothing, function: name, memoryMib, at, [what]: 1 })
    },
    unbilledInit(name, memoryMib, ms, at) {
      events.push({ ...nothing, function: name, memoryMib, at, unbilledInitMs: ms })
    },
    async flush() {},
    failing: () => undefined,
    async records({ function: name, outcome, limit, cursor }) {
      const fits = entries.map((entry, index) => ({ entry, seq: index + 1 })).filter(({ entry, seq }) => {
        return (name === undefined || entry.function === name) && (outcome === undefined || entry.outcome === outcome) && (cursor === undefined || seq < cursor)
      }).reverse()
      const page = fits.slice(0, limit)
      return { entries: page.map(({ entry }) => entry), next: fits.length > limit ? (page.at(-1)?.seq ?? null) : null }
    },
    async usage({ function: name, from = -Infinity, to = Infinity, by }) {
      const groups = new Map<string, Usage>()
      for (const event of events) {
        const minute = Math.floor(event.at / MINUTE_MS) * MINUTE_MS
        if ((name !== undefined && event.function !== name) || minute < floorMinute(from) || minute >= floorMinute(to)) continue
        const keys = Object.fromEntries(by.map((key) => [key, keyOf(key, event, minute)]))
        const id = JSON.stringify(by.map((key) => keys[key]))
        groups.set(id, add(groups.get(id) ?? { keys, ...nothing }, event))
      }
      return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, usage]) => usage)
    },
  }
}

function toEvent(entry: LedgerEntry): Event {
  const { delivered, failed } = standing(entry)
  return {
    ...nothing,
    function: entry.function,
    memoryMib: entry.memoryMib,
    at: entry.at,
    invocations: 1,
    delivered: delivered ? 1 : 0,
    errors: failed ? 1 : 0,
    billedMs: entry.billedMs,
    mibMs: entry.memoryMib * entry.billedMs,
    initMs: entry.initMs,
    runMs: entry.runMs,
    cpuMs: entry.cpuMs,
    maxMemoryBytes: entry.maxMemoryBytes,
    costPico: BigInt(entry.costPico),
  }
}

/** What a record says without saying it: only what was delivered has a revision; what is neither well nor given up failed. */
function standing({ revision, outcome }: LedgerEntry): { delivered: boolean; failed: boolean } {
  return { delivered: revision !== null, failed: outcome !== 'ok' && outcome !== 'canceled' }
}

function keyOf(key: UsageKey, { function: name, memoryMib }: Event, minute: number): string {
  if (key === 'function') return name
  if (key === 'memory') return String(memoryMib)
  const iso = new Date(minute).toISOString()
  return key === 'hour' ? `${iso.slice(0, 13)}:00:00.000Z` : iso.slice(0, 10)
}

function add(sum: Usage, event: Event): Usage {
  const next = { ...sum, costPico: sum.costPico + event.costPico, maxMemoryBytes: Math.max(sum.maxMemoryBytes, event.maxMemoryBytes) }
  for (const key of ['invocations', 'delivered', 'errors', 'throttled', 'overloaded', 'skipped', 'billedMs', 'mibMs', 'initMs', 'runMs', 'cpuMs', 'unbilledInitMs'] as const) {
    next[key] = sum[key] + event[key]
  }
  return next
}

function floorMinute(ms: number): number {
  return Number.isFinite(ms) ? Math.floor(ms / MINUTE_MS) * MINUTE_MS : ms
}
