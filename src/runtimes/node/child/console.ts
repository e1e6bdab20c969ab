import { formatWithOptions } from 'node:util'
import type { LogHead } from '../wire/messages.ts'
import { current } from './current.ts'

const LINES_PER_SECOND = 2_000
const BYTES_PER_SECOND = 1024 * 1024
const LONGEST = 8 * 1024

/**
 * Turns `console.*` into log lines for the host. What a flood adds beyond 2,000 lines or 1 MiB a second is counted and
 * dropped before it is even formatted: a million lines in a loop must not fill this process's memory.
 */
export function installConsole(send: (line: LogHead) => void): (level: LogHead['l'], text: string) => void {
  let windowStart = 0
  let lines = 0
  let bytes = 0
  let dropped = 0
  const tellDropped = () => {
    if (dropped > 0) send({ l: 'warn', m: `… ${dropped} lines dropped: more than ${LINES_PER_SECOND} lines or 1 MiB in a second` })
    dropped = 0
  }
  const open = () => {
    const now = performance.now()
    if (now - windowStart >= 1000) {
      tellDropped()
      windowStart = now
      lines = bytes = 0
    }
    if (lines < LINES_PER_SECOND && bytes < BYTES_PER_SECOND) {
      lines++
      return true
    }
    if (dropped++ === 0) setTimeout(tellDropped, 1000).unref()
    return false
  }
  const write = (level: LogHead['l'], text: string) => {
    const line = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… truncated, ${text.length} characters`
    bytes += line.length
    const id = current.getStore()?.id
    send(id === undefined ? { l: level, m: line } : { i: id, l: level, m: line })
  }
  const method =
    (level: LogHead['l']) =>
    (...args: unknown[]) => {
      if (open()) write(level, args.length === 1 && typeof args[0] === 'string' ? args[0] : formatWithOptions({ depth: 4, maxStringLength: LONGEST }, ...args))
    }
  Object.assign(console, {
    log: method('info'),
    info: method('info'),
    debug: method('debug'),
    warn: method('warn'),
    error: method('error'),
    trace: method('debug'),
    dir: method('info'),
    table: method('info'),
  })
  return (level, text) => {
    if (open()) write(level, text)
  }
}
