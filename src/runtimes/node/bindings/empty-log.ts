import type { DatabaseSync } from 'node:sqlite'
import { BUSY_TIMEOUT_MS } from './sqlite.ts'

// Captured before function code can replace them.
const elapsed = performance.now.bind(performance)
const timer = setTimeout

/** Milliseconds it waits for those who read or write. */
const PATIENCE_MS = 100
/** It takes no more than a twentieth of the time, however much is deleted. */
const SHARE = 20
/** Milliseconds until it is tried again where others were in the way. */
const AGAIN_MS = 50

/**
 * Makes what empties the write-ahead log of a database, so that nothing of what was deleted is left in it: moves it into the database
 * and begins it anew. At once, or within moments where others use it all the time or it was done just now.
 * @param own runs what function code may not do
 */
export function logEmptier(db: DatabaseSync, own: <T>(work: () => T) => T = (work) => work()): () => void {
  let notBefore = 0
  let waiting = false
  const again = (ms: number) => {
    if (waiting) return
    waiting = true
    timer(() => {
      waiting = false
      if (db.isOpen) empty()
    }, ms).unref()
  }
  const empty = () => {
    const began = elapsed()
    if (began < notBefore) return again(notBefore - began)
    const done = own(() => emptied(db))
    const ended = elapsed()
    notBefore = ended + (ended - began) * SHARE
    if (!done) again(AGAIN_MS)
  }
  return empty
}

function emptied(db: DatabaseSync): boolean {
  try {
    db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`)
    return db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0
  } catch {
    // What was written is safe in any case.
    return false
  } finally {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  }
}
