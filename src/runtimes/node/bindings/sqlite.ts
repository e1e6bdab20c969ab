import type { DatabaseSync, StatementSync } from 'node:sqlite'

// Captured before function code can replace it.
const turn = setImmediate
const elapsed = performance.now.bind(performance)

/** Milliseconds of back-to-back statements after which the event loop gets its turn. */
const STRETCH_MS = 10
/** Milliseconds a statement waits for another process to finish writing. */
export const BUSY_TIMEOUT_MS = 5_000
const STATEMENTS_KEPT = 100

/** An open database with its prepared statements kept by their text. */
export interface OpenDatabase {
  readonly db: DatabaseSync
  /**
   * Prepares the first statement of `sql`, or hands out the one prepared before; integers come as bigint, rows as arrays.
   * @throws what SQLite says about the text
   */
  readonly prepare: (sql: string) => StatementSync
}

/** How a database file is opened. */
export interface OpenDatabaseOptions {
  /** SQLite's own limits, e.g. `{ likePatternLength: 50 }`; default SQLite's. */
  limits?: Partial<DatabaseSync['limits']>
  /** Lets "text" in double quotes be a string when no column is called so; default false. */
  doubleQuotedStrings?: boolean
}

/**
 * Opens a SQLite file for several processes at once, creating it when absent: WAL, synced at every commit, deleted content
 * overwritten, waiting up to 5 s for another writer. Its folder must exist. `node:sqlite` is loaded at the first call only.
 * @throws Error naming the file
 */
export async function openDatabase(file: string, options: OpenDatabaseOptions = {}): Promise<OpenDatabase> {
  const { DatabaseSync } = await import('node:sqlite')
  let db: DatabaseSync
  try {
    db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableDoubleQuotedStringLiterals: options.doubleQuotedStrings ?? false })
    useWal(db)
    // What is deleted is overwritten, not only let go.
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
  } catch (cause) {
    throw new Error(`bindings: ${file} cannot be opened as a database: ${reason(cause)}`, { cause })
  }
  Object.assign(db.limits, options.limits)
  const kept = new Map<string, StatementSync>()
  return {
    db,
    prepare(sql) {
      const known = kept.get(sql)
      if (known !== undefined) return known
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      statement.setReturnArrays(true)
      if (kept.size >= STATEMENTS_KEPT) for (const oldest of kept.keys()) { kept.delete(oldest); break }
      kept.set(sql, statement)
      return statement
    },
  }
}

/** Changing the journal mode does not wait for other processes by itself: SQLite answers "locked" at once. */
function useWal(db: DatabaseSync): void {
  const until = elapsed() + BUSY_TIMEOUT_MS
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (sqliteCode(error) !== 5 || elapsed() > until) throw error
    }
  }
}

/** SQLite's primary result code of an error, or undefined when it is not SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}

/** What an error says, in one line. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

let stretchBegan = 0
let waiting: Promise<void> | undefined

/**
 * Lets the event loop take a turn when statements have kept it for 10 ms. SQLite answers synchronously, so a function
 * that awaits one query after the other would otherwise never see a timer, a signal or its other invocations.
 */
export function breathe(): Promise<void> | undefined {
  if (waiting !== undefined) return waiting
  const now = elapsed()
  if (stretchBegan === 0) {
    stretchBegan = now
    turn(() => { stretchBegan = 0 })
    return undefined
  }
  if (now - stretchBegan < STRETCH_MS) return undefined
  waiting = new Promise((resolve) => turn(() => {
    waiting = undefined
    stretchBegan = 0
    resolve()
  }))
  return waiting
}
