import { Worker } from 'node:worker_threads'
import type { StoreAnswer, StoreCall, Value } from './calls.ts'

/** The host's own database, in a thread of its own: the event loop that serves requests never waits for a disk. */
export interface Store {
  /** Runs one statement; answers how many rows it changed. Durable when the promise resolves. */
  run(sql: string, ...values: Value[]): Promise<number>
  /** The rows of one query. */
  all<Row = Record<string, Value>>(sql: string, ...values: Value[]): Promise<Row[]>
  /** Finishes what was asked, then closes the file. */
  close(): Promise<void>
}

/**
 * Opens or makes the database file and brings its schema up to date; statements that arrive together are committed
 * together.
 * @param migrations statements by schema version, oldest first; only those not yet applied are run
 */
export async function openStore(file: string, migrations: readonly string[]): Promise<Store> {
  const worker = new Worker(new URL('./store-worker.ts', import.meta.url), { workerData: { file, migrations } })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  let dead: Error | undefined
  const fail = (error: Error) => {
    dead ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('store: closed')))
  worker.on('message', ({ id, value, error }: StoreAnswer) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error !== undefined) call?.reject(new Error(`store: ${error}`))
    else call?.resolve(value)
  })
  const call = (kind: StoreCall['kind'], sql: string, values: Value[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (dead) return reject(dead)
      waiting.set(++last, { resolve, reject })
      worker.postMessage({ id: last, kind, sql, values } satisfies StoreCall)
    })
  // The first answer says that the file could be opened.
  await call('all', 'SELECT 1', [])
  return {
    run: (sql, ...values) => call('run', sql, values) as Promise<number>,
    all: <Row>(sql: string, ...values: Value[]) => call('all', sql, values) as Promise<Row[]>,
    async close() {
      await call('close', '', []).catch(() => {})
      await worker.terminate()
    },
  }
}
