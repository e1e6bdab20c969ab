import type { Writable } from 'node:stream'

const LARGEST_BACKLOG = 1024 * 1024
const FLUSH_TIMEOUT_MS = 1000
/** How long a patient line waits for others: written alone, each would cost a busy host a system call. */
const PATIENCE_MS = 10

/** Gathers lines and hands them to a stream. */
export interface LineWriter {
  /** `patient`: it may wait 10 ms for others; any other line takes it along. */
  write(line: string, patient?: boolean): void
  /** Resolves when the stream has taken everything, has failed, or has stood still for one second. */
  flush(): Promise<void>
}

/**
 * Gathers the lines of one event-loop turn and writes them at its end in one piece, patient ones 10 ms later. Never waits for the stream: while the stream holds more than 1 MiB
 * that its reader has not taken, lines are dropped, and `dropped` is told their number once the reader goes on. A stream that fails
 * (its reader has gone) ends the writing, not the process.
 */
export function createLineWriter(stream: Writable, dropped: (lines: number) => void): LineWriter {
  let gathered: string[] = []
  let size = 0
  let lost = 0
  let scheduled = false
  let patience: NodeJS.Timeout | undefined
  let broken = false
  stream.on('error', () => {
    broken = true
    gathered = []
  })
  stream.on('drain', tellLost)

  function tellLost() {
    if (lost === 0) return
    const lines = lost
    lost = 0
    dropped(lines)
  }
  function writeOut() {
    scheduled = false
    clearTimeout(patience)
    patience = undefined
    if (gathered.length === 0) return
    const text = `${gathered.join('\n')}\n`
    gathered = []
    size = 0
    stream.write(text)
  }
  function writeAndTell() {
    writeOut()
    if (stream.writableLength === 0) tellLost()
  }
  return {
    write(line, patient = false) {
      if (broken || stream.destroyed) return
      if (stream.writableLength + size > LARGEST_BACKLOG) {
        lost++
        return
      }
      gathered.push(line)
      size += line.length + 1
      if (scheduled) return
      if (patient) {
        patience ??= setTimeout(writeAndTell, PATIENCE_MS)
        return
      }
      scheduled = true
      // A turn's lines gather before they are written; a reader that fell behind within one turn is told of at its end.
      setImmediate(writeAndTell)
    },
    flush() {
      tellLost()
      writeOut()
      return new Promise((resolve) => {
        if (broken || stream.destroyed) return resolve()
        const timer = setTimeout(resolve, FLUSH_TIMEOUT_MS)
        stream.write('', () => {
          clearTimeout(timer)
          resolve()
        })
      })
    },
  }
}
