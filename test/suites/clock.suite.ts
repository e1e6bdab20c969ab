import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../src/ports/clock.ts'

/** A clock under test and the way to let its time pass. */
export interface ClockUnderTest {
  clock: Clock
  /** Lets at least `ms` pass; what falls due in it has run when this resolves. */
  pass: (ms: number) => Promise<void>
}

/** The rules every clock keeps, whatever moves it. */
export function clockSuite(name: string, make: () => ClockUnderTest): void {
  test(`${name}: after calls once, and not before its time`, async () => {
    const { clock, pass } = make()
    const start = clock.elapsed()
    const calls: number[] = []
    clock.after(20, () => calls.push(clock.elapsed() - start))
    assert.deepEqual(calls, [])
    await pass(60)
    await pass(60)
    assert.equal(calls.length, 1)
    // One millisecond less: Node rounds a timer's delay down to whole milliseconds of its own loop time.
    assert.ok((calls[0] ?? 0) >= 19, `called after ${calls[0]} ms`)
  })

  test(`${name}: a shorter timer set later runs first`, async () => {
    const { clock, pass } = make()
    const order: string[] = []
    clock.after(40, () => order.push('long'))
    clock.after(5, () => order.push('short'))
    await pass(80)
    assert.deepEqual(order, ['short', 'long'])
  })

  test(`${name}: a canceled timer never runs, and canceling twice is harmless`, async () => {
    const { clock, pass } = make()
    let ran = false
    const cancel = clock.after(10, () => { ran = true })
    cancel()
    cancel()
    await pass(40)
    assert.equal(ran, false)
  })

  test(`${name}: wait resolves in its time`, async () => {
    const { clock, pass } = make()
    let done = false
    const waiting = clock.wait(10).then(() => { done = true })
    assert.equal(done, false)
    await pass(40)
    await waiting
    assert.equal(done, true)
  })

  test(`${name}: wait rejects with the signal's reason, before it and during it`, async () => {
    const { clock } = make()
    const reason = new Error('gone')
    await assert.rejects(clock.wait(1_000, AbortSignal.abort(reason)), reason)
    const controller = new AbortController()
    const waiting = clock.wait(1_000, controller.signal)
    controller.abort(reason)
    await assert.rejects(waiting, reason)
  })

  test(`${name}: a negative delay is due at once`, async () => {
    const { clock, pass } = make()
    let ran = false
    clock.after(-5, () => { ran = true })
    await pass(5)
    assert.equal(ran, true)
  })

  test(`${name}: a delay of a month is not due now`, async () => {
    const { clock, pass } = make()
    let ran = false
    const cancel = clock.after(31 * 86_400_000, () => { ran = true })
    await pass(30)
    cancel()
    assert.equal(ran, false)
  })

  test(`${name}: elapsed never goes back and shows its resolution`, () => {
    const { clock } = make()
    const first = clock.elapsed()
    assert.ok(clock.elapsed() >= first)
    assert.ok(clock.resolution > 0)
  })
}
