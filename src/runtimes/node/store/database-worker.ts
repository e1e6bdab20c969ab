/** The thread behind `database.ts`: host code only, never a function's. */
import type { StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { createBucketChanges } from './buckets/changes.ts'
import type { StoreAnswer, StoreCall } from './calls.ts'
import { explain, isBusy } from './damage.ts'
import { createLedgerWriter } from './ledger-writer.ts'
import { openRecords } from './open.ts'
import { createQueueChanges } from './queues/changes.ts'

type Read = Extract<StoreCall, { kind: 'all' }>
type Write = Exclude<StoreCall, { kind: 'all' | 'close' }>

const RETRY_MS = 20

const { file, migrations, lockedMs } = workerData as { file: string; migrations: readonly string[]; lockedMs: number }
const database = (() => {
  try {
    return openRecords(file, migrations)
  } catch (error) {
    throw new Error(explain(error), { cause: error })
  }
})()
const statements = new Map<string, StatementSync>()
const writeLedger = createLedgerWriter(database)
const changeQueues = createQueueChanges(database)
const changeBuckets = createBucketChanges(database)

let reads: Read[] = []
let writes: { call: Write; until: number }[] = []
let closing: number | undefined
let due = false

parentPort!.on('message', (call: StoreCall) => {
  if (call.kind === 'close') closing = call.id
  else if (call.kind === 'all') reads.push(call)
  else writes.push({ call, until: performance.now() + lockedMs })
  // Whatever arrives in one turn is one commit: one fsync for many.
  soon()
})

function soon() {
  if (due) return
  due = true
  setImmediate(turn)
}

function turn() {
  due = false
  commit()
  const asked = reads
  reads = []
  for (const call of asked) answer(attempt(call))
  if (writes.length > 0) setTimeout(soon, RETRY_MS)
  else if (closing !== undefined) {
    database.close()
    answer({ id: closing })
  }
}

/** Writes all that waits in one transaction; locked by another process, it waits on, while questions are answered from what is there. */
function commit() {
  if (writes.length === 0) return
  try {
    database.exec('BEGIN IMMEDIATE')
  } catch (error) {
    const now = performance.now()
    const waits = isBusy(error)
    const given = writes.filter(({ until }) => !waits || until <= now)
    writes = writes.filter((write) => !given.includes(write))
    for (const { call } of given) answer({ id: call.id, error: (error as Error).message })
    return
  }
  const answers: StoreAnswer[] = []
  const failAll = (reason: string) => {
    for (const one of answers) one.error ??= reason
  }
  for (const { call } of writes) {
    answers.push(attempt(call))
    // SQLite ends the transaction by itself when the disk is full or fails: then nothing of it holds.
    if (database.isTransaction) continue
    failAll(answers.at(-1)!.error ?? 'the transaction was rolled back')
    database.exec('BEGIN')
  }
  writes = []
  try {
    database.exec('COMMIT')
  } catch (error) {
    failAll((error as Error).message)
    if (database.isTransaction) database.exec('ROLLBACK')
  }
  for (const one of answers) answer(one)
}

/** Does one call, wholly or not at all. */
function attempt(call: Read | Write): StoreAnswer {
  try {
    if (call.kind === 'ledger') return { id: call.id, value: whole(() => writeLedger(call.batch)) }
    if (call.kind === 'queues') return { id: call.id, value: whole(() => changeQueues(call.change)) }
    if (call.kind === 'buckets') return { id: call.id, value: whole(() => changeBuckets(call.change)) }
    let statement = statements.get(call.sql)
    if (!statement) statements.set(call.sql, (statement = database.prepare(call.sql)))
    return { id: call.id, value: call.kind === 'run' ? Number(statement.run(...call.values).changes) : statement.all(...call.values) }
  } catch (error) {
    return { id: call.id, error: (error as Error).message }
  }
}

/** Many statements as one: all of them hold, or none. */
function whole(change: () => unknown): unknown {
  database.exec('SAVEPOINT one')
  try {
    const value = change()
    database.exec('RELEASE one')
    return value
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK TO one; RELEASE one')
    throw error
  }
}

function answer(one: StoreAnswer) {
  parentPort!.postMessage(one)
}
