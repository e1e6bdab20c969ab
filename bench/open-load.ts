import { Agent, request } from 'node:http'

/** One call of a load: when it was sent, how it was answered, and how long that took. */
export interface Shot {
  /** Milliseconds since the load began. */
  sentAt: number
  doneAt: number
  /** HTTP status; 0 = no answer. */
  status: number
  /** True when the answer said when to come again. */
  retryAfter: boolean
}

/** Sends without waiting for answers, as people do: a slow host gets no fewer calls. */
export interface OpenLoad {
  /** All that has ended so far. */
  readonly shots: Shot[]
  /** How many were sent so far. */
  readonly sent: number
  /** Resolves when every call has ended. */
  readonly over: Promise<void>
}

/** How often the load catches up with the clock; calls of one turn leave together. */
const TURN_MS = 10

/**
 * Sends GETs to `url` at `rate(second)` per second, for `seconds`, on as many kept-alive connections as it takes.
 * A call that is not answered within 30 s counts as status 0.
 */
export function openLoad(url: string, seconds: number, rate: (second: number) => number): OpenLoad {
  const agent = new Agent({ keepAlive: true })
  const shots: Shot[] = []
  const began = performance.now()
  let sent = 0
  let due = 0
  let before = 0
  let end!: () => void
  const over = new Promise<void>((resolve) => (end = resolve))
  let sending = true

  const fire = () => {
    const sentAt = performance.now() - began
    sent++
    const done = (status: number, retryAfter = false) => {
      shots.push({ sentAt, doneAt: performance.now() - began, status, retryAfter })
      if (!sending && shots.length === sent) finish()
    }
    const call = request(url, { agent }, (answer) => {
      answer.resume().once('end', () => done(answer.statusCode!, answer.headers['retry-after'] !== undefined)).once('error', () => done(0))
    })
    call.setTimeout(30_000, () => call.destroy())
    call.once('error', () => done(0))
    call.end()
  }
  const turn = () => {
    const now = Math.min((performance.now() - began) / 1000, seconds)
    due += rate((before + now) / 2) * (now - before)
    before = now
    while (sent < Math.floor(due)) fire()
    if (now < seconds) return
    clearInterval(timer)
    sending = false
    if (shots.length === sent) finish()
  }
  const finish = () => {
    agent.destroy()
    end()
  }
  const timer = setInterval(turn, TURN_MS)
  return {
    shots,
    get sent() {
      return sent
    },
    over,
  }
}

/** The value below which this share of them lies; 0 of none. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
