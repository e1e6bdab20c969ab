import type { Clock } from '../../ports/clock.ts'
import type { Counted, Ledger } from '../../ports/store.ts'
import type { HostDatabase } from './store/database.ts'
import { createLedgerPacker, type LedgerBatch, type MinuteCounts } from './store/ledger-batch.ts'
import { queryRecords, queryUsage } from './store/ledger-queries.ts'

/** A record waits at most so long before it is sent to be written. */
const SEND_AFTER_MS = 200
const RETRY_MS = 1_000
/** Failing for so long, the ledger says so: until then it may be a lock that is let go. */
const FAILING_AFTER_MS = 5_000
const MINUTE_MS = 60_000

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
  let writing: Promise<void> | undefined
  let failure: { since: number; reason: string; told: boolean } | undefined
  let closing = false

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
      if (packer.size > 0 || counts.size > 0) arm()
    })
  }
  const write = async (batch: LedgerBatch): Promise<void> => {
    for (;;) {
      try {
        await database.append(batch)
        if (failure?.told) log('warn', 'the ledger can be written again; nothing was lost')
        failure = undefined
        return
      } catch (error) {
        failure ??= { since: clock.elapsed(), reason: '', told: false }
        failure.reason = (error as Error).message
        if (!failure.told) log('error', `the ledger cannot be written, trying again: ${failure.reason}`)
        failure.told = true
        if (closing) {
          log('error', `${batch.rows.length === 0 ? 'counts' : 'records'} of the ledger were lost: ${failure.reason}`)
          return
        }
        await clock.wait(RETRY_MS)
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
  const flush = async () => {
    send()
    while (writing) {
      await writing
      send()
    }
  }

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
    failing: () => (failure && clock.elapsed() - failure.since >= FAILING_AFTER_MS ? failure.reason : undefined),
    async records(query) {
      await flushed()
      return queryRecords(database, query)
    },
    async usage(query) {
      await flushed()
      return queryUsage(database, query)
    },
    async close() {
      closing = true
      await flush()
    },
  }

  /** What was recorded before a question is in its answer, unless nothing can be written now. */
  function flushed(): Promise<void> | undefined {
    return failure ? undefined : flush()
  }
}
