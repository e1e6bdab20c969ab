import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { LeasedMessage, NewMessage, QueueSums, Verdict } from '../../../../ports/queues.ts'

/** A change of queues: reads and writes that are one step. */
export type QueueChange =
  | { do: 'send'; queue: string; messages: readonly NewMessage[]; maxMessages: number; now: number }
  | { do: 'lease'; queue: string; limit: number; now: number; until: number; host: string }
  | { do: 'settle'; queue: string; verdicts: readonly Verdict[]; host: string; now: number }
  | { do: 'release'; host: string; now: number }
  | { do: 'replay'; ids: readonly string[]; now: number }
  | { do: 'drop'; ids: readonly string[] }

/** What changes answer. */
export interface QueueChangeAnswers {
  /** `full`: how many messages there are already, when there is no room. */
  send: QueueSums | { full: number }
  lease: LeasedMessage[]
  settle: undefined
  release: undefined
  /** How many letters. */
  replay: number
  drop: number
}

type Row = Record<string, SQLOutputValue>

/** Makes what changes queues inside the transaction of its caller; a change that throws has to be rolled back by that one. */
export function createQueueChanges(database: DatabaseSync): (change: QueueChange) => unknown {
  const insert = database.prepare(
    'INSERT INTO messages (queue, id, sent_at, due_at, attempts, content_type, body, trace) VALUES (?, ?, ?, ?, 0, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const sums = database.prepare('SELECT messages, bytes FROM queue_sums WHERE queue = ?')
  const due = database.prepare('SELECT seq, id, sent_at, attempts, content_type, body, trace FROM messages WHERE queue = ? AND due_at <= ? ORDER BY due_at, sent_at, seq LIMIT ?')
  const take = database.prepare('UPDATE messages SET holder = ?, due_at = ?, attempts = attempts + 1 WHERE seq = ?')
  const remove = database.prepare('DELETE FROM messages WHERE queue = ? AND id = ? AND holder = ?')
  const putBack = database.prepare('UPDATE messages SET holder = NULL, due_at = ?, attempts = attempts - ?, error = ? WHERE queue = ? AND id = ? AND holder = ?')
  const hold = 'FROM messages WHERE queue = ? AND id = ? AND holder = ?'
  const pass = database.prepare(`INSERT INTO messages (queue, id, sent_at, due_at, attempts, content_type, body, trace)
    SELECT ?, id, ?, ?, 0, content_type, body, trace ${hold} ON CONFLICT DO NOTHING`)
  const bury = database.prepare(`INSERT INTO dead_letters (queue, id, sent_at, attempts, content_type, body, trace, error, died_at)
    SELECT queue, id, sent_at, attempts, content_type, body, trace, ?, ? ${hold}`)
  const release = database.prepare('UPDATE messages SET holder = NULL, due_at = ? WHERE holder = ?')
  const raise = database.prepare(`INSERT INTO messages (queue, id, sent_at, due_at, attempts, content_type, body, trace)
    SELECT queue, id, sent_at, ?, 0, content_type, body, trace FROM dead_letters WHERE id = ? ON CONFLICT DO NOTHING`)
  const forget = database.prepare('DELETE FROM dead_letters WHERE id = ?')

  const send = ({ queue, messages, maxMessages, now }: Extract<QueueChange, { do: 'send' }>): QueueChangeAnswers['send'] => {
    const full = Number(sums.get(queue)?.['messages'] ?? 0)
    if (full + messages.length > maxMessages) return { full }
    for (const { id, dueAt, contentType, body, trace } of messages) insert.run(queue, id, whole(now), whole(dueAt), contentType, body, trace ?? null)
    return { messages: 0, bytes: 0, ...sums.get(queue) }
  }
  const lease = ({ queue, limit, now, until, host }: Extract<QueueChange, { do: 'lease' }>): LeasedMessage[] =>
    due.all(queue, whole(now), limit).map((row) => {
      take.run(host, whole(until), row['seq'] as number)
      return toMessage(row)
    })
  const settleOne = (queue: string, verdict: Verdict, host: string, now: number) => {
    const held = [queue, verdict.id, host] as const
    if (verdict.kind === 'retry') putBack.run(whole(verdict.dueAt), verdict.uncounted ? 1 : 0, verdict.error ?? null, ...held)
    else {
      if (verdict.kind === 'dead' && verdict.to !== undefined) pass.run(verdict.to, now, now, ...held)
      else if (verdict.kind === 'dead') bury.run(verdict.error, now, ...held)
      remove.run(...held)
    }
  }
  const sum = (ids: readonly string[], change: (id: string) => number) => ids.reduce((total, id) => total + change(id), 0)

  return (change) => {
    switch (change.do) {
      case 'send':
        return send(change)
      case 'lease':
        return lease(change)
      case 'settle':
        for (const verdict of change.verdicts) settleOne(change.queue, verdict, change.host, whole(change.now))
        return undefined
      case 'release':
        release.run(whole(change.now), change.host)
        return undefined
      case 'replay':
        return sum(change.ids, (id) => {
          raise.run(whole(change.now), id)
          return Number(forget.run(id).changes)
        })
      case 'drop':
        return sum(change.ids, (id) => Number(forget.run(id).changes))
    }
  }
}

function toMessage(row: Row): LeasedMessage {
  const { id, sent_at: timestamp, attempts, content_type: contentType, body, trace } = row
  const message = { id, timestamp, contentType, body, attempts: Number(attempts) + 1 } as LeasedMessage
  return trace === null ? message : { ...message, trace: String(trace) }
}

/** Columns of whole numbers refuse a fraction, and with it the whole change. */
function whole(ms: number): number {
  return Math.round(ms)
}
