import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueWorld } from './queue-world.ts'

const HOURS = process.env['PRESSROOM_TEST_LONG'] ? 8 : 1
const EVERY_MS = 10_000

test(`${HOURS} hours of a queue: what fails comes again when it is due, what never works is dead, and nothing is left`, async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 5, maxBatchTimeoutMs: 5_000, maxRetries: 2, retryDelayMs: 600_000 } } })
  const { running, given } = world.consumer()
  const delivered = new Map<string, number[]>()
  let sent = 0
  for (let at = 0; at < HOURS * 3_600_000; at += EVERY_MS) {
    // Every seventh fails once, every fiftieth always.
    await world.send('q', `m${sent++}`)
    running.wake('q')
    await world.clock.advance(EVERY_MS)
    await world.quiet()
    for (const batch of [...given]) {
      for (const { id, attempts } of batch.event.messages) {
        delivered.set(id, [...(delivered.get(id) ?? []), world.clock.now()])
        assert.equal(delivered.get(id)!.length, attempts)
      }
      const bad = (id: string) => {
        const number = Number(id.slice(1))
        return number % 50 === 0 || (number % 7 === 0 && delivered.get(id)!.length === 1)
      }
      batch.end({ retries: batch.ids.filter(bad).map((id) => ({ id })) })
    }
    await world.quiet()
  }
  running.wake('q')
  for (let turn = 0; turn < 150; turn++) {
    await world.clock.advance(EVERY_MS)
    await world.quiet()
    for (const batch of [...given]) {
      for (const { id } of batch.event.messages) delivered.set(id, [...(delivered.get(id) ?? []), world.clock.now()])
      batch.end({ retries: batch.ids.filter((id) => Number(id.slice(1)) % 50 === 0).map((id) => ({ id })) })
    }
    await world.quiet()
  }
  const [depth] = await world.queues.depths('q')
  const hopeless = Math.ceil(sent / 50)
  assert.deepEqual([depth?.messages, depth?.dead], [0, hopeless])
  for (let number = 0; number < sent; number++) {
    const times = delivered.get(`m${number}`) ?? []
    assert.equal(times.length, number % 50 === 0 ? 3 : number % 7 === 0 ? 2 : 1, `m${number}`)
    for (let i = 1; i < times.length; i++) assert.ok(times[i]! - times[i - 1]! >= 600_000, `m${number} came again too early`)
  }
  assert.equal(world.clock.pending, 0, 'an empty queue has no timer')
})
