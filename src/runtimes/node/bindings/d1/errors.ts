import { reason, sqliteCode } from '../sqlite.ts'

const PRIMARY: Record<number, string> = {
  1: 'ERROR', 2: 'INTERNAL', 3: 'PERM', 4: 'ABORT', 5: 'BUSY', 6: 'LOCKED', 7: 'NOMEM', 8: 'READONLY', 9: 'INTERRUPT', 10: 'IOERR', 11: 'CORRUPT',
  12: 'NOTFOUND', 13: 'FULL', 14: 'CANTOPEN', 15: 'PROTOCOL', 16: 'EMPTY', 17: 'SCHEMA', 18: 'TOOBIG', 19: 'CONSTRAINT', 20: 'MISMATCH', 21: 'MISUSE',
  22: 'NOLFS', 23: 'AUTH', 24: 'FORMAT', 25: 'RANGE', 26: 'NOTADB',
}
const CONSTRAINTS = [
  'CHECK', 'COMMITHOOK', 'FOREIGNKEY', 'FUNCTION', 'NOTNULL', 'PRIMARYKEY', 'TRIGGER', 'UNIQUE', 'VTAB', 'ROWID', 'PINNED', 'DATATYPE',
]

/** An error as D1 spells it: the code is in the message, the bare reason is its `cause`. */
export function d1Error(prefix: 'D1_ERROR' | 'D1_EXEC_ERROR' | 'D1_TYPE_ERROR' | 'D1_COLUMN_NOTFOUND' | 'D1_DUMP_ERROR', message: string): Error {
  return new Error(`${prefix}: ${message}`, { cause: new Error(message) })
}

/** What SQLite says of a failure, with the name of its code: `no such table: nope: SQLITE_ERROR`. */
export function sqliteMessage(error: unknown): string {
  const primary = sqliteCode(error)
  if (primary === undefined) return reason(error)
  const name = `SQLITE_${PRIMARY[primary] ?? primary}`
  const extended = Number((error as { errcode?: unknown }).errcode) >> 8
  const constraint = primary === 19 ? CONSTRAINTS[extended - 1] : undefined
  return `${reason(error)}: ${name}${constraint === undefined ? '' : ` (extended: ${name}_${constraint})`}`
}
