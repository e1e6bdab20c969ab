/** The thread behind `store.ts`: host code only, never a function's. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { StoreAnswer, StoreCall } from './calls.ts'

const { file, migrations } = workerData as { file: string; migrations: readonly string[] }
const database = new DatabaseSync(file)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
const found = Number(database.prepare('PRAGMA user_version').get()!['user_version'])
if (found > migrations.length) {
  throw new Error(`store: ${file} was written by a newer version (schema ${found}, this one knows ${migrations.length}); use that version or another --data folder`)
}
for (const [index, sql] of migrations.entries()) {
  if (index < found) continue
  database.exec(`BEGIN; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
}

const statements = new Map<string, StatementSync>()
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
  database.exec('BEGIN')
  for (const { id, kind, sql, values } of calls) {
    if (kind === 'close') {
      closing = id
      continue
    }
    try {
      let statement = statements.get(sql)
      if (!statement) statements.set(sql, (statement = database.prepare(sql)))
      answers.push({ id, value: kind === 'run' ? Number(statement.run(...values).changes) : statement.all(...values) })
    } catch (error) {
      answers.push({ id, error: (error as Error).message })
    }
  }
  try {
    database.exec('COMMIT')
  } catch (error) {
    for (const answer of answers) answer.error ??= (error as Error).message
  }
  for (const answer of answers) parentPort!.postMessage(answer)
  if (closing !== undefined) {
    database.close()
    parentPort!.postMessage({ id: closing })
  }
}
