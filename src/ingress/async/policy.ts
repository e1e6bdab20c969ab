import type { Head, Outcome, Settlement } from '../../contract/invocation.ts'

/** Before the second and the third attempt at a function that failed. */
const AFTER_FAILURE_MS = [60_000, 120_000] as const
/** Before a call that found no room is tried again: the first pause, and the longest. */
const AFTER_REFUSAL_MS = { first: 1_000, longest: 300_000 } as const

/** How one attempt ended: well; by the function's fault; or before it could run. */
export type Ending = { kind: 'ok' } | { kind: 'failed' | 'refused'; error: string }

/** What an attempt is judged by. Times in milliseconds since 1970. */
export interface Attempt {
  /** How many there were, this one included. */
  attempts: number
  /** When the event was accepted. */
  sentAt: number
  now: number
}

/** How patient a function is with its events. */
export interface Patience {
  /** Further attempts after the first failed. */
  retries: number
  maxAgeMs: number
}

/** Why an event was given up, in Lambda's words. */
export type GivenUp = 'RetriesExhausted' | 'EventAgeExceeded'

/** What becomes of an event. */
export type Judgement =
  | { kind: 'done' }
  | { kind: 'again'; dueAt: number; error: string; /** It has not run: this was no attempt. */ uncounted: boolean }
  | { kind: 'given_up'; condition: GivenUp; error: string }

const failures: ReadonlySet<Outcome> = new Set(['exception', 'timeout', 'cpu_exceeded', 'memory_exceeded', 'exited', 'init_failed'])

/** How an attempt ended. An answer of 500 and above, and a batch of which something is to come again, are failures of the function. */
export function endingOf(head: Head, { outcome, detail }: Settlement): Ending {
  if (failures.has(outcome)) return { kind: 'failed', error: detail === undefined ? outcome : `${outcome}: ${detail}` }
  if (outcome !== 'ok') return { kind: 'refused', error: head.type === 'failure' ? `${head.code}: ${head.detail}` : outcome }
  if (head.type === 'response' && head.status >= 500) return { kind: 'failed', error: `answered ${head.status}` }
  if (head.type === 'batch' && (head.retries.length > 0 || head.rest?.kind === 'retry')) return { kind: 'failed', error: 'asked for messages to come again' }
  return { kind: 'ok' }
}

/**
 * Decides about an event after an attempt: a function that failed gets it again after one minute and then after two; a call that found
 * no room comes back after a second, doubling to five minutes, until the event is too old.
 */
export function judge(ending: Ending, { attempts, sentAt, now }: Attempt, { retries, maxAgeMs }: Patience): Judgement {
  if (ending.kind === 'ok') return { kind: 'done' }
  const { error } = ending
  const oldest = sentAt + maxAgeMs
  if (ending.kind === 'failed') {
    const pause = attempts <= retries ? AFTER_FAILURE_MS[attempts - 1] : undefined
    if (pause === undefined) return { kind: 'given_up', condition: 'RetriesExhausted', error }
    if (now + pause > oldest) return { kind: 'given_up', condition: 'EventAgeExceeded', error }
    return { kind: 'again', dueAt: now + pause, error, uncounted: false }
  }
  if (now >= oldest) return { kind: 'given_up', condition: 'EventAgeExceeded', error }
  // As long again as it has waited so far: doubling, without anything to remember over a restart.
  const before = AFTER_FAILURE_MS.slice(0, attempts - 1).reduce((sum, ms) => sum + ms, 0)
  const pause = Math.min(Math.max(now - sentAt - before, 0) + AFTER_REFUSAL_MS.first, AFTER_REFUSAL_MS.longest)
  return { kind: 'again', dueAt: Math.min(now + pause, oldest), error, uncounted: true }
}
