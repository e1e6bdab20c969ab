/**
 * Durable messages a second that one function sends through `env.QUEUE.send`, against one synchronous insert per message into a SQLite
 * file of its own; and how long a message takes from `send` to its consumer. Rounds alternate; figures are medians.
 * `npm run bench:queue`, `node bench/queue.ts [--json] [--rounds 5] [--seconds 2]`
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { startHost, until, type HostProcess } from '../test/journeys/host-process.ts'
import { quantile } from './open-load.ts'
import { median, short } from './wrk.ts'

/** Sends under way at once in the fast part: what the calls of one busy instance may hold. */
const LANES = 64
/** Pause between two messages in the part that measures how long one takes. */
const EVERY_MS = 10

const PRODUCE = `
const body = { words: 'x'.repeat(100) }
export default {
  async fetch(request, env) {
    const ask = new URL(request.url).searchParams
    const until = Date.now() + Number(ask.get('ms'))
    const size = Number(ask.get('batch') ?? 1)
    let sent = 0
    await Promise.all(Array.from({ length: Number(ask.get('lanes')) }, async () => {
      while (Date.now() < until) {
        if (size === 1) await env.KEPT.send(body)
        else await env.KEPT.sendBatch(Array.from({ length: size }, () => ({ body })))
        sent += size
      }
    }))
    return Response.json({ sent })
  },
}
export const config = { timeout: 120 }
`
const TELL = `
export default {
  async fetch(request, env) {
    const ask = new URL(request.url).searchParams
    for (let left = Number(ask.get('count')); left > 0; left--) {
      void env.TOLD.send({ at: performance.timeOrigin + performance.now() })
      await new Promise((resolve) => setTimeout(resolve, Number(ask.get('every'))))
    }
    return new Response('sent')
  },
}
export const config = { timeout: 120 }
`
const HEAR = `
const took = []
export default {
  async queue(batch) {
    const now = performance.timeOrigin + performance.now()
    for (const { body } of batch.messages) took.push(now - body.at)
  },
  async fetch(request) {
    if (request.method === 'DELETE') took.length = 0
    return Response.json(took)
  },
}
export const config = { queues: ['told'], maxInstances: 1 }
`
const TOML = `
[[queues.producers]]
binding = "KEPT"
queue = "kept"
[[queues.producers]]
binding = "TOLD"
queue = "told"
[[queues.consumers]]
queue = "told"
max_batch_timeout = 0
`

/** One round; `…_per_s` messages. */
interface Round {
  send_per_s: number
  batch_per_s: number
  baseline_per_s: number
  p50_ms: number
  p99_ms: number
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } } })
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

const folder = mkdtempSync(join(tmpdir(), 'pressroom-queue-'))
mkdirSync(join(folder, 'functions'))
for (const [name, text] of Object.entries({ produce: PRODUCE, tell: TELL, hear: HEAR })) writeFileSync(join(folder, `functions/${name}.ts`), text)
writeFileSync(join(folder, 'wrangler.toml'), TOML)
try {
  const host = await startHost({ functions: join(folder, 'functions'), cwd: folder, flags: ['--queue-depth', '10000000'] })
  const done: Round[] = []
  try {
    await produce(host, 0.2, LANES, 1)
    for (let round = 0; round < rounds; round++) {
      const order = [() => baseline(join(folder, `baseline-${round}.sqlite`), seconds), () => produce(host, seconds, LANES, 1)]
      // Whoever is second meets the disk as the first left it.
      const [first, second] = round % 2 === 0 ? [await order[0]!(), await order[1]!()] : (await inTurn(order[1]!, order[0]!)).toReversed()
      done.push({ baseline_per_s: first!, send_per_s: second!, batch_per_s: await produce(host, seconds, 4, 100), ...(await latency(host, (seconds * 1000) / EVERY_MS)) })
      if (!values.json) console.log(done.at(-1))
    }
  } finally {
    await host.stop()
  }
  const of = (pick: (round: Round) => number) => short(median(done.map(pick)), 2)
  const result = {
    rounds,
    seconds,
    lanes: LANES,
    send_per_s: of((round) => round.send_per_s),
    batch_per_s: of((round) => round.batch_per_s),
    baseline_per_s: of((round) => round.baseline_per_s),
    send_to_baseline: of((round) => round.send_per_s / round.baseline_per_s),
    batch_to_baseline: of((round) => round.batch_per_s / round.baseline_per_s),
    p50_ms: of((round) => round.p50_ms),
    p99_ms: of((round) => round.p99_ms),
  }
  console.log(values.json ? JSON.stringify(result) : result)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function inTurn<Value>(...asks: (() => Value | Promise<Value>)[]): Promise<Value[]> {
  const answers: Value[] = []
  for (const ask of asks) answers.push(await ask())
  return answers
}

/** One insert, one commit, one sync for each message: the plainest durable queue. */
function baseline(file: string, forSeconds: number): number {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE messages (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, due_at INTEGER NOT NULL, body BLOB NOT NULL)')
  const insert = database.prepare('INSERT INTO messages (id, due_at, body) VALUES (?, ?, ?)')
  const body = new TextEncoder().encode(JSON.stringify({ words: 'x'.repeat(100) }))
  const began = performance.now()
  let sent = 0
  for (; performance.now() - began < forSeconds * 1000; sent++) insert.run(crypto.randomUUID(), Date.now(), body)
  const took = performance.now() - began
  database.close()
  return (sent / took) * 1000
}

async function produce(host: HostProcess, forSeconds: number, lanes: number, batch: number): Promise<number> {
  const began = performance.now()
  const { sent } = (await (await fetch(`${host.url}/produce?ms=${forSeconds * 1000}&lanes=${lanes}&batch=${batch}`)).json()) as { sent: number }
  return (sent / (performance.now() - began)) * 1000
}

async function latency(host: HostProcess, count: number): Promise<{ p50_ms: number; p99_ms: number }> {
  await fetch(`${host.url}/hear`, { method: 'DELETE' })
  await (await fetch(`${host.url}/tell?count=${count}&every=${EVERY_MS}`)).text()
  const took = await until('every message is heard', async () => {
    const heard = (await (await fetch(`${host.url}/hear`)).json()) as number[]
    return heard.length >= count && heard
  })
  return { p50_ms: quantile(took, 0.5), p99_ms: quantile(took, 0.99) }
}
