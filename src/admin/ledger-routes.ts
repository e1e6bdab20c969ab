import { Hono } from 'hono'
import { outcomes, type Outcome } from '../contract/invocation.ts'
import { PressroomError } from '../contract/errors.ts'
import type { Operator } from '../host/operator.ts'
import type { LedgerEntry, Usage, UsageKey } from '../ports/store.ts'
import { onlyKnown, readMoment, readWholeNumber } from './query.ts'

/** One invocation as the operator's API tells it. Times in milliseconds, sizes in MiB. */
export interface InvocationRecord {
  id: string
  function: string
  /** null when it never reached an instance. */
  revision: string | null
  host: string
  trigger: LedgerEntry['trigger']
  outcome: Outcome
  /** null for ticks and for callers that had gone. */
  status: number | null
  /** ISO 8601 UTC: when it was accepted. */
  at: string
  queue_ms: number
  init_ms: number
  run_ms: number
  billed_ms: number
  cpu_ms: number
  memory_mb: number
  /** Measured peak of its instance; 0 where it cannot be measured. */
  max_memory_mb: number
  cold: boolean
  gb_seconds: number
  cost_usd: number
  trace_id: string | null
}

/** Sums over invocations as the operator's API tells them. */
export interface BillSums {
  invocations: number
  errors: number
  throttled: number
  overloaded: number
  skipped: number
  billed_ms: number
  unbilled_init_ms: number
  gb_seconds: number
  cost_usd: number
}

/** One row of a bill. */
export interface BillRow extends BillSums {
  /** A function, or the start of an hour or a day in UTC. */
  key: string
}

const LARGEST_PAGE = 1_000
const groups = ['function', 'hour', 'day'] as const satisfies UsageKey[]

/** `GET /invocations` and `GET /bill`. */
export function ledgerRoutes(operator: Operator): Hono {
  const app = new Hono()
  app.get('/invocations', async (c) => {
    const { function: name, outcome, limit, cursor } = c.req.query()
    onlyKnown(c.req.query(), ['function', 'outcome', 'limit', 'cursor'])
    if (outcome !== undefined && !outcomes.includes(outcome as Outcome)) throw bad('outcome', outcomes.join(', '), outcome)
    const { entries, next } = await operator.records({
      ...(name === undefined ? {} : { function: name }),
      ...(outcome === undefined ? {} : { outcome: outcome as Outcome }),
      limit: readWholeNumber('limit', limit, 1, LARGEST_PAGE) ?? 100,
      ...optional('cursor', readWholeNumber('cursor', cursor, 1, Number.MAX_SAFE_INTEGER)),
    })
    return c.json({ invocations: entries.map(toRecord), next })
  })
  app.get('/bill', async (c) => {
    const { function: name, from, to, group = 'function' } = c.req.query()
    onlyKnown(c.req.query(), ['function', 'from', 'to', 'group'])
    const by = groups.find((key) => key === group)
    if (!by) throw bad('group', groups.join(', '), group)
    const query = { ...(name === undefined ? {} : { function: name }), ...optional('from', readMoment('from', from)), ...optional('to', readMoment('to', to)) }
    const [rows, [total]] = await Promise.all([operator.usage({ ...query, by: [by] }), operator.usage({ ...query, by: [] })])
    return c.json({
      rows: rows.map((usage): BillRow => ({ key: usage.keys[by] ?? '', ...toSums(usage) })),
      total: toSums(total),
      budgets: operator.budgets(),
    })
  })
  return app
}

function optional<Name extends string>(name: Name, value: number | undefined): Partial<Record<Name, number>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, number>)
}

function bad(name: string, expected: string, found: string): PressroomError {
  return new PressroomError('bad_request', `${name}: expected one of ${expected}, found "${found}"`)
}

/** A record of the ledger as the operator's API tells it. */
export function toRecord(entry: LedgerEntry): InvocationRecord {
  const { id, function: name, revision, host, trigger, outcome, status, at } = entry
  return {
    id, function: name, revision, host, trigger, outcome, status,
    at: new Date(at).toISOString(),
    queue_ms: entry.queueMs,
    init_ms: entry.initMs,
    run_ms: entry.runMs,
    billed_ms: entry.billedMs,
    cpu_ms: entry.cpuMs,
    memory_mb: entry.memoryMib,
    max_memory_mb: Math.round((entry.maxMemoryBytes / 1024 ** 2) * 100) / 100,
    cold: entry.cold,
    gb_seconds: (entry.memoryMib * entry.billedMs) / 1_024_000,
    cost_usd: entry.costPico / 1e12,
    trace_id: entry.traceId,
  }
}

function toSums(usage: Usage | undefined): BillSums {
  return {
    invocations: usage?.invocations ?? 0,
    errors: usage?.errors ?? 0,
    throttled: usage?.throttled ?? 0,
    overloaded: usage?.overloaded ?? 0,
    skipped: usage?.skipped ?? 0,
    billed_ms: usage?.billedMs ?? 0,
    unbilled_init_ms: usage?.unbilledInitMs ?? 0,
    gb_seconds: (usage?.mibMs ?? 0) / 1_024_000,
    cost_usd: Number(usage?.costPico ?? 0n) / 1e12,
  }
}
