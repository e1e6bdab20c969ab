import type { Writable } from 'node:stream'
import type { Clock } from '../../ports/clock.ts'
import type { FunctionLine, InvocationReport, Log, LogFields, LogLevel } from '../../ports/log.ts'
import { createLineLimit, truncateLine } from '../../tracing/line-limit.ts'
import { nodeClock } from './clock.ts'
import { createLineWriter } from './log-writer.ts'

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
  /** Resolves when the stream has taken everything, or after one second when its reader has stopped. */
  flush(): Promise<void>
}

/**
 * Writes the host's messages and the functions' lines to a stream, one line each: JSON for machines, text in `dev`. REPORT lines are
 * text in both. Control characters cannot reach the terminal. Each function may write 1,000 lines a second (2,000 at once), 8 KiB each.
 * Lines are gathered and written once per turn; what a stopped reader leaves behind beyond 1 MiB is dropped and counted.
 */
export function createLog({ stream, dev, clock = nodeClock }: LogOptions): NodeLog {
  const format = dev ? toText : toJson
  const write = (level: LogLevel, fields: LogFields, message: string) => {
    writer.write(format(new Date(clock.now()).toISOString(), level, fields, truncateLine(message, LONGEST_LINE_BYTES)))
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
    info: (message, fields = {}) => write('info', fields, message),
    warn: (message, fields = {}) => write('warn', fields, message),
    error: (message, fields = {}) => write('error', fields, message),
    line,
    report(report) {
      const { function: name, invocation, outcome, detail } = report
      if (detail !== undefined) line({ function: name, invocation, level: 'error', message: `${outcome}: ${detail}` })
      writer.write(reportLine(report))
    },
    flush: () => writer.flush(),
  }
}

function toJson(time: string, level: LogLevel, fields: LogFields, message: string): string {
  return harmless(JSON.stringify({ time, level, ...fields, message }))
}

function toText(time: string, level: LogLevel, fields: LogFields, message: string): string {
  const { function: name, revision: _, invocation, ...others } = fields
  const origin = name === undefined ? '' : ` ${name}${invocation ? ` ${invocation}` : ''}`
  const rest = Object.entries(others).filter(([, value]) => value !== undefined).map(([key, value]) => ` ${key}=${value}`).join('')
  const text = `${time.slice(11, 23)} ${level.padEnd(5)}${origin} ${message}${rest}`
  return text.split('\n').map((part) => harmless(JSON.stringify(part).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\'))).join('\n  ')
}

/** Escapes what JSON leaves alone but terminals and editors obey: C1 controls, line separators, direction marks. */
function harmless(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Tabs between the parts, one at the end: the shape that log readers for Lambda know. */
function reportLine({ invocation, function: name, outcome, runMs, billedMs, memoryMib, maxMemoryBytes, initMs }: InvocationReport): string {
  const init = initMs === undefined ? '' : `Init Duration: ${initMs.toFixed(2)} ms\t`
  const used = Math.ceil(maxMemoryBytes / 1024 ** 2)
  return (
    `REPORT RequestId: ${invocation}\tDuration: ${runMs.toFixed(2)} ms\tBilled Duration: ${billedMs} ms\t` +
    `Memory Size: ${memoryMib} MB\tMax Memory Used: ${used} MB\t${init}Function: ${name}\tOutcome: ${outcome}\t`
  )
}
