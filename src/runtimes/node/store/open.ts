import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { RESTORE } from './damage.ts'

const OPEN_BUSY_MS = 5_000
/** While serving: short, so that questions are answered between two attempts to write. */
const SERVE_BUSY_MS = 50

/**
 * Opens the host's records and brings their schema up to date; makes them when there are none. A new file is finished under another
 * name first, so that whatever lies under the right one is whole, and one that is empty or half made is damage, not a beginning.
 * @throws Error with the reason; what was there is left as it is
 */
export function openRecords(file: string, migrations: readonly string[]): DatabaseSync {
  if (!existsSync(file)) make(file, migrations)
  else if (statSync(file).size === 0) throw new Error(`the file is empty; ${RESTORE}`)
  // Its companions are deleted together at the end of a clean run, this one first.
  else if (existsSync(`${file}-shm`) && !existsSync(`${file}-wal`)) {
    throw new Error(`${file}-wal is gone, and the last records with it; put it back, or delete ${file}-shm to go on without them`)
  }
  const database = new DatabaseSync(file)
  try {
    database.exec(`PRAGMA busy_timeout = ${OPEN_BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`)
    const health = String(database.prepare('PRAGMA quick_check(1)').get()!['quick_check'])
    if (health !== 'ok') throw new Error(`the file is damaged (${health.split('\n').at(-1)}); ${RESTORE}`)
    if (version(database) === 0) throw new Error(`the file is no record of a host; ${RESTORE}`)
    migrate(database, migrations)
    database.exec(`PRAGMA busy_timeout = ${SERVE_BUSY_MS}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function make(file: string, migrations: readonly string[]) {
  if (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size) {
    throw new Error(`the file is gone, but ${file}-wal is there with records of it; put the file back, or move that one away too`)
  }
  const made = `${file}.new`
  const clear = () => {
    for (const end of ['', '-journal']) rmSync(made + end, { force: true })
  }
  clear()
  const database = new DatabaseSync(made)
  try {
    migrate(database, migrations)
    database.close()
    renameSync(made, file)
  } catch (error) {
    if (database.isOpen) database.close()
    clear()
    throw error
  }
}

function version(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()!['user_version'])
}

function migrate(database: DatabaseSync, migrations: readonly string[]) {
  const found = version(database)
  if (found > migrations.length) {
    throw new Error(`written by a newer version (schema ${found}, this one knows ${migrations.length}); use that version, or another folder with --data`)
  }
  for (const [index, sql] of migrations.entries()) {
    if (index >= found) database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
  }
}
