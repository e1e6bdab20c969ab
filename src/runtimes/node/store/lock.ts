import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PressroomError } from '../../../contract/errors.ts'

/** A data folder held by this process. */
export interface FolderLock {
  /** Lets the next host in. Safe to call twice. */
  release(): void
}

/** Databases closed by the garbage collector would let go of their locks. */
const held = new Set<DatabaseSync>()

/**
 * Takes the data folder for this process, making it and the folders in it if need be. The lock is the operating system's, on the file `<dir>/lock`: it ends
 * with the process however that ends, and there is nothing to clean up after a crash. Deleting the file while a host runs would let a
 * second one in.
 * @throws PressroomError `locked` when another process holds it, `bad_option` when the folder cannot be used
 */
export function lockDataFolder(dir: string, folders: readonly string[] = []): FolderLock {
  const path = resolve(dir)
  const database = openLock(path)
  try {
    // SQLite takes an fcntl lock and keeps it until the transaction ends, which here it never does by itself.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    for (const folder of folders) mkdirSync(join(path, folder), { recursive: true })
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw unusable(path, error)
    throw new PressroomError(
      'locked',
      `${path} is in use by another running host; stop that one, or give this one a folder of its own with --data DIR`,
      { cause: error },
    )
  }
  held.add(database)
  return {
    release() {
      held.delete(database)
      if (database.isOpen) database.close()
    },
  }
}

function openLock(path: string): DatabaseSync {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return new DatabaseSync(join(path, 'lock'))
  } catch (error) {
    throw unusable(path, error)
  }
}

function unusable(path: string, error: unknown): PressroomError {
  const reason = error instanceof Error ? error.message : String(error)
  return new PressroomError('bad_option', `--data: expected a folder this user can write to, found ${path} (${reason})`, { cause: error })
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
}
