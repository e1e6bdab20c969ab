import type { Clock } from '../../ports/clock.ts'
import type { Counted, Ledger } from '../../ports/store.ts'
import type { HostDatabase } from './store/database.ts'
import { createLedgerPacker, ROWS, type LedgerBatch, type MinuteCounts } from './store/ledger-batch.ts'
import { queryRecords, queryUsage } from './store/ledger-queries.ts'

/** A record waits at most so long before it is sent to be written. */
const SEND_AFTER_MS = 200
const RETRY_MS = 1_000
/** Failing for so long, the ledger says so: until then it may be a lock that is let go. */
const FAILING_AFTER_MS = 5_000
const MINUTE_MS = 60_000

interface Attempts {
  since: number
  reason: string
  failed: boolean
}

/** What the ledger on Node needs. */
export interface NodeLedgerOptions {
  database: HostDatabase
  clock: Clock
  /** Name of this host, kept with what is counted. */
  host: string
  /** Told when writing begins to fail, and when it works again. */
  log(level: 'warn' | 'error', message: string): void
}

/** A ledger that can be ended. */
export interface NodeLedger extends Ledger {
  /** Writes what is left; records that could not be written are told in the log. */
  close(): Promise<void>
}

/**
 * Keeps the ledger in the host's database: records are packed and sent to its thread every 200 ms or 1,000, one batch at a time, and a
 * batch that could not be written is tried again until it is. What is not yet durable when the host is killed is lost: less than a second.
 */
export function createNodeLedger({ database, clock, host, log }: NodeLedgerOptions): NodeLedger {
  const packer = createLedgerPacker(() => send())
  let counts = new Map<string, MinuteCounts>()
  let armed: (() => void) | undefined
  /** The batch under way, until it is durable. */
  let writing: Promise<void> | undefined
  /** Since when it is, and what the last attempt said. */
  let pending: Attempts | undefined
  /** Questions that would rather have an incomplete answer than none. */
  const impatient = new Set<() => void>()
  const closing = new AbortController()

  const arm = () => {
    armed ??= clock.after(SEND_AFTER_MS, send)
  }
  const send = () => {
    armed?.()
    armed = undefined
    if (writing || (packer.size === 0 && counts.size === 0)) return
    const batch = packer.take([...counts.values()])
    counts = new Map()
    writing = write(batch).finally(() => {
      writing = undefined
      if (packer.size >= ROWS) send()
      else if (packer.size > 0 || counts.size > 0) arm()
    })
  }
  const write = async (batch: LedgerBatch): Promise<void> => {
    const attempts: Attempts = (pending = { since: clock.elapsed(), reason: 'the disk does not answer', failed: false })
    for (;;) {
      try {
        await database.append(batch)
        if (attempts.failed) log('warn', 'the ledger can be written again; nothing was lost')
        pending = undefined
        return
      } catch (error) {
        attempts.reason = (error as Error).message
        if (!attempts.failed) log('error', `the ledger cannot be written, trying again: ${attempts.reason}`)
        attempts.failed = true
        for (const answer of impatient) answer()
        if (closing.signal.aborted) {
          log('error', `${batch.size} records of the ledger are lost: ${attempts.reason}`)
          pending = undefined
          return
        }
        await clock.wait(RETRY_MS, closing.signal).catch(() => {})
      }
    }
  }
  const counted = (name: string, memoryMib: number, at: number): MinuteCounts => {
    const minute = at - (at % MINUTE_MS)
    const key = `${minute}\n${name}\n${memoryMib}`
    let found = counts.get(key)
    if (!found) counts.set(key, (found = { function: name, host, memoryMib, minute, throttled: 0, overloaded: 0, skipped: 0, unbilledInitUs: 0 }))
    arm()
    return found
  }
  /** What was recorded before is in the batch under way or in the next one; waiting for those after would never end under load. */
  const flush = async () => {
    await writing
    send()
    await writing
  }
  /** What was recorded before a question is in its answer, unless nothing can be written now. */
  const flushed = (): Promise<void> =>
    new Promise((resolve) => {
      if (pending?.failed) return resolve()
      impatient.add(resolve)
      void flush().then(() => {
        impatient.delete(resolve)
        resolve()
      })
    })

  return {
    record(entry) {
      packer.add(entry)
      arm()
    },
    count(what: Counted, name, memoryMib, at) {
      counted(name, memoryMib, at)[what]++
    },
    unbilledInit(name, memoryMib, ms, at) {
      counted(name, memoryMib, at).unbilledInitUs += Math.round(ms * 1000)
    },
    flush,
    failing: () => (pending && clock.elapsed() - pending.since >= FAILING_AFTER_MS ? pending.reason : undefined),
    async records(query) {
      await flushed()
      return queryRecords(database, query)
    },
    async usage(query) {
      await flushed()
      return queryUsage(database, query)
    },
    async close() {
      closing.abort()
      await flush()
    },
  }
}
