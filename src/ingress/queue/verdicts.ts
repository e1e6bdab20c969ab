import type { BatchHead, Head, QueueMessage, Settlement } from '../../contract/invocation.ts'
import type { Verdict } from '../../ports/queues.ts'
import type { ConsumerSettings } from './settings.ts'

/** A batch that was delivered, or refused, and how that ended. */
export interface EndedBatch {
  messages: readonly QueueMessage[]
  head: Head
  settlement: Settlement
  settings: ConsumerSettings
  /** Milliseconds since 1970. */
  now: number
  /** The host ended the instance with itself. */
  cutOff: boolean
}

/**
 * Decides what becomes of each message of a batch: what the function said of it, else what it said of all, else whether it ended well.
 * A batch that never reached an instance was no attempt of its messages: they come again as they were.
 */
export function judgeBatch(batch: EndedBatch): { verdicts: Verdict[]; /** Why it could not be delivered. */ refused?: string } {
  const { messages, head, settlement, now } = batch
  if (!settlement.delivered || batch.cutOff) {
    const refused = head.type === 'failure' ? `${head.code}: ${head.detail}` : settlement.outcome
    // In front of what was sent later.
    const back = messages.map(({ id, timestamp }): Verdict => ({ id, kind: 'retry', dueAt: Math.min(timestamp, now), error: refused, uncounted: true }))
    return { verdicts: back, refused }
  }
  const said = head.type === 'batch' ? head : nothing
  const acks = new Set(said.acks)
  const retries = new Map(said.retries.map(({ id, delay }) => [id, { delay }]))
  const rest = said.rest ?? (settlement.outcome === 'ok' ? { kind: 'ack' as const } : { kind: 'retry' as const })
  const failure = settlement.outcome === 'ok' ? 'the function asked for it again' : [settlement.outcome, settlement.detail?.split('\n', 1)[0]].filter(Boolean).join(': ')
  return {
    verdicts: messages.map((message): Verdict => {
      const again = retries.get(message.id)
      if (again) return retry(message, again.delay, batch, 'the function asked for it again')
      if (acks.has(message.id) || rest.kind === 'ack') return { id: message.id, kind: 'ack' }
      return retry(message, rest.delay, batch, failure)
    }),
  }
}

/** What becomes of a message that was delivered more often than its queue allows without a word on how that ended: each time the host itself had ended. */
export function giveUp({ id, attempts }: QueueMessage, settings: ConsumerSettings): Verdict {
  return dead(id, settings, `delivered ${attempts - 1} times, and each time the host ended before the function did`)
}

const nothing: BatchHead = { type: 'batch', acks: [], retries: [] }

function retry({ id, attempts }: QueueMessage, delayS: number | undefined, { settings, now }: EndedBatch, error: string): Verdict {
  if (attempts > settings.maxRetries) return dead(id, settings, `delivered ${attempts} times, at last: ${error}`)
  return { id, kind: 'retry', dueAt: now + (delayS === undefined ? settings.retryDelayMs : delayS * 1000), error }
}

function dead(id: string, { deadLetterQueue }: ConsumerSettings, error: string): Verdict {
  return { id, kind: 'dead', error, ...(deadLetterQueue === undefined ? {} : { to: deadLetterQueue }) }
}
