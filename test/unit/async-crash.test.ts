import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RequestEvent } from '../../src/contract/invocation.ts'
import type { Queues } from '../../src/ports/queues.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryQueues } from '../../src/runtimes/memory/queues.ts'
import { openNodeStore } from '../../src/runtimes/node/store.ts'
import { asyncHost, full, patient, thrown, well } from './async-host.ts'

const LIVES = process.env['PRESSROOM_TEST_LONG'] ? 2_000 : 60
const ON_DISK = process.env['PRESSROOM_TEST_LONG'] ? 40 : 3
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1_000_000_000)
const MINUTE = 60_000

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Queues as a process sees them that may die at any call: before it is made, or after, without hearing of it. */
function mortal(queues: Queues, dies: () => boolean): { queues: Queues; dead: Promise<void>; kill(): void } {
  let kill!: () => void
  let alive = true
  const dead = new Promise<void>((resolve) => {
    kill = () => {
      alive = false
      resolve()
    }
  })
  const never = new Promise<never>(() => {})
  const reach = (make: () => Promise<unknown>) => {
    if (!alive) return never
    if (dies()) {
      kill()
      return never
    }
    return make().then((answer) => {
      if (alive && dies()) kill()
      return alive ? answer : never
    })
  }
  const proxy = new Proxy(queues, {
    get: (of, name: keyof Queues) => (...args: never[]) => reach(() => (of[name] as (...args: never[]) => Promise<unknown>)(...args)),
  })
  return { queues: proxy, dead, kill }
}

/** One history: hosts that take in events, run them, die and come back, until nothing is left to do. */
async function history(random: () => number, queues: Queues, turn: () => Promise<unknown>): Promise<void> {
  const clock = handMovedClock(1_000_000)
  const accepted = new Set<string>()
  const ran = new Map<string, string[]>()
  const succeeded = new Set<string>()
  let ids = 0
  const settle = async () => {
    for (let n = 0; n < 6; n++) {
      await clock.advance(0)
      await turn()
    }
  }
  const live = (dies: () => boolean) => {
    const life = mortal(queues, dies)
    const host = asyncHost({
      queues: life.queues,
      clock,
      makeId: () => `e${++ids}`,
      target: (name) => ({ ...patient, places: 1 + Math.floor(random() * 4), ...(name === 'f' ? { onSuccess: { kind: 'function', name: 'after' }, onFailure: { kind: 'queue', name: 'failed' } } : {}) }),
      async run({ id, function: name }) {
        const first = id.replace(/\.\d+$/, '')
        ran.set(`${name} ${first}`, [...ran.get(`${name} ${first}`) ?? [], id])
        if (name === 'after') return well
        const chance = random()
        const ending = chance < 0.5 ? well : chance < 0.8 ? thrown : full
        await clock.wait(random() * 5_000)
        if (ending === well) succeeded.add(first)
        return ending
      },
    })
    return { ...host, ...life }
  }
  for (let lives = 2 + Math.floor(random() * 5); lives > 0; lives--) {
    await queues.release('here', clock.now())
    // The last one lives as long as it has work.
    const mortality = lives === 1 ? 0 : 0.02
    const host = live(() => random() < mortality)
    for (let steps = 3 + Math.floor(random() * 8); steps > 0; steps--) {
      if (random() < 0.7) void host.running.enqueue('f', { ...request }).then((id) => accepted.add(id))
      await settle()
      await clock.advance(random() < 0.3 ? 2 * MINUTE : random() * 10_000)
      await turn()
    }
    host.kill()
    // What it was running, it runs no more; whoever looks after a death sees only the store.
  }
  await queues.release('here', clock.now())
  const last = live(() => false)
  for (let n = 0; n < 400 && (await queues.depths()).some(({ queue, messages }) => queue.startsWith('async:') && messages > 0); n++) {
    await settle()
    await clock.advance(MINUTE)
    await turn()
  }
  await last.running.stop()

  const dead = new Set((await queues.dead({ limit: 1_000 })).letters.map(({ id }) => id))
  const records = new Set((await queues.lease('failed', { limit: 1_000, now: clock.now(), until: clock.now() + 1, host: 'test' })).map(({ id }) => id))
  assert.deepEqual((await queues.depths()).filter(({ queue, messages }) => queue.startsWith('async:') && messages > 0), [])
  for (const id of accepted) {
    assert.ok(dead.has(id) || succeeded.has(id), `${id} was accepted, and is neither done nor among the dead letters`)
    if (dead.has(id)) assert.ok(records.has(`${id}-failure`), `${id} was given up without a record`)
    else assert.ok(ran.has(`after ${id}-success`), `${id} ran well without a record`)
  }
  for (const [event, attempts] of ran) {
    // A record is sent again when its sender died before it could say so: then it begins anew.
    if (!event.startsWith('f ')) continue
    const counts = attempts.map((id) => Number(/\.(\d+)$/.exec(id)?.[1] ?? 1))
    assert.deepEqual(counts, counts.toSorted((a, b) => a - b), `${event}: attempts in order`)
  }
}

const request: RequestEvent = { type: 'fetch', method: 'POST', url: 'http://h/f', headers: [], body: new TextEncoder().encode('x') }

test(`a host may die at any moment: every accepted event is done or a dead letter, and its record is sent (${LIVES} histories, PRESSROOM_TEST_SEED=${seed})`, async () => {
  for (let n = 0; n < LIVES; n++) await history(numbers(seed + n), memoryQueues(), async () => {})
})

test(`the same with the store on disk (${ON_DISK} histories, PRESSROOM_TEST_SEED=${seed})`, async () => {
  for (let n = 0; n < ON_DISK; n++) {
    const folder = mkdtempSync(join(tmpdir(), 'async-'))
    const store = await openNodeStore({ folder, clock: handMovedClock(), host: 'here', log() {} })
    try {
      // An answer of the thread behind the store comes with one of its own later turns.
      await history(numbers(seed + n), store.queues, () => store.queues.depths())
    } finally {
      await store.close()
      rmSync(folder, { recursive: true })
    }
  }
})
