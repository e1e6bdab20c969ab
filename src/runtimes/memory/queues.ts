import { queueFull, type DeadLetter, type LeasedMessage, type NewMessage, type QueueDepth, type QueueSums, type Queues, type Verdict } from '../../ports/queues.ts'

interface Kept extends LeasedMessage {
  queue: string
  /** In the order of arrival. */
  seq: number
  /** Of a leased one: the end of its lease. */
  dueAt: number
  holder: string | null
}

/** Makes queues that last as long as the process. */
export function memoryQueues(): Queues {
  const kept = new Map<string, Map<string, Kept>>()
  let letters: (DeadLetter & { seq: number; trace?: string })[] = []
  let last = 0

  const of = (queue: string): Map<string, Kept> => {
    let messages = kept.get(queue)
    if (!messages) kept.set(queue, (messages = new Map()))
    return messages
  }
  const inOrder = (queue: string): Kept[] =>
    [...of(queue).values()].toSorted((a, b) => a.dueAt - b.dueAt || a.timestamp - b.timestamp || a.seq - b.seq)
  const add = (queue: string, message: NewMessage & { timestamp: number }): void => {
    if (of(queue).has(message.id)) return
    const { id, timestamp, contentType, body, dueAt, trace } = message
    of(queue).set(id, {
      queue, id, timestamp, contentType, body: body.slice(), dueAt, attempts: 0, holder: null, seq: ++last, ...(trace === undefined ? {} : { trace }),
    })
  }
  const settleOne = (queue: string, verdict: Verdict, { host, now }: { host: string; now: number }): void => {
    const message = of(queue).get(verdict.id)
    if (message?.holder !== host) return
    if (verdict.kind === 'retry') {
      message.holder = null
      message.dueAt = verdict.dueAt
      if (verdict.uncounted) message.attempts--
      return
    }
    of(queue).delete(verdict.id)
    if (verdict.kind === 'ack') return
    const { seq: _seq, dueAt: _dueAt, holder: _holder, ...rest } = message
    if (verdict.to !== undefined) add(verdict.to, { ...rest, timestamp: now, dueAt: now })
    else letters.push({ ...rest, seq: ++last, error: verdict.error, diedAt: now })
  }
  const take = (ids: readonly string[]) => {
    const taken = letters.filter(({ id }) => ids.includes(id))
    letters = letters.filter(({ id }) => !ids.includes(id))
    return taken
  }

  return {
    async send(queue, messages, { maxMessages, now }) {
      const size = of(queue).size
      if (size + messages.length > maxMessages) throw queueFull({ queue, kept: size, added: messages.length, maxMessages })
      for (const message of messages) add(queue, { ...message, timestamp: now })
      return sumsOf([...of(queue).values()])
    },
    async lease(queue, { limit, now, until, host }) {
      return inOrder(queue).filter(({ dueAt }) => dueAt <= now).slice(0, limit).map((message) => {
        message.holder = host
        message.dueAt = until
        message.attempts++
        const { queue: _queue, seq: _seq, dueAt: _dueAt, holder: _holder, ...leased } = message
        return { ...leased, body: leased.body.slice() }
      })
    },
    async settle(queue, verdicts, options) {
      for (const verdict of verdicts) settleOne(queue, verdict, options)
    },
    async release(host, now) {
      for (const messages of kept.values()) {
        for (const message of messages.values()) {
          if (message.holder !== host) continue
          message.holder = null
          message.dueAt = now
        }
      }
    },
    async nextDue(queue) {
      return inOrder(queue)[0]?.dueAt ?? null
    },
    async waiting(queue, { limit, now }) {
      const all = inOrder(queue)
      const due = all.filter(({ dueAt }) => dueAt <= now)
      return { due: Math.min(due.length, limit), since: due[0]?.dueAt ?? null, next: all[due.length]?.dueAt ?? null, ...sumsOf(all) }
    },
    async depths(only) {
      const names = [...new Set([...kept.keys(), ...letters.map(({ queue }) => queue)])].filter((queue) => queue === (only ?? queue)).toSorted()
      return names.map((queue) => depthOf(queue, [...of(queue).values()], letters.filter((letter) => letter.queue === queue).length))
        .filter(({ messages, dead }) => messages > 0 || dead > 0)
    },
    async dead({ queue, id, limit, cursor = Infinity }) {
      const fits = letters.filter((letter) => letter.seq < cursor && (queue ?? letter.queue) === letter.queue && (id ?? letter.id) === letter.id).reverse()
      const page = fits.slice(0, limit)
      return { letters: page.map(({ seq: _seq, trace: _trace, ...letter }) => letter), next: fits.length > limit ? (page.at(-1)?.seq ?? null) : null }
    },
    async replay(ids, now) {
      const taken = take(ids)
      for (const { queue, ...letter } of taken) add(queue, { ...letter, dueAt: now })
      return taken.length
    },
    async drop(ids) {
      return take(ids).length
    },
  }
}

function sumsOf(messages: readonly Kept[]): QueueSums {
  return { messages: messages.length, bytes: messages.reduce((sum, { body }) => sum + body.length, 0) }
}

function depthOf(queue: string, messages: Kept[], dead: number): QueueDepth {
  return {
    queue,
    ...sumsOf(messages),
    leased: messages.filter(({ holder }) => holder !== null).length,
    dead,
    oldest: messages.length === 0 ? null : Math.min(...messages.map(({ timestamp }) => timestamp)),
  }
}
