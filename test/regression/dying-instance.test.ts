import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Invocation } from '../../src/contract/invocation.ts'
import { createMemoryBudget } from '../../src/instances/memory-budget.ts'
import { createStartTurns } from '../../src/instances/start-turns.ts'
import { createPool } from '../../src/instances/pool.ts'
import { createFairShare } from '../../src/metering/fair-share.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryInstances } from '../../src/runtimes/memory/instance.ts'

const call = (id: string): Invocation => ({
  id, function: 'f', trigger: 'http', event: { type: 'fetch', method: 'GET', url: 'http://host/f', headers: [], body: null },
})

test('a call that comes while an instance that did not load is dying is answered at once, not lost on it', async () => {
  const clock = handMovedClock()
  const instances = memoryInstances({ f: { handlers: { fetch: (() => new Response('never')) as never }, loadError: 'crashed at the top level' } }, clock)
  const pool = createPool({
    code: { name: 'f', revision: 'r1', file: '', memory: 128, native: false, outbound: 'public', timeoutMs: 30_000, bindings: {} },
    limits: { memoryBytes: 2 ** 27, timeoutMs: 30_000, blockMs: 10_000, cpuMs: Infinity, concurrency: 64, maxInstances: 8, maxWaiting: 8, idleMs: 60_000 },
    // A process that was killed takes a while to be gone; this one never is.
    instances: { ...instances, start: (code) => Object.assign(instances.start(code), { kill() {} }) },
    clock,
    budget: createMemoryBudget(1024),
    startTurns: createStartTurns(4),
    cpus: 2,
    createRunClock: createFairShare,
    unbilledInit() {},
    log() {},
  })
  for (const id of ['first', 'second']) {
    const run = pool.invoke(call(id))
    await clock.advance(0)
    assert.equal((await run.settled).outcome, 'init_failed')
    assert.equal(instances.started, 1)
  }
})
