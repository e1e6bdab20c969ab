import { logEmptier } from '../empty-log.ts'
import { openDatabase } from '../sqlite.ts'
import type { OpenDatabase } from '../sqlite.ts'

/** Longest text of a query. */
export const SQL_BYTES = 100_000
/** Cloudflare's limits of one query. */
const LIMITS = { likePatternLength: 50, exprDepth: 100, variableNumber: 100, sqlLength: SQL_BYTES, column: 100, functionArg: 32, compoundSelect: 5 }
const PRAGMAS = new Set([
  'case_sensitive_like', 'data_version', 'defer_foreign_keys', 'foreign_key_check', 'foreign_key_list', 'foreign_keys', 'function_list',
  'ignore_check_constraints',
  'index_info', 'index_list', 'index_xinfo', 'legacy_alter_table', 'optimize', 'quick_check', 'recursive_triggers', 'reverse_unordered_selects',
  'table_info', 'table_list', 'table_xinfo',
])
/** SQLite's numbers of what a statement wants to do. */
/** CREATE_TEMP_ index, table, trigger and view. */
const TEMPORARY = [3, 4, 5, 6]
const ATTACH = 24
const DETACH = 25
const PRAGMA = 19
const TRANSACTION = 22
const SAVEPOINT = 32
const OK = 0
const DENY = 1

const USE_BATCH = 'D1 has no BEGIN, COMMIT or SAVEPOINT: give the statements to batch(), which is one transaction.'

/** Running totals of a connection, and bytes of the file. */
export interface Figures {
  changes: number
  lastRowId: number
  size: number
}

/** A database with D1's rules: no other files, no transactions of its own, few pragmas. */
export interface OpenD1 extends OpenDatabase {
  /**
   * Runs `work` at once, all or nothing; with `writes` the lock is taken first, so that it cannot fail half way. With `deletes` nothing of
   * what was deleted is left in the files, now or within moments.
   */
  readonly transaction: <T>(does: { writes: boolean; deletes: boolean }, work: () => T) => T
  readonly figures: () => Figures
}

/** Opens a D1 database. */
export async function openD1(file: string, limits: Partial<typeof LIMITS> = LIMITS): Promise<OpenD1> {
  const open = await openDatabase(file, { limits, doubleQuotedStrings: true })
  const { db } = open
  const totals = open.prepare('SELECT total_changes(), last_insert_rowid()')
  const pages = open.prepare('PRAGMA page_count')
  const pageSize = Number((open.prepare('PRAGMA page_size').get() as unknown as unknown[])[0])
  let ours = false
  let refusedTransaction = false
  // ATTACH and VACUUM INTO reach any file of the machine: the permission model does not see what SQLite opens.
  db.setAuthorizer((action, name) => {
    if (ours) return OK
    if (action === ATTACH || action === DETACH || TEMPORARY.includes(action)) return DENY
    if (action === PRAGMA && !PRAGMAS.has(String(name).toLowerCase())) return DENY
    if (action === TRANSACTION || action === SAVEPOINT) {
      refusedTransaction = true
      return DENY
    }
    return OK
  })
  const own = <T>(work: () => T): T => {
    ours = true
    try {
      return work()
    } finally {
      ours = false
    }
  }
  const emptyLog = logEmptier(db, own)
  return {
    ...open,
    transaction({ writes, deletes }, work) {
      refusedTransaction = false
      own(() => db.exec(writes ? 'BEGIN IMMEDIATE' : 'BEGIN'))
      try {
        const answer = work()
        own(() => db.exec('COMMIT'))
        if (deletes) emptyLog()
        return answer
      } catch (error) {
        if (db.isTransaction) own(() => db.exec('ROLLBACK'))
        throw refusedTransaction ? new Error(USE_BATCH, { cause: error }) : error
      }
    },
    figures: () => own(() => {
      const [changes, lastRowId] = totals.get() as unknown as [bigint, bigint]
      const [count] = pages.get() as unknown as [bigint]
      return { changes: Number(changes), lastRowId: Number(lastRowId), size: Number(count) * pageSize }
    }),
  }
}
