import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callCost, priceTables } from '../../src/metering/prices.ts'
import { memoryHost } from './memory-host.ts'

const LOAD_MS = 3.7
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A function whose calls end when they are told to. */
function held() {
  const open = new Set<() => void>()
  const fetch = () =>
    new Promise<Response>((resolve) => {
      const end = () => {
        open.delete(end)
        resolve(new Response('done'))
      }
      open.add(end)
    })
  return { open, handlers: { fetch: fetch as never } }
}

test('over random calls, cancellations and deaths the records sum to the busy time, to the microsecond', async (t) => {
  const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1e9)
  t.diagnostic(`seed ${seed}`)
  let state = seed
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
  for (let round = 0; round < (process.env['PRESSROOM_TEST_LONG'] ? 1_000 : 20); round++) {
    const made = held()
    const { host, clock, instances, store, call } = memoryHost({ f: { ...made, initMs: LOAD_MS, config: { maxInstances: 1, concurrency: 8, maxWaiting: 0, budget: 1 } } })
    const runs: ReturnType<typeof host.invoke>[] = []
    const inFlight = () => host.operator.functions()[0]!.instances.reduce((sum, { in_flight }) => sum + in_flight, 0)
    let busy = 0
    for (let step = 0; step < 100; step++) {
      const dice = random()
      if (dice < 0.45) {
        const cold = instances.alive.length === 0
        runs.push(host.invoke(call('f')))
        if (cold) await clock.advance(LOAD_MS)
      } else if (dice < 0.7) [...made.open][Math.floor(random() * made.open.size)]?.()
      else if (dice < 0.8) runs[Math.floor(random() * runs.length)]?.cancel()
      else if (dice < 0.82) instances.alive[0]?.die({ cause: 'exited', detail: 'gone' })
      for (let i = 0; i < 3; i++) await turn()
      const passed = random() * 20
      if (inFlight() > 0) busy += passed
      for (const instance of instances.alive) instance.onPulse({ utilization: 0, delayMs: 0 })
      await clock.advance(passed)
    }
    for (const end of [...made.open]) end()
    instances.alive[0]?.die({ cause: 'exited', detail: 'gone' })
    for (const { settled } of runs) await settled
    const { entries } = store.ledger
    assert.ok(Math.abs(entries.reduce((sum, { runMs }) => sum + runMs, 0) - busy) < 0.002, `round ${round}`)
    for (const { runMs, initMs, billedMs, cold, costPico, revision } of entries) {
      assert.ok(runMs >= 0 && initMs === (cold ? LOAD_MS : 0))
      assert.equal(billedMs, revision === null ? 0 : Math.ceil(Math.round((runMs + initMs) * 1000) / 1000))
      assert.equal(costPico, revision === null ? 0 : callCost(priceTables['aws-x86'], { memoryMib: 128, billedMs, cpuMs: 0 }))
    }
    const [total] = await store.ledger.usage({ by: [] })
    assert.equal((total?.invocations ?? 0) + (total?.throttled ?? 0), runs.length)
    assert.deepEqual(host.operator.budgets().map(({ spent_usd, reserved_usd }) => [spent_usd, reserved_usd]), [[Number(total?.costPico ?? 0) / 1e12, 0]])
  }
})

test('what was not delivered is not billed: refused, given up in the line, or never loaded', async () => {
  const made = held()
  const { host, clock, store, call } = memoryHost({
    full: { ...made, config: { maxInstances: 1, concurrency: 1, maxWaiting: 1 } },
    broken: { handlers: { fetch: (() => new Response('never')) as never }, loadError: 'crashed', initMs: 4 },
  })
  const first = host.invoke(call('full'))
  await clock.advance(0)
  const waiting = host.invoke(call('full'))
  const refused = host.invoke(call('full'))
  waiting.cancel()
  const broken = host.invoke(call('broken'))
  await clock.advance(4)
  for (const end of made.open) end()
  const outcomes = await Promise.all([first, waiting, refused, broken].map(async ({ settled }) => (await settled).outcome))
  assert.deepEqual(outcomes, ['ok', 'canceled', 'throttled', 'init_failed'])
  const billed = store.ledger.entries.map(({ outcome, revision, billedMs, costPico }) => [outcome, revision, billedMs, costPico > 0])
  assert.deepEqual(billed.toSorted(([a], [b]) => String(a).localeCompare(String(b))), [['canceled', null, 0, false], ['init_failed', null, 0, false], ['ok', 'r1', 4, true]])
  const [full, rest] = await store.ledger.usage({ by: ['function'] }).then((rows) => rows.reverse())
  assert.deepEqual([full?.throttled, full?.invocations, full?.delivered], [1, 2, 1])
  assert.deepEqual([rest?.errors, rest?.delivered, rest?.unbilledInitMs], [1, 0, 4])
})

test('a call that is killed is billed up to the kill; one whose client left until it has settled', async () => {
  const made = held()
  const { host, clock, store, call, instances } = memoryHost({ f: { ...made, config: { timeout: 2, concurrency: 1 } } })
  host.invoke(call('f'))
  await clock.advance(0)
  instances.alive[0]!.onPulse({ utilization: 0, delayMs: 0 })
  await clock.advance(500)
  instances.alive[0]!.die({ cause: 'memory_exceeded', detail: 'too much' })
  for (let i = 0; i < 3; i++) await turn()
  const left = host.invoke(call('f'))
  await clock.advance(100)
  left.cancel()
  await clock.advance(250)
  for (const end of made.open) end()
  await left.settled
  assert.deepEqual(store.ledger.entries.map(({ outcome, billedMs }) => [outcome, billedMs]), [['memory_exceeded', 500], ['canceled', 350]])
})

test('a record tells who, when, what it woke and how it ended', async () => {
  const { host, clock, store, call } = memoryHost({ f: { handlers: { fetch: (() => new Response('no', { status: 418 })) as never }, initMs: 4 } }, { start: Date.UTC(2026, 0, 1) })
  const run = host.invoke({ ...call('f'), id: 'me', trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), flags: 1 } })
  await clock.advance(4)
  await run.settled
  const [entry] = store.ledger.entries
  assert.deepEqual(entry, {
    id: 'me', function: 'f', revision: 'r1', host: 'host-a', trigger: 'http', outcome: 'ok', status: 418, at: Date.UTC(2026, 0, 1), queueMs: 0, initMs: 4,
    runMs: 0, billedMs: 4, cpuMs: 0, memoryMib: 128, maxMemoryBytes: 0, cold: true, costPico: 200_000 + Math.round((128 * 4 * 16_666_700) / 1_024_000), traceId: entry!.traceId,
  })
})
