/**
 * What an instance says is checked before the host believes it: function code shares the process that writes it, and a
 * spoiled prototype or a write to the wrong descriptor must cost that instance, never the host.
 */
import type { Loaded } from '../../../ports/instance.ts'
import type { BatchHeadHead, CallHead, LogHead, ReportHead, ResponseHeadHead } from './messages.ts'

type Fields = Record<string, unknown>

const HANDLERS = ['fetch', 'scheduled', 'queue']
const LEVELS = ['debug', 'info', 'warn', 'error']

/** Reads the fields of a head. @throws TypeError when it is no object */
function fieldsOf(text: string): Fields {
  const value = JSON.parse(text) as unknown
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('a head is no object')
  return value as Fields
}

function check(fits: boolean, what: string): asserts fits {
  if (!fits) throw new TypeError(`${what} is not what was expected`)
}
const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrAbsent = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'
const isDelay = (value: unknown): value is number | null => value === null || isAmount(value)
const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Infinity

function checkReport({ o, d, k, p, b, x }: Fields): void {
  check(o === undefined || o === 'exception' || o === 'canceled', 'the outcome of a report')
  check(isTextOrAbsent(d) && isTextOrAbsent(k), 'the detail of a report')
  check(isAmount(p), 'the CPU time of a report')
  check(b === undefined || isAmount(b), 'the bytes of a report')
  check(isTextOrAbsent(x), 'the span of a report')
}

/** Reads a report. @throws TypeError when it is none */
export function readReport(text: string): ReportHead {
  const head = fieldsOf(text)
  checkReport(head)
  return head as unknown as ReportHead
}

/** Reads the head of a response, with a report when it is settled. @throws TypeError when it is none */
export function readResponseHead(text: string, settled: boolean): ResponseHeadHead {
  const head = fieldsOf(text)
  const { s, t, h } = head
  check(Number.isInteger(s) && (s as number) >= 200 && (s as number) <= 599, 'the status of a response')
  check(isTextOrAbsent(t), 'the status text of a response')
  check(Array.isArray(h) && h.length % 2 === 0 && h.every(isText), 'the headers of a response')
  if (settled) checkReport(head)
  return head as unknown as ResponseHeadHead
}

/** Reads the failure of an invocation, with a report when it is settled. @throws TypeError when it is none */
export function readFailure(text: string, settled: boolean): ReportHead {
  const head = fieldsOf(text)
  check(isTextOrAbsent(head['d']) && isTextOrAbsent(head['k']), 'the detail of a failure')
  if (settled) checkReport(head)
  return head as unknown as ReportHead
}

/** Reads the end of a tick, with a report when it is settled. @throws TypeError when it is none */
export function readTick(text: string, settled: boolean): ReportHead & { n: boolean } {
  const head = fieldsOf(text)
  check(typeof head['n'] === 'boolean', 'the end of a tick')
  if (settled) checkReport(head)
  return head as unknown as ReportHead & { n: boolean }
}

/** Reads the end of a batch of messages, with a report when it is settled. @throws TypeError when it is none */
export function readBatch(text: string, settled: boolean): BatchHeadHead {
  const head = fieldsOf(text)
  const { a, r, z } = head
  check(Array.isArray(a) && a.every(isText), 'the acknowledged messages of a batch')
  check(Array.isArray(r) && r.every((one) => Array.isArray(one) && isText(one[0]) && isDelay(one[1])), 'the retried messages of a batch')
  check(z === undefined || z === 'ack' || (Array.isArray(z) && z[0] === 'retry' && isDelay(z[1])), 'the rest of a batch')
  if (settled) checkReport(head)
  return head as unknown as BatchHeadHead
}

/** Reads what a binding asks of the host. @throws TypeError when it is no question */
export function readCall(text: string): CallHead {
  const head = fieldsOf(text)
  check(isText(head['b']) && isText(head['o']) && isTextOrAbsent(head['i']) && isTextOrAbsent(head['t']), 'a call')
  return head as unknown as CallHead
}

/** Reads a log line. @throws TypeError when it is none */
export function readLog(text: string): LogHead {
  const head = fieldsOf(text)
  check(isTextOrAbsent(head['i']) && LEVELS.includes(head['l'] as string) && isText(head['m']), 'a log line')
  return head as unknown as LogHead
}

/** Reads a sign of life: utilization and delay of the event loop. @throws TypeError when it is none */
export function readPulse(text: string): [utilization: number, delayMs: number] {
  const pulse = JSON.parse(text) as unknown
  check(Array.isArray(pulse) && pulse.length === 2 && pulse.every(isAmount), 'a pulse')
  return pulse as [number, number]
}

/** Reads what a module is made of. @throws TypeError when it is not told */
export function readLoaded(text: string): Loaded {
  const { init, handlers, config } = fieldsOf(text)
  check(isAmount(init), 'the time that loading took')
  check(Array.isArray(handlers) && handlers.every((name) => HANDLERS.includes(name as string)), 'the list of handlers')
  return { initMs: init, handlers: handlers as Loaded['handlers'], config }
}

/** Reads why a module did not load. @throws TypeError when it is not told */
export function readLoadFailure(text: string): { detail: string; stack: string } {
  const { detail, stack } = fieldsOf(text)
  check(isText(detail) && isTextOrAbsent(stack), 'the reason of a failed load')
  return { detail, stack: stack ?? detail }
}

/** Reads a text of its own. @throws TypeError when it is none */
export function readText(text: string): string {
  const value = JSON.parse(text) as unknown
  check(isText(value), 'a text')
  return value
}

/** Reads a number of bytes. @throws TypeError when it is none */
export function readBytes(text: string): number {
  const bytes = Number(text)
  check(Number.isSafeInteger(bytes) && bytes >= 0, 'a number of bytes')
  return bytes
}
