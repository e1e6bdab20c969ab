import { Worker } from 'node:worker_threads'
import { PressroomError } from '../../../contract/errors.ts'
import { ownModule } from '../process/own-module.ts'
import type { BucketChange, BucketChangeAnswers } from './buckets/changes.ts'
import type { StoreAnswer, StoreCall, Value } from './calls.ts'
import type { LedgerBatch } from './ledger-batch.ts'
import type { QueueChange, QueueChangeAnswers } from './queues/changes.ts'

/** The host's own database, in a thread of its own: the event loop that serves requests never waits for a disk. */
export interface HostDatabase {
  /** Runs one statement; answers how many rows it changed. Durable when the promise resolves. */
  run(sql: string, ...values: Value[]): Promise<number>
  /** The rows of one query. */
  all<Row = Record<string, Value>>(sql: string, ...values: Value[]): Promise<Row[]>
  /** Writes a batch of the ledger, wholly or not at all. Durable when the promise resolves. */
  append(batch: LedgerBatch): Promise<void>
  /** Changes queues, wholly or not at all. Durable when the promise resolves. */
  queues<Change extends QueueChange>(change: Change): Promise<QueueChangeAnswers[Change['do']]>
  /** Changes buckets, wholly or not at all. Durable when the promise resolves. */
  buckets<Change extends BucketChange>(change: Change): Promise<BucketChangeAnswers[Change['do']]>
  /** Finishes what was asked, then closes the file. */
  close(): Promise<void>
}

type Ask = StoreCall extends infer Call ? (Call extends StoreCall ? Omit<Call, 'id'> : never) : never

/**
 * Opens or makes the database file and brings its schema up to date; what arrives together is committed together.
 * @param migrations statements by schema version, oldest first; only those not yet applied are run
 * @param lockedMs how long a write waits for another process that holds the file; default 5 s
 * @throws PressroomError `bad_option` when the file is damaged, locked, of a newer version or cannot be written; it is left as it is
 */
export async function openDatabase(file: string, migrations: readonly string[], lockedMs = 5_000): Promise<HostDatabase> {
  const worker = new Worker(ownModule(import.meta.dirname, 'database-worker'), { workerData: { file, migrations, lockedMs } })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  let dead: Error | undefined
  let open = false
  const fail = (error: Error) => {
    dead ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('error', (error) => fail(open ? (error as Error) : unusable(file, (error as Error).message, error)))
  worker.on('exit', () => fail(new Error('store: closed')))
  worker.on('message', ({ id, value, error }: StoreAnswer) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error !== undefined) call?.reject(new Error(`store: ${error}`))
    else call?.resolve(value)
  })
  const ask = (call: Ask) =>
    new Promise<unknown>((resolve, reject) => {
      if (dead) return reject(dead)
      waiting.set(++last, { resolve, reject })
      worker.postMessage({ id: last, ...call } as StoreCall)
    })
  // The first answer says that the file could be opened.
  await ask({ kind: 'all', sql: 'SELECT 1', values: [] })
  open = true
  return {
    run: (sql, ...values) => ask({ kind: 'run', sql, values }) as Promise<number>,
    all: <Row>(sql: string, ...values: Value[]) => ask({ kind: 'all', sql, values }) as Promise<Row[]>,
    append: (batch) => ask({ kind: 'ledger', batch }) as Promise<void>,
    queues: <Change extends QueueChange>(change: Change) => ask({ kind: 'queues', change }) as Promise<QueueChangeAnswers[Change['do']]>,
    buckets: <Change extends BucketChange>(change: Change) => ask({ kind: 'buckets', change }) as Promise<BucketChangeAnswers[Change['do']]>,
    async close() {
      await ask({ kind: 'close' }).catch(() => {})
      await worker.terminate()
    },
  }
}

function unusable(file: string, reason: string, cause: unknown): PressroomError {
  return new PressroomError('bad_option', `${file}: the host's records cannot be opened: ${reason}`, { cause })
}
