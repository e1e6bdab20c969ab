import type { InvocationReport, KeptLine, LogFields, LogHistory, LogLevel, LogQuery } from '../../../ports/log.ts'
import { createReportColumns } from './report-columns.ts'

/** Bounds of what is kept; whichever is reached first. */
export interface RingLimits {
  /** Default 10,000. */
  lines?: number
  /** As estimated, two bytes a character. Default 8 MiB. */
  bytes?: number
}

/** The last lines of a log, in memory. */
export interface LogRing extends LogHistory {
  /** Keeps a line; `time` in milliseconds since 1970. */
  line(time: number, level: LogLevel, fields: LogFields, message: string): void
  /** Keeps the end of an invocation. */
  report(time: number, report: InvocationReport): void
}

interface Line {
  level: LogLevel
  fields: LogFields
  message: string
}

/** Stands where the line of a report would. */
const REPORT: Line = { level: 'info', fields: {}, message: 'REPORT' }
const LINE_OVERHEAD_BYTES = 200
const REPORT_BYTES = 400
const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/**
 * Keeps the last lines for whoever asks, and forgets the oldest. A line costs the host a few array stores: what was given is kept as it is,
 * and laid out only when it is asked for. Numbers go on from `start`, milliseconds since 1970, so that they grow over restarts too.
 */
export function createLogRing(start: number, { lines: capacity = 10_000, bytes: mostBytes = 8 * 1024 ** 2 }: RingLimits = {}): LogRing {
  const items = Array.from<Line | undefined>({ length: capacity })
  const reports = createReportColumns(capacity)
  const times = new Float64Array(capacity)
  const sizes = new Uint32Array(capacity)
  // A thousand lines a millisecond is more than this host can write.
  const origin = Math.floor(start) * 1000
  let first = 0
  let end = 0
  let bytes = 0

  function keep(time: number, item: Line, size: number): number {
    while (end - first >= capacity || (bytes + size > mostBytes && first < end)) {
      const slot = first++ % capacity
      bytes -= sizes[slot] ?? 0
      if (items[slot] === REPORT) reports.clear(slot)
      items[slot] = undefined
    }
    const slot = end++ % capacity
    items[slot] = item
    times[slot] = time
    sizes[slot] = size
    bytes += size
    return slot
  }
  function view(index: number): KeptLine {
    const slot = index % capacity
    const { level, fields, message } = items[slot]!
    const head = { seq: origin + index, time: new Date(times[slot] ?? 0).toISOString(), level, message }
    // First for the reader, last so that no field takes its place.
    return { ...head, ...(items[slot] === REPORT ? reports.fields(slot) : fields), ...head }
  }
  function fits(index: number, query: LogQuery): boolean {
    const slot = index % capacity
    const item = items[slot]
    if (!item) return false
    const report = item === REPORT
    if (query.function !== undefined && (report ? reports.function(slot) : item.fields['function']) !== query.function) return false
    if (query.invocation !== undefined && (report ? reports.invocation(slot) : item.fields['invocation']) !== query.invocation) return false
    return query.level === undefined || ranks[item.level] >= ranks[query.level]
  }
  function newest(query: LogQuery): KeptLine[] {
    const found: KeptLine[] = []
    for (let index = end - 1; index >= first && found.length < query.limit; index--) if (fits(index, query)) found.push(view(index))
    return found.reverse()
  }
  return {
    line(time, level, fields, message) {
      let size = LINE_OVERHEAD_BYTES + message.length * 2
      for (const key in fields) {
        const value = fields[key]
        if (typeof value === 'string') size += value.length * 2
      }
      keep(time, { level, fields, message }, size)
    },
    report(time, report) {
      reports.set(keep(time, REPORT, REPORT_BYTES), report)
    },
    read(query) {
      if (query.after === undefined) return { lines: newest(query), next: origin + end - 1, missed: 0 }
      // A number beyond the newest is of a host whose clock was ahead: all that is here is news.
      const wanted = query.after >= origin + end ? 0 : Math.max(0, query.after - origin + 1)
      const found: KeptLine[] = []
      let index = Math.max(wanted, first)
      for (; index < end && found.length < query.limit; index++) if (fits(index, query)) found.push(view(index))
      return { lines: found, next: origin + index - 1, missed: Math.max(0, first - wanted) }
    },
  }
}
