import type { Outcome } from '../contract/invocation.ts'
import type { InvoiceView } from '../host/invoice.ts'
import type { BudgetView, FunctionView, QueueView, ScheduleView } from '../host/operator.ts'
import type { KeptLine } from '../ports/log.ts'
import { createCaller, isObject } from './client/call.ts'
import type { BillRow, BillSums, InvocationRecord } from './ledger-routes.ts'

/** The operator's API as the command line calls it. Every call rejects with a PressroomError that names the way out. */
export interface AdminClient {
  functions(): Promise<FunctionView[]>
  schedules(): Promise<ScheduleView[]>
  queues(): Promise<QueueView[]>
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

/**
 * Makes a client for the host at `PRESSROOM_ADMIN_URL` (default `http://127.0.0.1:8788`), with the token `PRESSROOM_ADMIN_TOKEN`.
 * @throws PressroomError `bad_option` when the URL is none
 */
export function createAdminClient(env: Readonly<Record<string, string | undefined>>): AdminClient {
  const { call, list, stranger } = createCaller(env)
  return {
    functions: async () => list<FunctionView>(await call('/functions'), 'functions'),
    schedules: async () => list<ScheduleView>(await call('/schedules'), 'schedules'),
    queues: async () => list<QueueView>(await call('/queues'), 'queues'),
    async fire(name, cron, time) {
      const { invocation, outcome } = await call('/schedules/fire', { method: 'POST', body: { function: name, cron, ...(time === undefined ? {} : { time }) } })
      if (typeof invocation !== 'string' || typeof outcome !== 'string') throw stranger()
      return { invocation, outcome: outcome as Outcome }
    },
    async invocations(query) {
      const answer = await call(asking('/invocations', query))
      return { invocations: list<InvocationRecord>(answer, 'invocations'), next: (answer['next'] ?? null) as number | null }
    },
    async bill(query) {
      const answer = await call(asking('/bill', query))
      const rows = list<BillRow>(answer, 'rows')
      if (!isObject(answer['total'])) throw stranger()
      return { ...answer, rows, total: answer['total'] as unknown as BillSums, budgets: list<BudgetView>(answer, 'budgets') }
    },
    async invoice(query) {
      const answer = await call(asking('/invoice', query))
      list(answer, 'plans')
      return answer as unknown as Invoice
    },
    async logs(query) {
      const answer = await call(asking('/logs', query))
      const lines = list<LogLine>(answer, 'lines')
      if (typeof answer['next'] !== 'number') throw stranger()
      return { lines, next: answer['next'], missed: Number(answer['missed'] ?? 0) }
    },
  }
}

/** A path with those filters that are given. */
function asking(path: string, query: Query<string>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}
