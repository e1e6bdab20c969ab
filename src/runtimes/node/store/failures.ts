import type { Outcome, Trigger } from '../../../contract/invocation.ts'
import type { Clock } from '../../../ports/clock.ts'
import { failureLimits, type Failure, type Failures } from '../../../ports/failures.ts'
import type { HostDatabase } from './database.ts'

/** A failure waits at most so long before it is sent to be written. */
const SEND_AFTER_MS = 200
/** Characters of one statement's text: what a flood of failures may take of the loop at once. */
const MOST_CHARACTERS = 8 * 1024 * 1024
/** Why something failed, in at most so many characters. */
const LONGEST_DETAIL = 8 * 1024

const INSERT = `INSERT INTO failures (invocation, function, revision, trigger, outcome, detail, at, redacted, whole, bytes, event)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, length(value ->> 9), value ->> 9
  FROM json_each(?) ORDER BY key`
const FORGET = `DELETE FROM failures WHERE at < ? OR seq <= (SELECT max(seq) FROM failures) - ${failureLimits.count}
  OR seq <= (SELECT max(seq) FROM (SELECT seq, sum(bytes) OVER (ORDER BY seq DESC) AS total FROM failures) WHERE total > ${failureLimits.bytes})`
const HEAD = 'seq, invocation, function, revision, trigger, outcome, detail, at, redacted, whole'

interface Row {
  seq: number
  invocation: string
  function: string
  revision: string | null
  trigger: Trigger
  outcome: Outcome
  detail: string
  at: number
  redacted: string
  whole: number
}

/** Failures that can be written out at the end. */
export interface NodeFailures extends Failures {
  /** Writes what is left. */
  close(): Promise<void>
}

/** Keeps failures in the host's database, in groups: five times a second, and of a flood the last ones only. */
export function createNodeFailures({ database, clock, log }: { database: HostDatabase; clock: Clock; log(level: 'warn', message: string): void }): NodeFailures {
  let waiting: (() => Failure)[] = []
  let armed: (() => void) | undefined
  let writing: Promise<void> | undefined

  const arm = () => {
    armed ??= clock.after(SEND_AFTER_MS, () => void flush())
  }
  function flush(): Promise<void> {
    armed?.()
    armed = undefined
    writing ??= write().finally(() => {
      writing = undefined
      if (waiting.length > 0) arm()
    })
    return writing
  }
  /** What cannot be written is lost, and told: a failure is kept for convenience, the ledger for good. */
  async function write(): Promise<void> {
    const batch = waiting.slice(-failureLimits.count)
    waiting = []
    const rows: string[] = []
    let characters = 0
    for (const make of batch.reverse()) {
      const row = toRow(make())
      characters += row.length
      if (characters > MOST_CHARACTERS && rows.length > 0) break
      rows.push(row)
    }
    if (rows.length === 0) return
    try {
      await Promise.all([database.run(INSERT, `[${rows.reverse().join()}]`), database.run(FORGET, clock.now() - failureLimits.ageMs)])
    } catch (error) {
      log('warn', `${batch.length} failed invocations cannot be kept for a replay: ${(error as Error).message}`)
    }
  }
  /** What was kept before a question is in its answer. */
  const flushed = async () => {
    await writing
    await flush()
  }
  const oldest = () => clock.now() - failureLimits.ageMs

  return {
    keep(make) {
      waiting.push(make)
      // Of more than are kept the first need not even be made.
      if (waiting.length >= 2 * failureLimits.count) waiting = waiting.slice(-failureLimits.count)
      arm()
    },
    async list({ function: name = null, limit, cursor = null }) {
      await flushed()
      const rows = await database.all<Row>(
        `SELECT ${HEAD} FROM failures WHERE at >= ? AND (?2 IS NULL OR function = ?2) AND (?3 IS NULL OR seq < ?3) ORDER BY seq DESC LIMIT ?4`,
        oldest(), name, cursor, limit + 1,
      )
      const page = rows.slice(0, limit)
      return { failures: page.map(toFailure), next: rows.length > limit ? (page.at(-1)?.seq ?? null) : null }
    },
    async get(invocation) {
      await flushed()
      const [row] = await database.all<Row & { event: string }>(
        `SELECT ${HEAD}, event FROM failures WHERE invocation = ? AND at >= ? ORDER BY seq DESC LIMIT 1`, invocation, oldest(),
      )
      return row && { ...toFailure(row), event: row.event }
    },
    async close() {
      await flushed()
    },
  }
}

function toRow({ invocation, function: name, revision, trigger, outcome, detail, at, redacted, whole, event }: Failure): string {
  const told = detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL)}…` : detail
  return JSON.stringify([invocation, name, revision, trigger, outcome, told, at, redacted.join(), whole ? 1 : 0, event])
}

function toFailure({ invocation, function: name, revision, trigger, outcome, detail, at, redacted, whole }: Row): Omit<Failure, 'event'> {
  return { invocation, function: name, revision, trigger, outcome, detail, at, redacted: redacted === '' ? [] : redacted.split(','), whole: whole === 1 }
}
