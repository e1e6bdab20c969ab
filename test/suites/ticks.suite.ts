import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Ticks } from '../../src/ports/ticks.ts'

const MINUTE = 60_000
const ok = { outcome: 'ok', invocation: 'i1' } as const

/** The rules every memory of ticks keeps. */
export function ticksSuite(name: string, open: (t: TestContext) => Promise<Ticks>): void {
  test(`${name}: a tick is claimed once, by whoever asks first`, async (t) => {
    const ticks = await open(t)
    const claims = await Promise.all(['a', 'b', 'c'].map((host) => ticks.claim('ingest', '* * * * *', MINUTE, host)))
    assert.deepEqual(claims.filter(Boolean).length, 1)
    assert.equal(await ticks.claim('ingest', '* * * * *', MINUTE, 'a'), false)
  })

  test(`${name}: function, cron and scheduled time make a tick`, async (t) => {
    const ticks = await open(t)
    for (const [fn, cron, time] of [['a', '* * * * *', 1], ['b', '* * * * *', 1], ['a', '0 * * * *', 1], ['a', '* * * * *', 2]] as const) {
      assert.equal(await ticks.claim(fn, cron, time, 'host'), true)
    }
  })

  test(`${name}: what never ran has neither a last tick nor a last claim`, async (t) => {
    const ticks = await open(t)
    await ticks.claim('other', '* * * * *', MINUTE, 'host')
    assert.equal(await ticks.last('ingest', '* * * * *'), null)
    assert.equal(await ticks.lastClaimed('ingest', '* * * * *'), null)
  })

  test(`${name}: a running tick is claimed but not yet the last one; a later result replaces the first`, async (t) => {
    const ticks = await open(t)
    await ticks.claim('ingest', '* * * * *', MINUTE, 'host')
    await ticks.finish('ingest', '* * * * *', MINUTE, ok)
    await ticks.claim('ingest', '* * * * *', 2 * MINUTE, 'host')
    assert.equal(await ticks.lastClaimed('ingest', '* * * * *'), 2 * MINUTE)
    assert.deepEqual(await ticks.last('ingest', '* * * * *'), { time: MINUTE, ...ok })
    await ticks.finish('ingest', '* * * * *', 2 * MINUTE, { outcome: 'skipped', invocation: null })
    assert.deepEqual(await ticks.last('ingest', '* * * * *'), { time: 2 * MINUTE, outcome: 'skipped', invocation: null })
    await ticks.finish('ingest', '* * * * *', 2 * MINUTE, { outcome: 'exception', invocation: 'i2' })
    assert.deepEqual(await ticks.last('ingest', '* * * * *'), { time: 2 * MINUTE, outcome: 'exception', invocation: 'i2' })
  })

  test(`${name}: the last tick is the one scheduled last, not the one finished last`, async (t) => {
    const ticks = await open(t)
    for (const time of [1, 2, 3]) await ticks.claim('ingest', '* * * * *', time, 'host')
    for (const time of [3, 1, 2]) await ticks.finish('ingest', '* * * * *', time, ok)
    assert.equal((await ticks.last('ingest', '* * * * *'))?.time, 3)
  })

  test(`${name}: a clock set back by three hours finds every tick claimed`, async (t) => {
    const ticks = await open(t)
    const times = Array.from({ length: 180 }, (_, index) => index * MINUTE)
    await Promise.all(times.map(async (time) => {
      await ticks.claim('ingest', '* * * * *', time, 'host')
      await ticks.finish('ingest', '* * * * *', time, ok)
    }))
    const again = await Promise.all(times.map((time) => ticks.claim('ingest', '* * * * *', time, 'host')))
    assert.deepEqual(again.filter(Boolean).length, 0)
  })
}
