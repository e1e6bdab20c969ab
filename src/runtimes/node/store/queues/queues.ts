import { queueFull, type DeadLetter, type QueueDepth, type Queues, type Waiting } from '../../../../ports/queues.ts'
import type { HostDatabase } from '../database.ts'

interface LetterRow extends Omit<DeadLetter, 'timestamp' | 'contentType' | 'diedAt'> {
  seq: number
  sent_at: number
  content_type: DeadLetter['contentType']
  died_at: number
}

/** Queues in the host's store: a change is one step in its thread, and durable with whatever else came in the same turn. */
export function createNodeQueues(store: HostDatabase): Queues {
  return {
    async send(queue, messages, { maxMessages, now }) {
      // A view would take all the memory it lies in along to the other thread.
      const own = messages.map((message) => ({ ...message, body: ownBytes(message.body) }))
      const kept = await store.queues({ do: 'send', queue, messages: own, maxMessages, now })
      if ('full' in kept) throw queueFull({ queue, kept: kept.full, added: messages.length, maxMessages })
      return kept
    },
    lease: (queue, options) => store.queues({ do: 'lease', queue, ...options }),
    async settle(queue, verdicts, options) {
      if (verdicts.length > 0) await store.queues({ do: 'settle', queue, verdicts, ...options })
    },
    release: (host, now) => store.queues({ do: 'release', host, now }),
    replay: (ids, now) => store.queues({ do: 'replay', ids, now }),
    drop: (ids) => store.queues({ do: 'drop', ids }),
    async nextDue(queue) {
      const [row] = await store.all<{ due: number | null }>('SELECT min(due_at) AS due FROM messages WHERE queue = ?', queue)
      return row?.due ?? null
    },
    async waiting(queue, { limit, now }) {
      const [row] = await store.all<Waiting>(
        `SELECT (SELECT count(*) FROM (SELECT 1 FROM messages WHERE queue = ?1 AND due_at <= ?2 LIMIT ?3)) AS due,
           (SELECT min(due_at) FROM messages WHERE queue = ?1 AND due_at <= ?2) AS since,
           (SELECT min(due_at) FROM messages WHERE queue = ?1 AND due_at > ?2) AS next,
           coalesce((SELECT messages FROM queue_sums WHERE queue = ?1), 0) AS messages,
           coalesce((SELECT bytes FROM queue_sums WHERE queue = ?1), 0) AS bytes`,
        queue, Math.round(now), limit,
      )
      return row!
    },
    depths: (queue) =>
      store.all<QueueDepth>(
        `SELECT queue, messages, bytes, dead,
           (SELECT count(*) FROM messages WHERE holder IS NOT NULL AND queue = queue_sums.queue) AS leased,
           (SELECT min(sent_at) FROM messages WHERE queue = queue_sums.queue) AS oldest
         FROM queue_sums WHERE (messages > 0 OR dead > 0) AND queue = coalesce(?, queue) ORDER BY queue`,
        queue ?? null,
      ),
    async dead({ queue, id, limit, cursor }) {
      const conditions = [...(queue === undefined ? [] : ['queue = ?']), ...(id === undefined ? [] : ['id = ?']), ...(cursor === undefined ? [] : ['seq < ?'])]
      const values = [queue, id, cursor].filter((value) => value !== undefined)
      const rows = await store.all<LetterRow>(
        `SELECT seq, queue, id, sent_at, attempts, content_type, body, error, died_at FROM dead_letters
         ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY seq DESC LIMIT ?`,
        ...values, limit + 1,
      )
      const letters = rows.slice(0, limit).map(({ seq: _seq, sent_at, content_type, died_at, ...rest }) => (
        { ...rest, timestamp: sent_at, contentType: content_type, diedAt: died_at }
      ))
      return { letters, next: rows.length > limit ? (rows[limit - 1]?.seq ?? null) : null }
    },
  }
}

function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
}
