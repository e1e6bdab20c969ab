import { outcomes, type Trigger } from '../../../contract/invocation.ts'
import type { Counted, LedgerEntry } from '../../../ports/store.ts'

/** What is counted in one minute without single records. */
export interface MinuteCounts extends Record<Counted, number> {
  function: string
  host: string
  memoryMib: number
  /** Start of the minute, milliseconds since 1970. */
  minute: number
  unbilledInitUs: number
}

/** Records on their way to the store's thread: numbers in one array, texts joined, nothing allocated per record. */
export interface LedgerBatch {
  /** How many records. */
  size: number
  rows: Float64Array
  /** One per line. */
  ids: string
  traces: string
  /** What the columns of names point at. */
  names: string[]
  counts: MinuteCounts[]
}

const triggers: readonly Trigger[] = ['http', 'timer', 'pubsub', 'datasource']
const COLUMNS = 16
/** A batch of so many records is worth sending at once. */
export const ROWS = 1_000

/** Gathers records into batches. */
export interface LedgerPacker {
  readonly size: number
  add(entry: LedgerEntry): void
  /** Hands over what was gathered and begins anew. */
  take(counts: MinuteCounts[]): LedgerBatch
}

/** Makes an empty packer; `full` is called when a batch is worth sending. */
export function createLedgerPacker(full: () => void): LedgerPacker {
  let rows = new Float64Array(ROWS * COLUMNS)
  let used = 0
  let ids: string[] = []
  let traces: string[] = []
  let names = new Map<string | null, number>()
  const place = (name: string | null): number => {
    let at = names.get(name)
    if (at === undefined) names.set(name, (at = names.size))
    return at
  }
  return {
    get size() {
      return ids.length
    },
    add(entry) {
      if (used === rows.length) {
        const larger = new Float64Array(rows.length * 2)
        larger.set(rows)
        rows = larger
      }
      rows[used] = place(entry.function)
      rows[used + 1] = place(entry.revision)
      rows[used + 2] = place(entry.host)
      rows[used + 3] = triggers.indexOf(entry.trigger)
      rows[used + 4] = outcomes.indexOf(entry.outcome)
      rows[used + 5] = entry.status ?? 0
      rows[used + 6] = entry.at
      rows[used + 7] = entry.queueMs
      rows[used + 8] = entry.initMs
      rows[used + 9] = entry.runMs
      rows[used + 10] = entry.billedMs
      rows[used + 11] = entry.cpuMs
      rows[used + 12] = entry.memoryMib
      rows[used + 13] = entry.maxMemoryBytes
      rows[used + 14] = entry.cold ? 1 : 0
      rows[used + 15] = entry.costPico
      used += COLUMNS
      ids.push(entry.id)
      traces.push(entry.traceId ?? '')
      if (ids.length >= ROWS) full()
    },
    take(counts) {
      const batch: LedgerBatch = {
        size: ids.length, rows: rows.slice(0, used), ids: ids.join('\n'), traces: traces.join('\n'), names: [...names.keys()].map((name) => name ?? ''), counts,
      }
      // After a time of failing the array may be large.
      if (rows.length > 8 * ROWS * COLUMNS) rows = new Float64Array(ROWS * COLUMNS)
      used = 0
      ids = []
      traces = []
      names = new Map()
      return batch
    },
  }
}

/** Takes a batch apart again. */
export function* unpackLedger({ size, rows, ids, traces, names }: LedgerBatch): Generator<LedgerEntry> {
  if (size === 0) return
  const idOf = ids.split('\n')
  const traceOf = traces.split('\n')
  const name = (at: number): string => names[rows[at]!]!
  for (let index = 0, at = 0; index < size; index++, at += COLUMNS) {
    yield {
      id: idOf[index]!,
      function: name(at),
      revision: name(at + 1) || null,
      host: name(at + 2),
      trigger: triggers[rows[at + 3]!]!,
      outcome: outcomes[rows[at + 4]!]!,
      status: rows[at + 5]! || null,
      at: rows[at + 6]!,
      queueMs: rows[at + 7]!,
      initMs: rows[at + 8]!,
      runMs: rows[at + 9]!,
      billedMs: rows[at + 10]!,
      cpuMs: rows[at + 11]!,
      memoryMib: rows[at + 12]!,
      maxMemoryBytes: rows[at + 13]!,
      cold: rows[at + 14] === 1,
      costPico: rows[at + 15]!,
      traceId: traceOf[index]! || null,
    }
  }
}
