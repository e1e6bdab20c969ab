import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedMs } from '../../src/metering/billed-duration.ts'
import { createFairShare } from '../../src/metering/fair-share.ts'

test('alone, an invocation is charged all of the passing time', () => {
  let now = 100
  const share = createFairShare(() => now).begin()
  now += 7.25
  assert.equal(share.soFar(), 7.25)
  now += 1
  assert.equal(share.end(), 8.25)
  now += 50
  assert.equal(share.end(), 8.25)
})

test('two in flight are charged half each, and nothing accrues while none is', () => {
  let now = 0
  const clock = createFairShare(() => now)
  const a = clock.begin()
  now = 10
  const b = clock.begin()
  now = 20
  assert.equal(a.end(), 15)
  now = 30
  assert.equal(b.end(), 15)
  now = 1000
  const c = clock.begin()
  now = 1004
  assert.equal(c.end(), 4)
})

test('over random overlaps the shares sum to the busy time, and none is negative', (t) => {
  const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1e9)
  t.diagnostic(`seed ${seed}`)
  let state = seed
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
  for (let round = 0; round < (process.env['PRESSROOM_TEST_LONG'] ? 10_000 : 200); round++) {
    let now = random() * 1e6
    let busy = 0
    let sum = 0
    const clock = createFairShare(() => now)
    const open: { end(): number }[] = []
    for (let step = 0; step < 200; step++) {
      const passed = random() * 20
      if (open.length > 0) busy += passed
      now += passed
      if (open.length === 0 || (random() < 0.5 && open.length < 64)) open.push(clock.begin())
      else {
        const share = open.splice(Math.floor(random() * open.length), 1)[0]!.end()
        assert.ok(share >= 0)
        sum += share
      }
    }
    for (const one of open) sum += one.end()
    assert.ok(Math.abs(sum - busy) < 0.001, `round ${round}: shares ${sum}, busy ${busy}`)
  }
})

test('billed is the ceiling of the sum, as two recorded Lambda lines show', () => {
  assert.equal(billedMs(1307.68, 1058.15), 2366)
  assert.equal(billedMs(1258.24, 1002.25), 2261)
  assert.equal(billedMs(3.0000000001, 0), 3)
  assert.equal(billedMs(0.001, 0), 1)
})
