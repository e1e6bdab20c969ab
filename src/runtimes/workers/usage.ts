import type { Counted, Ledger, LedgerEntry } from '../../ports/store.ts'

/** What one function did in one minute, as far as it can be known from inside: neither CPU nor memory. */
export interface UsageRow {
  /** ISO 8601 UTC, to the minute. */
  minute: string
  function: string
  outcome: string
  invocations: number
  /** Time spent waiting, milliseconds: the clock stands still while code computes. */
  run_ms: number
}

/** Keeps sums of what this isolate did until they are written. */
export interface UsageLedger extends Pick<Ledger, 'record' | 'count'> {
  /** Writes what is there, at most once a second for the whole isolate; resolves when that is done. Never rejects. */
  flush(): Promise<void>
}

/** How long sums wait for more: at most this is lost with an isolate, as on Node. */
const EVERY_MS = 1000
/** A write that has not ended by then went with the call that it belonged to. */
const GONE_MS = 10_000

/**
 * Makes a ledger that adds up per function, minute and outcome, since a row written for each call would cost more than the call
 * (D1: one US dollar per million rows, a call: 0.30).
 * @param write where the sums go; when it fails they are kept for the next time
 */
export function createUsageLedger(write: (rows: UsageRow[]) => Promise<void>, wait: (ms: number) => Promise<void>): UsageLedger {
  let sums = new Map<string, UsageRow>()
  let flushingSince = -GONE_MS
  const add = (name: string, outcome: string, at: number, runMs: number): void => {
    const minute = `${new Date(at).toISOString().slice(0, 16)}Z`
    const key = JSON.stringify([minute, name, outcome])
    const row = sums.get(key) ?? { minute, function: name, outcome, invocations: 0, run_ms: 0 }
    row.invocations++
    row.run_ms += runMs
    sums.set(key, row)
  }
  return {
    record: ({ function: name, outcome, at, runMs }: LedgerEntry) => add(name, outcome, at, runMs),
    count: (what: Counted, name: string, _memoryMib: number, at: number) => add(name, what, at, 0),
    async flush() {
      if (sums.size === 0 || Date.now() - flushingSince < GONE_MS) return
      flushingSince = Date.now()
      try {
        await wait(EVERY_MS)
        const rows = sums
        sums = new Map()
        await write([...rows.values()]).catch((error: unknown) => {
          console.warn(`the ledger cannot be written: ${String(error)}`)
          for (const [key, row] of rows) {
            const later = sums.get(key)
            sums.set(key, later ? { ...row, invocations: row.invocations + later.invocations, run_ms: row.run_ms + later.run_ms } : row)
          }
        })
      } finally {
        flushingSince = -GONE_MS
      }
    },
  }
}

/** Writes sums into table `usage` of a D1 database, which is made when it is not there. */
export function usageInD1(database: D1Database): (rows: UsageRow[]) => Promise<void> {
  let made = false
  return async (rows) => {
    const insert = database.prepare(
      `INSERT INTO usage (minute, function, outcome, invocations, run_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET invocations = invocations + excluded.invocations, run_ms = run_ms + excluded.run_ms`,
    )
    const statements = rows.map((row) => insert.bind(row.minute, row.function, row.outcome, row.invocations, row.run_ms))
    const create = database.prepare(
      'CREATE TABLE IF NOT EXISTS usage (minute TEXT, function TEXT, outcome TEXT, invocations INTEGER, run_ms REAL, PRIMARY KEY (minute, function, outcome)) WITHOUT ROWID',
    )
    await database.batch(made ? statements : [create, ...statements])
    made = true
  }
}
