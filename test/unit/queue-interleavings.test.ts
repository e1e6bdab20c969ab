import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Queues } from '../../src/ports/queues.ts'
import { openDatabase } from '../../src/runtimes/node/store/database.ts'
import { createNodeQueues } from '../../src/runtimes/node/store/queues/queues.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'
import { queueWorld, type Consumer, type GivenBatch } from './queue-world.ts'

const long = Boolean(process.env['PRESSROOM_TEST_LONG'])
const IN_MEMORY = long ? 9_900 : 300
const ON_DISK = long ? 100 : 4
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1_000_000_000)
const HOSTS = ['a', 'b']
/** Longer than the lease of a run of at most 30 s. */
const LEASE_OVER_MS = 300_000

type Random = (below: number) => number

function randomFrom(start: number): Random {
  let state = start >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * below)
  }
}

function numberOf({ invocation }: GivenBatch): number {
  return Number(invocation.id.split('-')[1])
}

/**
 * Lives one life of queue `q` with two hosts that send, end, refuse, crash, start anew and let leases run out at random, then lets
 * everything end well, and holds the queue to what it promises.
 */
async function liveThrough(random: Random, queues: Queues | undefined, prefix: string): Promise<void> {
  const maxRetries = random(4)
  const deadLetterQueue = random(2) === 0 ? `${prefix}dlq` : undefined
  const q = `${prefix}q`
  const world = queueWorld({
    ...(queues ? { queues } : {}),
    targets: { [q]: { function: 'worker', timeoutMs: 30_000, places: 1 + random(3) } },
    settings: { [q]: { maxBatchSize: 1 + random(4), maxBatchTimeoutMs: random(2) * 1_000, maxRetries, retryDelayMs: random(2) * 500, ...(deadLetterQueue ? { deadLetterQueue } : {}) } },
  })
  const consumers = new Map<string, Consumer>()
  const seen = new Set<GivenBatch>()
  const sent: string[] = []
  /** Of each message: the delivery before, and whether it was said to be none. */
  const before = new Map<string, { attempts: number; refused: boolean }>()
  const acked = new Set<string>()
  /** Acknowledged by who held it, with time for that to be kept. */
  const over = new Set<string>()
  let expired = false

  /** In the order in which they were handed out. */
  const batches = () => [...consumers.values()].flatMap(({ given }) => given).sort((a, b) => numberOf(a) - numberOf(b))
  const look = () => {
    for (const batch of batches()) {
      if (seen.has(batch)) continue
      seen.add(batch)
      for (const { id, attempts, body } of batch.event.messages) {
        const last = before.get(id) ?? { attempts: 0, refused: false }
        assert.ok(attempts > last.attempts || (last.refused && attempts === last.attempts), `${id}: attempt ${attempts} after ${last.attempts}`)
        assert.ok(attempts <= maxRetries + 1, `${id}: attempt ${attempts} of ${maxRetries + 1}`)
        assert.ok(!over.has(id), `${id} was acknowledged, and came again`)
        assert.equal(new TextDecoder().decode(body), id)
        before.set(id, { attempts, refused: false })
      }
    }
  }
  const quiet = async () => {
    await world.quiet()
    look()
  }
  const start = async (host: string) => {
    await world.queues.release(host, world.clock.now())
    consumers.set(host, world.consumer(host))
  }
  const end = async (batch: GivenBatch, well: boolean) => {
    const { ids } = batch
    if (!well && random(5) === 0) {
      for (const id of ids) before.get(id)!.refused = true
      return batch.refuse(random(2) === 0 ? 'throttled' : 'overloaded')
    }
    const of = (share: number) => ids.filter(() => random(share) === 0)
    const retries = well ? [] : of(3)
    const acks = ids.filter((id) => !retries.includes(id) && random(2) === 0)
    const failed = !well && random(2) === 0
    const silent = failed && random(2) === 0
    const done = silent ? [] : failed ? acks : ids.filter((id) => !retries.includes(id))
    for (const id of done) acked.add(id)
    const said = { acks, retries: retries.map((id) => (random(2) === 0 ? { id } : { id, delay: random(3) })) }
    batch.end(silent ? undefined : said, failed ? (random(2) === 0 ? 'exited' : 'exception') : 'ok')
    await quiet()
    // Once a lease may have run out, an old run may end after a new one began.
    if (!expired) for (const id of done) over.add(id)
  }

  for (const host of HOSTS) await start(host)
  for (let step = 0; step < 30; step++) {
    look()
    const open = batches()
    const act = random(10)
    if (act < 3) {
      const ids = Array.from({ length: 1 + random(3) }, () => `m${sent.length}-${random(1e9)}`)
      sent.push(...ids)
      await world.send(q, ...ids)
      for (const { running } of consumers.values()) running.wake(q)
    } else if (act < 7 && open.length > 0) await end(open[random(open.length)]!, false)
    else if (act === 7) {
      const host = HOSTS[random(2)]!
      const batch = open.find((one) => one.host === host)
      // In the middle of saying how a batch ended, or of nothing.
      if (batch && random(2) === 0) {
        for (const id of batch.ids) acked.add(id)
        batch.end()
      }
      consumers.get(host)?.crash()
      consumers.delete(host)
      if (random(2) === 0) await start(host)
    } else if (act === 8 && consumers.size < HOSTS.length) await start(HOSTS.find((host) => !consumers.has(host))!)
    else {
      const ms = [100, 1_000, 6_000, LEASE_OVER_MS][random(4)]!
      expired ||= ms === LEASE_OVER_MS
      await world.clock.advance(ms)
    }
    if (random(4) > 0) await quiet()
  }

  for (const host of HOSTS) if (!consumers.has(host)) await start(host)
  for (let round = 0; ; round++) {
    await quiet()
    const [depth] = await world.queues.depths(q)
    if (!depth?.messages && batches().length === 0) break
    assert.ok(round < 300, `the queue never ends: ${JSON.stringify(depth)}`)
    for (const batch of batches()) await end(batch, true)
    await quiet()
    await world.clock.advance(60_000)
  }
  const { letters } = await world.queues.dead({ queue: q, limit: 1_000 })
  const moved = deadLetterQueue === undefined ? [] : await world.queues.lease(deadLetterQueue, { limit: 1_000, now: 1e13, until: 2e13, host: 'end' })
  const dead = [...letters, ...moved].map(({ id }) => id)
  assert.equal(new Set(dead).size, dead.length, 'nothing is dead twice')
  assert.deepEqual(deadLetterQueue === undefined ? moved : letters, [], 'the dead are where they belong')
  for (const { id, attempts } of letters) assert.ok(attempts > maxRetries, `${id} was given up after ${attempts} of ${maxRetries + 1}`)
  for (const id of sent) assert.ok(dead.includes(id) || acked.has(id), `${id} is lost`)
  for (const id of over) assert.ok(!dead.includes(id), `${id} was acknowledged, and is dead`)
  if (!expired) for (const id of sent) assert.ok(!(dead.includes(id) && (before.get(id)?.attempts ?? 0) < 1 && maxRetries > 1), `${id} is dead and was never delivered`)
  for (const { running } of consumers.values()) await running.stop()
}

async function liveThroughMany(count: number, queues?: Queues) {
  for (let life = 0; life < count; life++) {
    const own = (seed + life * 7_919) >>> 0
    try {
      await liveThrough(randomFrom(own), queues, queues ? `life-${life}-` : '')
    } catch (error) {
      throw new Error(`life ${life} of seed ${seed}`, { cause: error })
    }
  }
}

test(`${IN_MEMORY} lives of a queue in memory (PRESSROOM_TEST_SEED=${seed}): none is lost, attempts are in order, dead letters are complete`, async () => {
  await liveThroughMany(IN_MEMORY)
})

test(`${ON_DISK} lives of a queue on disk (PRESSROOM_TEST_SEED=${seed})`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'queue-lives-'))
  const database = await openDatabase(join(folder, 'host.db'), hostSchema)
  t.after(async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  })
  await liveThroughMany(ON_DISK, createNodeQueues(database))
})
