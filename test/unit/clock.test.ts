import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { nodeClock } from '../../src/runtimes/node/clock.ts'
import { clockSuite } from '../suites/clock.suite.ts'

clockSuite('hand-moved clock', () => {
  const clock = handMovedClock()
  return { clock, pass: (ms) => clock.advance(ms) }
})
clockSuite('node clock', () => ({ clock: nodeClock, pass: (ms) => pass(ms) }))

test('hand-moved clock: what a timer sets in motion settles before the next one', async () => {
  const clock = handMovedClock(1_000)
  const seen: string[] = []
  clock.after(10, () => {
    void (async () => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      seen.push(`first at ${clock.now()}`)
      await clock.wait(5)
      seen.push(`waited until ${clock.now()}`)
    })()
  })
  clock.after(11, () => seen.push(`second at ${clock.now()}`))
  await clock.advance(20)
  assert.deepEqual(seen, ['first at 1010', 'second at 1011', 'waited until 1015'])
  assert.equal(clock.pending, 0)
})

test('hand-moved clock: a jump of the wall clock moves neither timers nor elapsed', async () => {
  const clock = handMovedClock(1_000)
  let ran = false
  clock.after(10, () => { ran = true })
  clock.jump(3_600_000)
  await clock.advance(9)
  assert.equal(ran, false)
  assert.equal(clock.now(), 3_601_009)
  assert.equal(clock.elapsed(), 9)
  await clock.advance(1)
  assert.equal(ran, true)
})
