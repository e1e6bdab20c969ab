import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Invocation } from '../../src/contract/invocation.ts'
import { createMemoryBudget, type MemoryBudget } from '../../src/instances/memory-budget.ts'
import { createStartTurns } from '../../src/instances/start-turns.ts'
import { createPool, type PoolOptions } from '../../src/instances/pool.ts'
import { createFairShare } from '../../src/metering/fair-share.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryInstances, type MemoryFunction } from '../../src/runtimes/memory/instance.ts'

let calls = 0
function call(name = 'f'): Invocation {
  return { id: `call-${++calls}`, function: name, trigger: 'http', event: { type: 'fetch', method: 'GET', url: 'http://host/f', headers: [], body: null } }
}

function setUp(made: MemoryFunction, limits: Partial<PoolOptions['limits']> = {}, budget: MemoryBudget = createMemoryBudget(10_000), log: PoolOptions['log'] = () => {}) {
  const clock = handMovedClock()
  const instances = memoryInstances({ f: made }, clock)
  const pool = createPool({
    code: { name: 'f', revision: 'r1', file: '', memory: 128, native: false, outbound: 'public', timeoutMs: 30_000, bindings: {} },
    limits: { memoryBytes: 128 * 1024 * 1024, timeoutMs: 30_000, blockMs: 10_000, cpuMs: Infinity, concurrency: 2, maxInstances: 2, maxWaiting: 2, idleMs: 60_000, ...limits },
    instances,
    clock,
    budget,
    startTurns: createStartTurns(4),
    cpus: 4,
    createRunClock: createFairShare,
    unbilledInit() {},
    log,
  })
  return { clock, instances, pool }
}

