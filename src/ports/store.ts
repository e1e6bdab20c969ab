import type { Outcome, Trigger } from '../contract/invocation.ts'
import type { Deployments } from './deployments.ts'
import type { Failures } from './failures.ts'
import type { Queues } from './queues.ts'
import type { Ticks } from './ticks.ts'

/** What the host itself remembers, across restarts. */
export interface Store {
  readonly ticks: Ticks
  readonly queues: Queues
  readonly ledger: Ledger
  readonly failures: Failures
  readonly deployments: Deployments
  /** Writes what is not yet written, then closes. */
  close(): Promise<void>
}

/** One settled invocation as the ledger keeps it. Times in milliseconds. */
export interface LedgerEntry {
  id: string
  function: string
  /** null when it never reached an instance. */
  revision: string | null
  host: string
  trigger: Trigger
  outcome: Outcome
  /** HTTP status that the caller got; null for ticks and callers that had gone. */
  status: number | null
  /** When it was accepted, milliseconds since 1970. */
  at: number
  /** With fractions, to the microsecond, as `initMs`, `runMs` and `cpuMs`. */
  queueMs: number
  initMs: number
  runMs: number
  /** Whole. */
  billedMs: number
  cpuMs: number
  /** Configured MiB. */
  memoryMib: number
  /** Measured peak of its instance; 0 where it cannot be measured. */
  maxMemoryBytes: number
  cold: boolean
  /** Whole picodollars. */
  costPico: number
  /** 32 hex digits; null when nobody traced it. */
  traceId: string | null
}

/** What is counted without single records. */
export type Counted = 'throttled' | 'overloaded' | 'skipped'

/** Which records are asked for; those named must all fit. */
export interface RecordQuery {
  function?: string
  outcome?: Outcome
  /** At most so many. */
  limit: number
  /** `next` of the page before. */
  cursor?: number
}

/** What sums can be split by; `memory` is the configured size. */
export type UsageKey = 'function' | 'memory' | 'hour' | 'day'

/** Which sums are asked for. */
export interface UsageQuery {
  function?: string
  /** Milliseconds since 1970, rounded down to the minute; included. Default: everything kept. */
  from?: number
  /** As `from`, not included. */
  to?: number
  by: readonly UsageKey[]
}

/** Sums over invocations. */
export interface Usage {
  /** Values of the keys asked for: name, MiB, or ISO 8601 start of the hour or day (UTC). */
  keys: Partial<Record<UsageKey, string>>
  invocations: number
  /** Of these, delivered to an instance: what a plan would bill as requests. */
  delivered: number
  errors: number
  throttled: number
  overloaded: number
  skipped: number
  billedMs: number
  /** Σ configured MiB × billed milliseconds. */
  mibMs: number
  initMs: number
  runMs: number
  cpuMs: number
  /** Σ load time of instances that started and never served. */
  unbilledInitMs: number
  maxMemoryBytes: number
  costPico: bigint
}

/** Remembers what each invocation cost. Recording never blocks, throws or waits; it is durable within a second. */
export interface Ledger {
  record(entry: LedgerEntry): void
  /** Counts a call that was refused, or a tick that was skipped, in its minute. */
  count(what: Counted, name: string, memoryMib: number, at: number): void
  /** Adds the load time of an instance that never served. */
  unbilledInit(name: string, memoryMib: number, ms: number, at: number): void
  /** Resolves when everything recorded so far is durable. */
  flush(): Promise<void>
  /** Why nothing could be written for some seconds; undefined while all is well. */
  failing(): string | undefined
  /** Single records, newest first. */
  records(query: RecordQuery): Promise<{ entries: LedgerEntry[]; next: number | null }>
  /** Sums, in the order of their keys. */
  usage(query: UsageQuery): Promise<Usage[]>
}
