import type { Outcome } from '../contract/invocation.ts'

/** Further facts of a host message; they become fields of its line. */
export type LogFields = Record<string, string | number | boolean | null | undefined>

/** How much a line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One line a function wrote, or that was written about it. */
export interface FunctionLine {
  function: string
  revision?: string | null | undefined
  invocation?: string | null | undefined
  level: LogLevel
  message: string
}

/** How one invocation ended, for its REPORT line. Times in milliseconds with fractions, but `billedMs` whole. */
export interface InvocationReport {
  invocation: string
  function: string
  outcome: Outcome
  runMs: number
  billedMs: number
  /** The configured limit. */
  memoryMib: number
  maxMemoryBytes: number
  /** Only for the first invocation of an instance. */
  initMs?: number | undefined
  /** Why it failed. */
  detail?: string | undefined
}

/** Where a host tells what it does. No call blocks, throws, or waits for the reader of the log. */
export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** Writes one line of a function; a flood is cut to a bounded rate and its loss told. */
  line(line: FunctionLine): void
  /** Writes one line per invocation, and before it, as an error of the function, why it failed. */
  report(report: InvocationReport): void
}

/** Which of the kept lines are asked for; those named must all fit. */
export interface LogQuery {
  function?: string
  invocation?: string
  /** The least that a line must matter. */
  level?: LogLevel
  /** At most so many. */
  limit: number
  /** `next` of the answer before: then the oldest lines after it, otherwise the newest. */
  after?: number
}

/** One kept line with its further fields; a REPORT has the figures of its invocation. */
export interface KeptLine extends LogFields {
  /** Grows with every line. */
  seq: number
  /** ISO 8601 UTC. */
  time: string
  level: LogLevel
  message: string
}

/** The last lines of a log, oldest first. */
export interface LogHistory {
  /** `next` goes on where this answer ended; `missed` lines after `after` were forgotten before they were asked for. */
  read(query: LogQuery): { lines: KeptLine[]; next: number; missed: number }
}
