/** SQLite's primary result codes that tell why a file cannot be used. */
const BUSY = [5, 6]
const NOT_OURS = [3, 8, 14, 23]
const NO_ROOM = [10, 13]

/** SQLite's primary result code; undefined when the error is not SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** True when another process holds the file. */
export function isBusy(error: unknown): boolean {
  return BUSY.includes(sqliteCode(error) ?? 0)
}

/** Why the records cannot be opened and what to do about it, in one line. */
export function explain(error: unknown): string {
  const { message } = error as Error
  const code = sqliteCode(error)
  if (code === undefined) return message
  if (BUSY.includes(code)) return `${message}: another program has it open; end that one`
  if (NOT_OURS.includes(code)) return `${message}; let this user write to the file and its folder, or name another folder with --data`
  if (NO_ROOM.includes(code)) return `${message}; make room on the disk, or name a folder on another with --data`
  return `${message}; ${RESTORE}`
}

/** What can be done about a file that says something else than what was written to it. */
export const RESTORE = 'restore it from a backup, or move host.db, host.db-wal and host.db-shm away to begin with empty records'
