import { PressroomError } from '../contract/errors.ts'
import type { QueueMessage } from '../contract/invocation.ts'

/** A message to be kept. */
export interface NewMessage extends Pick<QueueMessage, 'contentType' | 'body'> {
  /** Made by the caller, unique: the same id twice is one message. */
  id: string
  /** Not delivered before, milliseconds since 1970. */
  dueAt: number
  /** `traceparent` of whoever sent it. */
  trace?: string
}

/** A message handed out for a time. */
export interface LeasedMessage extends QueueMessage {
  trace?: string
}

/** What becomes of a leased message. */
export type Verdict =
  | { id: string; kind: 'ack' }
  /** Comes again at `dueAt`; `error` is kept for who asks. */
  | { id: string; kind: 'retry'; dueAt: number; error?: string; /** This delivery was none: it counts as no attempt. */ uncounted?: boolean }
  /** Goes to the queue `to` as a new message of the same id, however full that is, or, without one, to the dead letters of its own queue. */
  | { id: string; kind: 'dead'; to?: string; error: string }

/** What waits in a queue at a moment. Times in milliseconds since 1970. */
export interface Waiting extends QueueSums {
  /** Messages that are due, counted up to what was asked for. */
  due: number
  /** When the first of them was due; null when none is. */
  since: number | null
  /** When the next one will be due, leases that run out included; null when there is none beside those that are. */
  next: number | null
}

/** A message that is delivered no more, kept until somebody replays or drops it. */
export interface DeadLetter extends QueueMessage {
  queue: string
  error: string
  /** When it was given up, milliseconds since 1970. */
  diedAt: number
}

/** How much a queue holds. */
export interface QueueSums {
  /** Not yet acknowledged: due, delayed and leased ones. */
  messages: number
  /** Of their bodies. */
  bytes: number
}

/** How full a queue is. */
export interface QueueDepth extends QueueSums {
  queue: string
  leased: number
  dead: number
  /** When the oldest of them was sent, milliseconds since 1970; null when empty. */
  oldest: number | null
}

/**
 * Durable queues. Every change is durable when its promise resolves: it has been committed and synced with whatever else came in
 * the same turn. Leases are the host's: one that is not settled until its end is handed out again, so that no crash loses a message.
 */
export interface Queues {
  /**
   * Keeps messages, all or none; answers how full the queue is then.
   * @throws PressroomError `queue_full` when the queue would hold more than `maxMessages`
   */
  send(queue: string, messages: readonly NewMessage[], limit: { maxMessages: number; now: number }): Promise<QueueSums>
  /** Hands out at most `limit` messages that are due, the one due first first, until `until`. Each delivery counts as an attempt. */
  lease(queue: string, options: { limit: number; now: number; until: number; host: string }): Promise<LeasedMessage[]>
  /** Ends leases of `host`. Verdicts on messages that it holds no more change nothing. */
  settle(queue: string, verdicts: readonly Verdict[], options: { host: string; now: number }): Promise<void>
  /** Gives back all that `host` holds: after a start, what its former life had taken. Those deliveries stay counted: one of them may have ended it. */
  release(host: string, now: number): Promise<void>
  /** When the next message of a queue is due, leases that run out included; null when there is none. */
  nextDue(queue: string): Promise<number | null>
  /** What waits, without taking it: enough to decide whether a batch is full or has waited long enough. Counts up to `limit`. */
  waiting(queue: string, options: { limit: number; now: number }): Promise<Waiting>
  /** Every queue that holds messages or dead letters, by name; or the one that is named, if it does. */
  depths(queue?: string): Promise<QueueDepth[]>
  /** Dead letters, newest first. */
  dead(query: { queue?: string; id?: string; limit: number; cursor?: number }): Promise<{ letters: DeadLetter[]; next: number | null }>
  /** Sends dead letters again to the queue they came from with no attempts behind them, however full it is; answers how many. */
  replay(ids: readonly string[], now: number): Promise<number>
  /** Forgets dead letters; answers how many. */
  drop(ids: readonly string[]): Promise<number>
}

/** Makes the refusal of a queue that has no room for all that was sent. */
export function queueFull({ queue, kept, added, maxMessages }: { queue: string; kept: number; added: number; maxMessages: number }): PressroomError {
  const full = `queue "${queue}" holds ${kept} messages and takes no ${added} more: at most ${maxMessages}`
  return new PressroomError('queue_full', `${full}; send more slowly, let its consumer catch up, or raise --queue-depth`)
}
