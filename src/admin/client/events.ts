import type { LetterChoice } from '../../host/events/letters.ts'
import type { FailureView, LetterView } from '../../host/events/views.ts'
import type { InvokeAnswer } from '../invoke-routes.ts'
import { createCaller } from './call.ts'

/** What an invocation came to, and the end of what it wrote. */
export type Invoked = InvokeAnswer

/** What a failed invocation came to when it ran again. */
export type Replayed = Invoked & { replay_of: string; redacted: string[] }

/** A failed invocation that is kept. */
export type Failed = FailureView

/** A message that is delivered no more. */
export type Letter = LetterView

/** Which dead letters are meant. */
export type Letters = LetterChoice

/** Which state of a function is meant; neither: what serves now. */
export type Which = Partial<Record<'alias' | 'revision', string | undefined>>

/** Calling functions, and what failed, through the operator's API. Every call rejects with a PressroomError that names the way out. */
export interface EventClient {
  /** Runs a function with an event and answers when it is settled. */
  invoke(name: string, event: unknown, which?: Which): Promise<Invoked>
  /** Answers when the event is on the host's disk. */
  invokeAsync(name: string, event: unknown, alias?: string): Promise<{ invocation: string }>
  failures(query: Partial<Record<'function' | 'limit' | 'cursor', string | undefined>>): Promise<{ failures: Failed[]; next: number | null }>
  replay(invocation: string, headers: Record<string, string | string[]> | undefined, which?: Which): Promise<Replayed>
  letters(query: Partial<Record<'function' | 'queue' | 'limit' | 'cursor', string | undefined>>): Promise<{ letters: Letter[]; next: number | null }>
  letter(id: string): Promise<Letter>
  /** Answer how many. */
  replayLetters(letters: Letters): Promise<number>
  dropLetters(letters: Letters): Promise<number>
}

/**
 * Makes a client for the host at `PRESSROOM_ADMIN_URL`, with the token `PRESSROOM_ADMIN_TOKEN`.
 * @throws PressroomError `bad_option` when the URL is none
 */
export function createEventClient(env: Readonly<Record<string, string | undefined>>): EventClient {
  const { call, list, stranger } = createCaller(env)
  const post = (path: string, body: unknown) => call(path, { method: 'POST', body })
  const settled = <Answer>(answer: Record<string, unknown>): Answer => {
    if (typeof answer['invocation'] !== 'string' || typeof answer['outcome'] !== 'string') throw stranger()
    return answer as unknown as Answer
  }
  const count = (answer: Record<string, unknown>, key: string): number => {
    if (typeof answer[key] !== 'number') throw stranger()
    return answer[key]
  }
  const next = (answer: Record<string, unknown>) => (answer['next'] ?? null) as number | null
  return {
    invoke: async (name, event, which = {}) => settled(await post(asking(`/functions/${encodeURIComponent(name)}/invocations`, which), event)),
    async invokeAsync(name, event, alias) {
      const { invocation } = await post(asking(`/functions/${encodeURIComponent(name)}/invocations`, { mode: 'async', alias }), event)
      if (typeof invocation !== 'string') throw stranger()
      return { invocation }
    },
    async failures(query) {
      const answer = await call(asking('/failures', query))
      return { failures: list<Failed>(answer, 'failures'), next: next(answer) }
    },
    replay: async (invocation, headers, which = {}) =>
      settled(await post(asking(`/failures/${encodeURIComponent(invocation)}/replay`, which), headers === undefined ? {} : { headers })),
    async letters(query) {
      const answer = await call(asking('/dead-letters', query))
      return { letters: list<Letter>(answer, 'letters'), next: next(answer) }
    },
    async letter(id) {
      const answer = await call(`/dead-letters/${encodeURIComponent(id)}`)
      if (typeof answer['id'] !== 'string') throw stranger()
      return answer as unknown as Letter
    },
    replayLetters: async (letters) => count(await post('/dead-letters/replay', letters), 'replayed'),
    dropLetters: async (letters) => count(await post('/dead-letters/drop', letters), 'dropped'),
  }
}

/** A path with those filters that are given. */
function asking(path: string, query: Partial<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}
