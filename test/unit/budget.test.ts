import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Invocation } from '../../src/contract/invocation.ts'
import { worstCost } from '../../src/metering/budget.ts'
import { priceTables } from '../../src/metering/prices.ts'
import { memoryHost, type MemoryHost } from './memory-host.ts'

const DAY = 86_400_000
const start = Date.UTC(2026, 2, 1, 18)
const config = { timeout: 1, memory: 1024, concurrency: 1000, maxInstances: 1 }
/** The most that one call can cost, in dollars. */
const worst = worstCost({ memoryMib: 1024, timeoutMs: 1000, cpuMs: Infinity }, priceTables['aws-x86']) / 1e12
/** What one call of half a second costs. */
const cost = (200_000 + 500 * 16_666.7) / 1e12

const halfSecond = (clock: () => MemoryHost) => ({ handlers: { fetch: (async () => {
  await clock().clock.wait(500)
  return new Response('done')
}) as never } })

function setUp(budget: number | undefined, options: Parameters<typeof memoryHost>[1] = {}): MemoryHost {
  const made: MemoryHost = memoryHost({ f: { ...halfSecond(() => made), config: { ...config, ...(budget === undefined ? {} : { budget }) } } }, { start, ...options })
  return made
}

async function one({ host, clock, call, instances }: MemoryHost, invocation: Invocation = call('f')) {
  const run = host.invoke(invocation)
  await clock.advance(0)
  instances.alive[0]?.onPulse({ utilization: 0, delayMs: 0 })
  await clock.advance(500)
  return { head: await run.head, settlement: await run.settled }
}

test('calls run while the most they can cost fits, and are refused until midnight when it does not', async () => {
  const made = setUp(worst + 2.5 * cost)
  for (let i = 0; i < 3; i++) assert.equal((await one(made)).settlement.outcome, 'ok')
  const { head, settlement } = await one(made)
  assert.equal(settlement.outcome, 'throttled')
  assert.ok(head.type === 'failure' && head.code === 'budget_exceeded')
  assert.equal(head.retryAfter, Math.ceil((start + DAY / 4 - made.clock.now() + 500) / 1000))
  await made.clock.advance(DAY / 4)
  assert.equal((await one(made)).settlement.outcome, 'ok')
  const [budget] = made.host.operator.budgets()
  assert.ok(Math.abs(budget!.spent_usd - cost) < 1e-11, 'a new day begins with nothing spent')
})

test('a runaway of concurrent calls cannot pass the budget', async () => {
  const limit = 20 * worst
  const made = setUp(limit)
  const runs = Array.from({ length: 500 }, () => made.host.invoke(made.call('f')))
  assert.ok(made.host.operator.budgets()[0]!.reserved_usd <= limit)
  await made.clock.advance(0)
  made.instances.alive[0]!.onPulse({ utilization: 0, delayMs: 0 })
  await made.clock.advance(500)
  const outcomes = await Promise.all(runs.map(async ({ settled }) => (await settled).outcome))
  assert.deepEqual([outcomes.filter((outcome) => outcome === 'ok').length, outcomes.filter((outcome) => outcome === 'throttled').length], [20, 480])
  const refusals = await Promise.all(runs.slice(20).map(({ head }) => head))
  assert.ok(refusals.every((head) => head.type === 'failure' && head.retryAfter === 1), 'what is only held back comes free soon')
  const [budget] = made.host.operator.budgets()
  assert.ok(budget!.spent_usd <= limit && budget!.reserved_usd === 0)
})

test('the budget of the host counts all its functions', async () => {
  const made: MemoryHost = memoryHost({ a: { ...halfSecond(() => made), config }, b: { ...halfSecond(() => made), config } }, { start, budgetUsd: worst + 0.5 * cost })
  assert.equal((await one(made, made.call('a'))).settlement.outcome, 'ok')
  assert.equal((await one(made, made.call('b'))).settlement.outcome, 'throttled')
  assert.deepEqual(made.host.operator.budgets().map(({ function: name }) => name), [null])
})

test('what was spent before a restart still counts today', async () => {
  const spent = new Map([['f', Math.round(0.9 * worst * 1e12)]])
  assert.equal((await one(setUp(worst * 1.5, { spentToday: spent }))).settlement.outcome, 'throttled')
  assert.equal((await one(setUp(worst * 2, { spentToday: spent }))).settlement.outcome, 'ok')
})

test('a tick without budget is skipped', async () => {
  const { host, warnings, store } = memoryHost({ f: { handlers: { scheduled: () => {} }, config: { budget: 0, schedules: ['* * * * *'] } } })
  const run = host.invoke({ id: 'tick', function: 'f', trigger: 'timer', event: { type: 'scheduled', cron: '* * * * *', scheduledTime: 0 } })
  assert.equal((await run.settled).outcome, 'skipped')
  assert.deepEqual((await store.ledger.usage({ by: [] })).map(({ skipped, throttled, invocations }) => [skipped, throttled, invocations]), [[1, 0, 0]])
  assert.deepEqual(warnings, ['the budget of f is spent: calls are refused until midnight UTC'])
})

test('three quarters, nine tenths and the end are told once each', async () => {
  const made = setUp(cost * 1000, { spentToday: new Map([['f', cost * 748.5 * 1e12]]) })
  for (let i = 0; i < 3; i++) await one(made)
  assert.deepEqual(made.warnings, ['75 % of the budget of f is spent'])
  const late = setUp(cost * 1000, { spentToday: new Map([['f', cost * 995.5 * 1e12]]) })
  for (let i = 0; i < 3; i++) await one(late)
  assert.deepEqual(late.warnings, ['the budget of f is spent: calls are refused until midnight UTC'])
  const between = setUp(cost * 1000, { spentToday: new Map([['f', cost * 899.5 * 1e12]]) })
  for (let i = 0; i < 3; i++) await one(between)
  assert.deepEqual(between.warnings, ['90 % of the budget of f is spent'])
})

test('without a budget nothing is reserved or refused', async () => {
  const made = setUp(undefined)
  assert.equal((await one(made)).settlement.outcome, 'ok')
  assert.deepEqual(made.host.operator.budgets(), [])
})
