import type { Outcome, Trigger } from '../contract/invocation.ts'

/** An invocation that failed, with the event that woke it, so that it can be run again. */
export interface Failure {
  /** Id of the invocation. */
  invocation: string
  function: string
  /** null when it never reached an instance. */
  revision: string | null
  trigger: Trigger
  outcome: Outcome
  /** Why, in words. */
  detail: string
  /** When it was accepted, milliseconds since 1970. */
  at: number
  /** The event as JSON, secrets already taken out. */
  event: string
  /** Names of the headers whose values were taken out. */
  redacted: readonly string[]
  /** False when the event had more than is kept: it can be looked at, but not run again. */
  whole: boolean
}

/** Which failures are asked for; those named must all fit. */
export interface FailureQuery {
  function?: string
  /** At most so many. */
  limit: number
  /** `next` of the page before. */
  cursor?: number
}

/** How much is remembered; the oldest are forgotten first. */
export const failureLimits = { count: 1_000, bytes: 64 * 1024 * 1024, ageMs: 7 * 86_400_000 } as const

/** Remembers the last failures. Keeping one never blocks, throws or waits; what a killed host had not yet written is lost. */
export interface Failures {
  /** `make` is called later, if at all: in a flood of failures only the last ones are worth the work. */
  keep(make: () => Failure): void
  /** Newest first, without their events. */
  list(query: FailureQuery): Promise<{ failures: Omit<Failure, 'event'>[]; next: number | null }>
  get(invocation: string): Promise<Failure | undefined>
}
