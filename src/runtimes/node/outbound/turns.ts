import { OutboundError } from './outbound-error.ts'

/** How much one invocation may ask of the network; redirects count each. */
export interface TurnLimits {
  /** Requests that wait for the head of their response at the same time; further ones wait for their turn. Default 6. */
  atOnce: number
  /** Requests of one invocation in all; default 10,000. */
  perInvocation: number
}

/** Workers' own figures. */
export const DEFAULT_TURNS: TurnLimits = { atOnce: 6, perInvocation: 10_000 }

/** Lets requests out in order, a few at a time. */
export interface Turns {
  /**
   * Calls `go` when it is this request's turn, at once when a place is free; `go` is handed the function that gives the
   * place back, which may be called more than once.
   * @param owner the invocation; its count and its queue end with it
   * @returns the refusal when the invocation has used up its requests: then `go` is never called
   */
  take(owner: object, go: (giveBack: () => void) => void): OutboundError | undefined
}

interface Queue {
  asked: number
  running: number
  waiting: (() => void)[]
  /** Place in `waiting` of who is next: shifting ten thousand one by one would move them all each time. */
  next: number
}

/**
 * Makes the turns of one process. A place is held until the head has come, not until the body is read: a function that
 * opens several answers before it reads the first would otherwise wait for itself.
 */
export function createTurns({ atOnce, perInvocation }: TurnLimits): Turns {
  const queues = new WeakMap<object, Queue>()
  /** The place is taken already, so that nobody slips in between. */
  const run = (queue: Queue, go: (giveBack: () => void) => void) => {
    let given = false
    go(() => {
      if (given) return
      given = true
      queue.running--
      advance(queue)
    })
  }
  const advance = (queue: Queue) => {
    const next = queue.waiting[queue.next]
    if (!next || queue.running >= atOnce) return
    queue.next++
    if (queue.next === queue.waiting.length) {
      queue.waiting = []
      queue.next = 0
    }
    queue.running++
    // On a fresh stack: ten thousand that end at once must not nest.
    queueMicrotask(next)
  }
  return {
    take(owner, go) {
      let queue = queues.get(owner)
      if (!queue) queues.set(owner, (queue = { asked: 0, running: 0, waiting: [], next: 0 }))
      const at = queue
      if (++at.asked > perInvocation) {
        return new OutboundError('outbound_too_many', `fetch: this invocation has made ${perInvocation} outgoing requests, the most it may; make fewer, or spread them over several invocations`)
      }
      if (at.running < atOnce) {
        at.running++
        run(at, go)
      } else at.waiting.push(() => run(at, go))
      return undefined
    },
  }
}
