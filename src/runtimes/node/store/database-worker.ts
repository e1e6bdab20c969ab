/** The thread behind `database.ts`: host code only, never a function's. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { StoreAnswer, StoreCall } from './calls.ts'
import { createLedgerWriter } from './ledger-writer.ts'

const { file, migrations } = workerData as { file: string; migrations: readonly string[] }
const database = new DatabaseSync(file)
database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
const health = database.prepare('PRAGMA quick_check(1)').get()!['quick_check']
if (health !== 'ok') throw new Error(String(health))
const found = Number(database.prepare('PRAGMA user_version').get()!['user_version'])
if (found > migrations.length) {
  throw new Error(`written by a newer version (schema ${found}, this one knows ${migrations.length}); use that version or another --data folder`)
}
for (const [index, sql] of migrations.entries()) {
  if (index < found) continue
  database.exec(`BEGIN; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
}

const statements = new Map<string, StatementSync>()
const writeLedger = createLedgerWriter(database)
let batch: StoreCall[] = []

parentPort!.on('message', (call: StoreCall) => {
  // Whatever arrives in one turn is one commit: one fsync for many.
  if (batch.push(call) === 1) setImmediate(commit)
})

function commit() {
  const calls = batch
  batch = []
  const answers: StoreAnswer[] = []
  let closing: number | undefined
  const failAll = (error: unknown) => {
    for (const answer of answers) answer.error ??= (error as Error).message
  }
  try {
    database.exec('BEGIN IMMEDIATE')
  } catch (error) {
    // Locked by another process for longer than the busy timeout, or no room: reads may still work.
    for (const call of calls) {
      if (call.kind === 'close') closing = call.id
      else if (call.kind === 'all') answers.push(attempt(call))
      else answers.push({ id: call.id, error: (error as Error).message })
    }
    return answer(answers, closing)
  }
  for (const call of calls) {
    if (call.kind === 'close') {
      closing = call.id
      continue
    }
    answers.push(attempt(call))
    // SQLite ends the transaction by itself when the disk is full or fails: then nothing of it holds.
    if (!database.isTransaction) {
      failAll(new Error(answers.at(-1)!.error ?? 'the transaction was rolled back'))
      database.exec('BEGIN')
    }
  }
  try {
    database.exec('COMMIT')
  } catch (error) {
    failAll(error)
    if (database.isTransaction) database.exec('ROLLBACK')
  }
  answer(answers, closing)
}

/** Does one call, wholly or not at all. */
function attempt(call: Exclude<StoreCall, { kind: 'close' }>): StoreAnswer {
  try {
    if (call.kind === 'ledger') {
      database.exec('SAVEPOINT ledger')
      try {
        writeLedger(call.batch)
        database.exec('RELEASE ledger')
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK TO ledger; RELEASE ledger')
        throw error
      }
      return { id: call.id }
    }
    let statement = statements.get(call.sql)
    if (!statement) statements.set(call.sql, (statement = database.prepare(call.sql)))
    return { id: call.id, value: call.kind === 'run' ? Number(statement.run(...call.values).changes) : statement.all(...call.values) }
  } catch (error) {
    return { id: call.id, error: (error as Error).message }
  }
}

function answer(answers: StoreAnswer[], closing: number | undefined) {
  for (const one of answers) parentPort!.postMessage(one)
  if (closing === undefined) return
  database.close()
  parentPort!.postMessage({ id: closing })
}
