import type { FunctionConfig, Schedule } from '../contract/function.ts'
import type { Outcome } from '../contract/invocation.ts'
import type { Share } from '../ports/deployments.ts'
import type { LedgerEntry, RecordQuery, Usage, UsageQuery } from '../ports/store.ts'
import type { GateProgress } from './deploy/gate.ts'
import type { DeploymentOperator } from './deploy/views.ts'

/** One instance as the operator sees it. */
export interface InstanceView {
  id: string
  revision: string
  pid: number | null
  state: 'starting' | 'ready' | 'busy' | 'blocked' | 'draining'
  in_flight: number
  memory_mb: number
  age_s: number
}

type OptionalField = 'cpu' | 'env' | 'budget' | 'onSuccess' | 'onFailure'

/** One function as the operator sees it. */
export interface FunctionView {
  name: string
  /** The one that most calls go to. */
  revision: string
  source: 'folder' | 'upload'
  /** What each alias points at, and how its gate is. */
  aliases: Record<string, { revisions: Share[]; gate: GateProgress['state'] | null }>
  /** `failed` = does not load; `idle` = no instance now. */
  state: 'idle' | 'active' | 'failed'
  config: Required<Omit<FunctionConfig, OptionalField>> & Pick<FunctionConfig, OptionalField>
  routes: string[]
  instances: InstanceView[]
  /** Since the host started. */
  totals: { invocations: number; errors: number; throttled: number; billed_ms: number; unbilled_init_ms: number }
}

/** One schedule of one function with its next ten ticks. */
export interface ScheduleView {
  function: string
  cron: string
  time_zone: string
  dialect: NonNullable<Schedule['dialect']>
  /** ISO 8601 UTC with milliseconds. */
  next: string[]
  last: { time: string; outcome: Outcome; invocation: string | null } | null
}

/** One queue as the operator sees it. */
export interface QueueView {
  queue: string
  /** The function that consumes it; null: none does. */
  consumer: string | null
  /** Not yet acknowledged: due, delayed and in flight. */
  messages: number
  bytes: number
  in_flight: number
  /** When the oldest of them was sent, ISO 8601 UTC; null when there is none. */
  oldest: string | null
  oldest_age_s: number | null
  /** Dead letters that nobody has replayed or dropped. */
  dead: number
}

/** A budget of the present day (UTC) in US dollars. */
export interface BudgetView {
  /** null: the whole host's. */
  function: string | null
  limit_usd: number
  spent_usd: number
  /** Held back for calls in flight, at the most each can cost. */
  reserved_usd: number
  /** Of the limit that is spent. */
  percent: number
}

/** What the operator's API asks of a running host. */
export interface Operator {
  functions(): FunctionView[]
  schedules(): Promise<ScheduleView[]>
  /**
   * Runs one tick now, whatever the table says, and answers when it is settled.
   * @throws PressroomError `not_found` when the function has no such schedule.
   */
  fire(name: string, cron: string, scheduledTime?: number): Promise<{ invocation: string; outcome: Outcome }>
  /** Single records of the ledger, newest first. */
  records(query: RecordQuery): Promise<{ entries: LedgerEntry[]; next: number | null }>
  /** Sums of the ledger. */
  usage(query: UsageQuery): Promise<Usage[]>
  /** Every budget, the whole host's first. */
  budgets(): BudgetView[]
  /** Every queue that somebody consumes, has settings for, or has sent to. */
  queues(): Promise<QueueView[]>
  readonly deployments: DeploymentOperator
  /** True from the end of start until draining begins, while the host can keep its records. */
  ready(): boolean
}
