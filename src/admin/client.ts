import { PressroomError } from '../contract/errors.ts'
import type { Outcome } from '../contract/invocation.ts'
import type { InvoiceView } from '../host/invoice.ts'
import type { BudgetView, FunctionView, ScheduleView } from '../host/operator.ts'
import type { KeptLine } from '../ports/log.ts'
import type { BillRow, BillSums, InvocationRecord } from './ledger-routes.ts'

/** Where commands look for a host when `PRESSROOM_ADMIN_URL` says nothing. */
export const defaultAdminUrl = 'http://127.0.0.1:8788'

/** The operator's API as the command line calls it. Every call rejects with a PressroomError that names the way out. */
export interface AdminClient {
  functions(): Promise<FunctionView[]>
  schedules(): Promise<ScheduleView[]>
  /** Runs one tick now; `time` is ISO 8601, default now. Waits until it is settled. */
  fire(name: string, cron: string, time?: string): Promise<{ invocation: string; outcome: Outcome }>
  /** Single records, newest first; `next` is the cursor of older ones. */
  invocations(query: Query<'function' | 'outcome' | 'limit' | 'cursor'>): Promise<{ invocations: InvocationRecord[]; next: number | null }>
  /** Sums by function, hour or day. */
  bill(query: Query<'function' | 'from' | 'to' | 'group'>): Promise<{ rows: BillRow[]; total: BillSums; budgets: BudgetView[] }>
  /** A month under one plan or all of them, and at other sizes. */
  invoice(query: Query<'plan' | 'month' | 'memory'>): Promise<Invoice>
  /** The last lines of the log, or those after `after`. */
  logs(query: Query<'function' | 'invocation' | 'level' | 'limit' | 'after'>): Promise<{ lines: LogLine[]; next: number; missed: number }>
}

/** A month under the plans asked for. */
export type Invoice = InvoiceView

/** One kept line of the log. */
export type LogLine = KeptLine

/** Filters as they are typed; the host checks them. */
export type Query<Names extends string> = Partial<Record<Names, string | undefined>>

const READ_TIMEOUT_MS = 10_000
/** A tick may take as long as a function may. */
const FIRE_TIMEOUT_MS = 1_000_000

/**
 * Makes a client for the host at `PRESSROOM_ADMIN_URL` (default `http://127.0.0.1:8788`), with the token `PRESSROOM_ADMIN_TOKEN`.
 * @throws PressroomError `bad_option` when the URL is none
 */
export function createAdminClient(env: Readonly<Record<string, string | undefined>>): AdminClient {
  const base = env['PRESSROOM_ADMIN_URL'] || defaultAdminUrl
  const token = env['PRESSROOM_ADMIN_TOKEN']
  if (!/^https?:\/\//i.test(base) || !URL.canParse(base)) {
    throw new PressroomError('bad_option', `PRESSROOM_ADMIN_URL: expected a URL such as ${defaultAdminUrl}, found "${base}"`)
  }
  const call = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
    const change = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const signal = AbortSignal.timeout(body === undefined ? READ_TIMEOUT_MS : FIRE_TIMEOUT_MS)
    const response = await fetch(new URL(path, base), { ...change, headers, signal, redirect: 'error' }).catch((cause: unknown) => {
      throw silent(base, cause)
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && isObject(answer)) return answer
    throw refused(base, path, response.status, answer)
  }
  return {
    functions: async () => list<FunctionView>(base, await call('/functions'), 'functions'),
    schedules: async () => list<ScheduleView>(base, await call('/schedules'), 'schedules'),
    async fire(name, cron, time) {
      const { invocation, outcome } = await call('/schedules/fire', { function: name, cron, ...(time === undefined ? {} : { time }) })
      if (typeof invocation !== 'string' || typeof outcome !== 'string') throw stranger(base)
      return { invocation, outcome: outcome as Outcome }
    },
    async invocations(query) {
      const answer = await call(asking('/invocations', query))
      return { invocations: list<InvocationRecord>(base, answer, 'invocations'), next: (answer['next'] ?? null) as number | null }
    },
    async bill(query) {
      const answer = await call(asking('/bill', query))
      const rows = list<BillRow>(base, answer, 'rows')
      if (!isObject(answer['total'])) throw stranger(base)
      return { ...answer, rows, total: answer['total'] as unknown as BillSums, budgets: list<BudgetView>(base, answer, 'budgets') }
    },
    async invoice(query) {
      const answer = await call(asking('/invoice', query))
      list(base, answer, 'plans')
      return answer as unknown as Invoice
    },
    async logs(query) {
      const answer = await call(asking('/logs', query))
      const lines = list<LogLine>(base, answer, 'lines')
      if (typeof answer['next'] !== 'number') throw stranger(base)
      return { lines, next: answer['next'], missed: Number(answer['missed'] ?? 0) }
    },
  }
}

/** A path with those filters that are given. */
function asking(path: string, query: Query<string>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}

function silent(base: string, cause: unknown): PressroomError {
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new PressroomError('bad_option', `the host at ${base} does not answer in time; is it overloaded?`, { cause })
  }
  return new PressroomError(
    'bad_option',
    `no host answers at ${base}; is it running? Start it with \`pressroom start\`, or set PRESSROOM_ADMIN_URL to the operator URL it printed`,
    { cause },
  )
}

function refused(base: string, path: string, status: number, answer: unknown): PressroomError {
  const error = isObject(answer) && isObject(answer['error']) ? answer['error'] : undefined
  if (typeof error?.['code'] !== 'string') return stranger(base)
  if (error['code'] === 'unauthorized') {
    return new PressroomError('bad_option', `the host at ${base} wants its token; set PRESSROOM_ADMIN_TOKEN to the one it was started with`)
  }
  const told = typeof error['detail'] === 'string' ? error['detail'] : String(error['message'])
  return new PressroomError('bad_option', `the host at ${base} answered ${path} with ${status} ${error['code']}: ${told}`)
}

function stranger(base: string): PressroomError {
  return new PressroomError('bad_option', `what answers at ${base} is no Pressroom operator's API; set PRESSROOM_ADMIN_URL to the admin port`)
}

function list<Row>(base: string, answer: Record<string, unknown>, key: string): Row[] {
  const rows = answer[key]
  if (!Array.isArray(rows)) throw stranger(base)
  return rows as Row[]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
