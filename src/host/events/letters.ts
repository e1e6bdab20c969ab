import { PressroomError } from '../../contract/errors.ts'
import { functionOf, queueOf } from '../../ingress/async/event.ts'
import type { DeadLetter, Queues } from '../../ports/queues.ts'
import { toLetterView, type LetterView } from './views.ts'

/** Which dead letters are meant: these, or all of a queue, of a function, of everybody. */
export type LetterChoice = { ids: readonly string[] } | { all: true; queue?: string; function?: string }

/** Filters of a list; those named must all fit. */
export interface LetterQuery {
  queue?: string
  function?: string
  /** At most so many. */
  limit: number
  /** `next` of the page before. */
  cursor?: number
}

/** The operator's view of what was given up. */
export interface Letters {
  /** Newest first. */
  list(query: LetterQuery): Promise<{ letters: LetterView[]; next: number | null }>
  /** @throws PressroomError `not_found` */
  show(id: string): Promise<LetterView>
  /**
   * Sends letters again to where they came from, as new; answers how many.
   * @throws PressroomError `not_found` when one of these is not there; then none is sent
   */
  replay(choice: LetterChoice): Promise<number>
  /** Forgets letters; answers how many. @throws PressroomError `not_found` as for a replay */
  drop(choice: LetterChoice): Promise<number>
}

/** What dead letters need of their host. */
export interface LettersParts {
  queues: Queues
  now(): number
  /** Messages came into this queue: whoever consumes it should look. */
  wake(queue: string): void
}

const PAGE = 100
/** Replayed events find room however many wait. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** Asks and changes the dead letters of a host's queues. */
export function createLetters({ queues, now, wake }: LettersParts): Letters {
  const queueFor = (query: { queue?: string; function?: string }): string | undefined => {
    const { queue, function: name } = query
    if (queue !== undefined && name !== undefined) throw new PressroomError('bad_request', 'function, queue: expected one of both, found both')
    return name === undefined ? queue : queueOf(name)
  }
  const one = async (id: string): Promise<DeadLetter> => {
    const { letters } = await queues.dead({ id, limit: 1 })
    if (letters[0]) return letters[0]
    throw new PressroomError('not_found', `there is no dead letter "${id}"; GET /dead-letters lists them`)
  }
  /** Calls `change` with page after page; what comes in meanwhile stays. */
  const each = async (choice: LetterChoice, change: (letters: DeadLetter[]) => Promise<number>): Promise<number> => {
    if ('ids' in choice) return change(await Promise.all([...new Set(choice.ids)].map(one)))
    const queue = queueFor(choice)
    let sum = 0
    for (let cursor: number | undefined; ;) {
      const page = await queues.dead({ limit: PAGE, ...(queue === undefined ? {} : { queue }), ...(cursor === undefined ? {} : { cursor }) })
      sum += await change(page.letters)
      if (page.next === null) return sum
      cursor = page.next
    }
  }
  /**
   * An event begins a new life, with a new age and a new id: its records are not mixed with those before. The id is made of the old
   * one, so that two replays at once are one.
   */
  const revive = async ({ id, queue, contentType, body }: DeadLetter): Promise<number> => {
    await queues.send(queue, [{ id: again(id), contentType, body, dueAt: now() }], { maxMessages: NO_LIMIT, now: now() })
    return queues.drop([id])
  }

  return {
    async list({ limit, cursor, ...filter }) {
      const queue = queueFor(filter)
      const page = await queues.dead({ limit, ...(queue === undefined ? {} : { queue }), ...(cursor === undefined ? {} : { cursor }) })
      return { letters: page.letters.map((letter) => toLetterView(letter, false)), next: page.next }
    },
    show: async (id) => toLetterView(await one(id), true),
    replay: (choice) => each(choice, async (letters) => {
      const events = letters.filter(({ queue }) => functionOf(queue) !== undefined)
      const messages = letters.filter(({ queue }) => functionOf(queue) === undefined)
      const counts = await Promise.all([...events.map(revive), messages.length === 0 ? 0 : queues.replay(messages.map(({ id }) => id), now())])
      for (const queue of new Set(letters.map((letter) => letter.queue))) wake(queue)
      return counts.reduce((sum, count) => sum + count, 0)
    }),
    drop: (choice) => each(choice, (letters) => (letters.length === 0 ? Promise.resolve(0) : queues.drop(letters.map(({ id }) => id)))),
  }
}

/** `x` → `x-again` → `x-again2` → … */
function again(id: string): string {
  const [, before = id, count] = /^(.*)-again(\d*)$/.exec(id) ?? []
  return count === undefined ? `${id}-again` : `${before}-again${Number(count || 1) + 1}`
}