/** A function whose calls end when they are told to. */
function held() {
  const release: (() => void)[] = []
  const fetch = () => new Promise<Response>((resolve) => release.push(() => resolve(new Response('done'))))
  return { release, made: { handlers: { fetch: fetch as never } } satisfies MemoryFunction }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('nothing is started before the first call, and the first call is cold', async () => {
  const { clock, instances, pool } = setUp({ handlers: { fetch: (() => new Response('hi')) as never }, initMs: 40 })
  assert.equal(instances.started, 0)
  const run = pool.invoke(call())
  await clock.advance(40)
  const settlement = await run.settled
  assert.equal((await run.head).type, 'response')
  assert.deepEqual([settlement.outcome, settlement.cold, settlement.initMs, settlement.queueMs], ['ok', true, 40, 0])
  const warm = await pool.invoke(call()).settled
  assert.deepEqual([warm.cold, warm.initMs, instances.started], [false, 0, 1])
})

test('places on starting instances count: a burst starts no more instances than its places need', async () => {
  const { made, release } = held()
  const { clock, instances, pool } = setUp({ ...made, initMs: 10 })
  const runs = [call(), call(), call(), call()].map((one) => pool.invoke(one))
  assert.equal(instances.started, 2)
  await clock.advance(10)
  await turn()
  release.forEach((go) => go())
  for (const run of runs) assert.equal((await run.settled).outcome, 'ok')
})

test('who finds no place waits, a full line answers throttled, and a freed place goes to who waited longest', async () => {
  const { made, release } = held()
  const { clock, pool } = setUp(made)
  const running = [call(), call(), call(), call()].map((one) => pool.invoke(one))
  await clock.advance(0)
  await turn()
  const waiting = [pool.invoke(call()), pool.invoke(call())]
  const refused = pool.invoke(call())
  const head = await refused.head
  assert.equal(head.type === 'failure' && head.code, 'throttled')
  assert.deepEqual([(await refused.settled).delivered, (await refused.settled).runMs], [false, 0])
  release.shift()!()
  await running[0]!.settled
  await turn()
  assert.equal(release.length, 4, 'the first of the line has been delivered')
  release.splice(0).forEach((go) => go())
  await turn()
  release.splice(0).forEach((go) => go())
  for (const run of waiting) assert.equal((await run.settled).outcome, 'ok')
})

test('who waits longer than ten seconds leaves the line throttled', async () => {
  const { made } = held()
  const { clock, pool } = setUp(made, { maxInstances: 1, concurrency: 1 })
  pool.invoke(call())
  await clock.advance(0)
  const waiting = pool.invoke(call())
  await clock.advance(9_999)
  assert.equal(waiting.settlement, undefined)
  await clock.advance(2)
  assert.equal((await waiting.settled).outcome, 'throttled')
})

test('a timeout on a loop that still turns ends that call alone; the instance takes no new work and is replaced', async () => {
  const { made, release } = held()
  const { clock, instances, pool } = setUp(made, { timeoutMs: 1000, concurrency: 2 })
  const slow = pool.invoke(call())
  await clock.advance(500)
  const other = pool.invoke(call())
  const beat = () => instances.alive.forEach((instance) => instance.onPulse({ utilization: 0.1, delayMs: 0 }))
  beat()
  await clock.advance(250)
  beat()
  await clock.advance(250)
  beat()
  await clock.advance(30)
  const head = await slow.head
  assert.equal(head.type === 'failure' && head.code, 'timeout')
  assert.equal(other.settlement, undefined)
  assert.equal(pool.members()[0]!.state, 'draining')
  release[1]!()
  assert.equal((await other.settled).outcome, 'ok')
  await turn()
  assert.equal(instances.alive.length, 0)
})

test('a silent instance is killed at the timeout, and everybody on it is told so', async () => {
  const { made } = held()
  const { clock, pool } = setUp(made, { timeoutMs: 2000 })
  const both = [pool.invoke(call()), pool.invoke(call())]
  await clock.advance(2100)
  for (const run of both) {
    const { outcome, detail } = await run.settled
    assert.equal(outcome, 'timeout')
    assert.match(detail ?? '', /one of 2 invocations/)
  }
})

test('a silent instance is killed after `block` however long the timeout is', async () => {
  const { made } = held()
  const { clock, pool } = setUp(made, { timeoutMs: 900_000, blockMs: 3000 })
  const run = pool.invoke(call())
  await clock.advance(3100)
  assert.deepEqual([(await run.settled).outcome, (await run.settled).detail], ['timeout', 'event loop blocked 3.0 s'])
})

test('memory over the limit kills the instance with memory_exceeded, billed up to the kill', async () => {
  const { made } = held()
  const { clock, instances, pool } = setUp(made)
  const run = pool.invoke(call())
  await clock.advance(100)
  instances.alive[0]!.memoryBytes = 200 * 1024 * 1024
  await clock.advance(25)
  const { outcome, runMs, delivered } = await run.settled
  assert.deepEqual([outcome, delivered], ['memory_exceeded', true])
  assert.ok(runMs >= 100 && runMs <= 125, `${runMs}`)
})

test('only the call that used up its CPU is cut while the loop turns', async () => {
  const { made } = held()
  const { clock, instances, pool } = setUp(made, { cpuMs: 50, concurrency: 1 })
  const run = pool.invoke(call())
  await clock.advance(0)
  await turn()
  instances.alive[0]!.cpuMs = 80
  await clock.advance(25)
  assert.equal((await run.settled).outcome, 'cpu_exceeded')
})

test('unused instances go after `idle`, not before', async () => {
  const { clock, instances, pool } = setUp({ handlers: { fetch: (() => new Response('hi')) as never } }, { idleMs: 5000 })
  const run = pool.invoke(call())
  await clock.advance(0)
  await run.settled
  await clock.advance(4900)
  assert.equal(instances.alive.length, 1)
  await clock.advance(5200)
  assert.equal(instances.alive.length, 0)
})

test('a function that does not load answers init_failed, unbilled, and backs off', async () => {
  const { clock, instances, pool } = setUp({ handlers: {}, loadError: 'boom' })
  const first = pool.invoke(call())
  await clock.advance(0)
  await turn()
  const settlement = await first.settled
  assert.deepEqual([settlement.outcome, settlement.delivered], ['init_failed', false])
  const head = await pool.invoke(call()).head
  assert.deepEqual([head.type === 'failure' && head.code, head.type === 'failure' && head.retryAfter, instances.started], ['init_failed', 1, 1])
  await clock.advance(600)
  pool.invoke(call())
  assert.equal(instances.started, 2)
})

test('of a function that does not load the stack is logged once per start that failed; who is refused is told one line', async () => {
  const logged: string[] = []
  const { clock, instances, pool } = setUp({ handlers: {}, loadError: 'boom\nand the second line' }, {}, undefined, (_, message) => logged.push(message))
  const settlements = []
  for (let start = 1; start <= 2; start++) {
    for (let n = 0; n < 5; n++) {
      const run = pool.invoke(call())
      await clock.advance(0)
      await turn()
      settlements.push(await run.settled)
    }
    assert.equal(instances.started, start)
    await clock.advance(600)
  }
  assert.deepEqual(new Set(settlements.map(({ detail }) => detail)), new Set(['boom']))
  assert.equal(logged.length, 2)
  for (const message of logged) assert.match(message, /^init_failed: Error: boom\nand the second line\n {4}at /)
})

test('the budget retires an idle instance of another function before it refuses a call', async () => {
  const budget = createMemoryBudget(130)
  const quick: MemoryFunction = { handlers: { fetch: (() => new Response('hi')) as never } }
  const one = setUp(quick, {}, budget)
  const first = one.pool.invoke(call())
  await one.clock.advance(0)
  await first.settled
  const two = setUp(held().made, {}, budget)
  const second = two.pool.invoke(call())
  await turn()
  assert.equal(one.instances.alive.length, 0)
  assert.equal(second.settlement, undefined)
  const third = await one.pool.invoke(call()).head
  assert.equal(third.type === 'failure' && third.code, 'overloaded')
})

test('a canceled call leaves the line at once, and one in flight is settled as canceled', async () => {
  const { made, release } = held()
  const { clock, pool } = setUp(made, { maxInstances: 1, concurrency: 1 })
  const running = pool.invoke(call())
  await clock.advance(0)
  await turn()
  const waiting = pool.invoke(call())
  waiting.cancel()
  assert.deepEqual([(await waiting.settled).outcome, (await waiting.settled).delivered], ['canceled', false])
  running.cancel()
  release[0]!()
  assert.deepEqual([(await running.settled).outcome, (await running.settled).delivered], ['canceled', true])
})

test('draining finishes what runs and what waits, then ends every instance', async () => {
  const { made, release } = held()
  const { clock, instances, pool } = setUp(made, { maxInstances: 1, concurrency: 1 })
  const running = pool.invoke(call())
  await clock.advance(0)
  await turn()
  const waiting = pool.invoke(call())
  const drained = pool.drain()
  release.shift()!()
  await running.settled
  await turn()
  release.shift()!()
  assert.equal((await waiting.settled).outcome, 'ok')
  await drained
  assert.equal(instances.alive.length, 0)
})
