import type { Writable } from 'node:stream'
import type { Clock } from '../../ports/clock.ts'
import type { FunctionLine, Log, LogFields, LogHistory, LogLevel } from '../../ports/log.ts'
import { createLineLimit, truncateLine } from '../../tracing/line-limit.ts'
import { nodeClock } from './clock.ts'
import { reportLine, toJson, toText } from './log/format.ts'
import { createLogRing } from './log/ring.ts'
import { createLineWriter } from './log/writer.ts'

const LONGEST_LINE_BYTES = 8 * 1024
const LINES_PER_SECOND = 1000
const BURST_LINES = 2000

/** What `createLog` writes to and how. */
export interface LogOptions {
  stream: Writable
  /** Text for people instead of JSON. */
  dev: boolean
  /** Default: the machine's. */
  clock?: Clock
}

/** The log of a host on Node. */
export interface NodeLog extends Log {
  /** Its last 10,000 lines, at most 8 MiB. */
  readonly history: LogHistory
  /** Resolves when the stream has taken everything, or after one second when its reader has stopped. */
  flush(): Promise<void>
}

/**
 * Writes the host's messages and the functions' lines to a stream, one line each: JSON for machines, text in `dev`. REPORT lines are
 * text in both. Control characters cannot reach the terminal. Each function may write 1,000 lines a second (2,000 at once), 8 KiB each.
 * Lines are gathered and written once per turn, REPORT lines within 10 ms; what a stopped reader leaves behind beyond 1 MiB is dropped and counted.
 * The last lines are kept in memory, those too that the stream's reader was too slow for.
 */
export function createLog({ stream, dev, clock = nodeClock }: LogOptions): NodeLog {
  const format = dev ? toText : toJson
  const ring = createLogRing(clock.now())
  const write = (level: LogLevel, fields: LogFields, text: string) => {
    const now = clock.now()
    const message = truncateLine(text, LONGEST_LINE_BYTES)
    const time = new Date(now).toISOString()
    ring.line(now, level, fields, message)
    writer.write(format(dev ? time.slice(11, 23) : time, level, fields, message))
  }
  const writer = createLineWriter(stream, (lines) => {
    write('warn', {}, `${lines} lines dropped: whoever reads this log is too slow`)
  })
  const mayWrite = createLineLimit({
    clock,
    perSecond: LINES_PER_SECOND,
    burst: BURST_LINES,
    dropped: (name, lines) => write('warn', { function: name }, `${lines} lines dropped: more than ${LINES_PER_SECOND} in a second`),
  })
  const line = ({ function: name, revision, invocation, level, message }: FunctionLine) => {
    if (mayWrite(name)) write(level, { function: name, revision: revision ?? null, invocation: invocation ?? null }, message)
  }
  return {
    history: ring,
    info: (message, fields = {}) => write('info', fields, message),
    warn: (message, fields = {}) => write('warn', fields, message),
    error: (message, fields = {}) => write('error', fields, message),
    line,
    report(report) {
      const { function: name, invocation, outcome, detail } = report
      if (detail !== undefined) line({ function: name, invocation, level: 'error', message: `${outcome}: ${detail}` })
      ring.report(clock.now(), report)
      writer.write(reportLine(report), true)
    },
    flush: () => writer.flush(),
  }
}
