import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueWorld, type Consumer, type QueueWorld } from './queue-world.ts'

const names = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `m${from + i}`)
const idsOf = ({ given }: Consumer) => given.map(({ ids }) => ids)

async function sent(world: QueueWorld, { running }: Consumer, ...ids: string[]) {
  await world.send('q', ...ids)
  running.wake('q')
  await world.quiet()
}

test('a batch goes out as soon as it is full', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 3 } } })
  const consumer = world.consumer()
  await sent(world, consumer, 'a', 'b')
  assert.deepEqual(idsOf(consumer), [])
  await sent(world, consumer, 'c', 'd')
  assert.deepEqual(idsOf(consumer), [['a', 'b', 'c']])
  assert.deepEqual(consumer.given[0]?.event.backlog, { messages: 4, bytes: 4 })
})

test('a batch that is not full goes out when its first message has waited long enough', async () => {
  const world = queueWorld()
  const consumer = world.consumer()
  await sent(world, consumer, 'a')
  await world.clock.advance(4_000)
  await sent(world, consumer, 'b')
  await world.clock.advance(999)
  assert.deepEqual(idsOf(consumer), [])
  await world.clock.advance(1)
  await world.quiet()
  assert.deepEqual(idsOf(consumer), [['a', 'b']])
})

test('messages that become due later fill the batch, or make their own', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 2, maxBatchTimeoutMs: 60_000 } } })
  const consumer = world.consumer()
  const now = world.clock.now()
  const message = (id: string, dueAt: number) => ({ id, contentType: 'text' as const, body: new Uint8Array(), dueAt })
  await consumer.running.send('q', [message('soon', now), message('later', now + 10_000), message('much later', now + 40_000)])
  await world.quiet()
  await world.clock.advance(9_999)
  assert.deepEqual(idsOf(consumer), [])
  await world.clock.advance(1)
  await world.quiet()
  assert.deepEqual(idsOf(consumer), [['soon', 'later']])
  await world.clock.advance(89_000)
  assert.equal(consumer.given.length, 1)
  await world.clock.advance(1_001)
  await world.quiet()
  assert.deepEqual(idsOf(consumer), [['soon', 'later'], ['much later']])
})

test('at most max_concurrency batches are under way; without it, as many as the function has places', async () => {
  for (const [maxConcurrency, expected] of [[2, 2], [undefined, 4]] as const) {
    const world = queueWorld({ settings: { q: { maxBatchSize: 1, ...(maxConcurrency ? { maxConcurrency } : {}) } } })
    const consumer = world.consumer()
    await sent(world, consumer, ...names(7))
    assert.equal(consumer.given.length, expected)
    consumer.given[0]!.end()
    await world.quiet()
    assert.equal(consumer.given.length, expected)
    assert.deepEqual(idsOf(consumer).at(-1), [`m${expected}`])
  }
})

test('what was said of one message outweighs what was said of all, and that outweighs how it ended', async () => {
  const cases = [
    { said: { acks: ['a'], retries: [{ id: 'b' }] }, outcome: 'ok', again: ['b'] },
    { said: { acks: ['a'], retries: [{ id: 'b' }] }, outcome: 'exception', again: ['b', 'c'] },
    { said: { acks: ['a'], retries: [], rest: { kind: 'retry' } }, outcome: 'ok', again: ['b', 'c'] },
    { said: { acks: [], retries: [{ id: 'a' }], rest: { kind: 'ack' } }, outcome: 'exception', again: ['a'] },
    { said: {}, outcome: 'ok', again: [] },
    { said: undefined, outcome: 'timeout', again: ['a', 'b', 'c'] },
    { said: undefined, outcome: 'memory_exceeded', again: ['a', 'b', 'c'] },
  ] as const
  for (const { said, outcome, again } of cases) {
    const world = queueWorld({ settings: { q: { maxBatchSize: 3, maxBatchTimeoutMs: 0 } } })
    const consumer = world.consumer()
    await sent(world, consumer, 'a', 'b', 'c')
    consumer.given[0]!.end(said, outcome)
    await world.quiet()
    assert.deepEqual(consumer.given.flatMap(({ event }) => event.messages.map(({ id, attempts }) => [id, attempts])), again.map((id) => [id, 2]))
  }
})

test('a message comes again after its own delay, else after the batch\'s, else after the queue\'s', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 3, maxBatchTimeoutMs: 0, retryDelayMs: 60_000 } } })
  const consumer = world.consumer()
  await sent(world, consumer, 'own', 'batch', 'queue')
  consumer.given[0]!.end({ retries: [{ id: 'own', delay: 10 }, { id: 'queue' }], rest: { kind: 'retry', delay: 30 } })
  await world.quiet()
  for (const [ms, id] of [[10_000, 'own'], [20_000, 'batch'], [30_000, 'queue']] as const) {
    await world.clock.advance(ms - 1)
    await world.quiet()
    assert.deepEqual(idsOf(consumer), [])
    await world.clock.advance(1)
    await world.quiet()
    assert.deepEqual(idsOf(consumer), [[id]])
    consumer.given[0]!.end()
    await world.quiet()
  }
})

test('a message that fails every time is delivered max_retries + 1 times, then it is a dead letter that says why', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 1, maxRetries: 2 } } })
  const consumer = world.consumer()
  await sent(world, consumer, 'poison')
  for (const attempts of [1, 2, 3]) {
    assert.equal(consumer.given[0]?.event.messages[0]?.attempts, attempts)
    consumer.given[0].end(undefined, 'memory_exceeded')
    await world.quiet()
  }
  assert.deepEqual(consumer.given, [])
  const { letters } = await world.queues.dead({ limit: 10 })
  assert.deepEqual(letters.map(({ id, attempts, error }) => [id, attempts, error]), [['poison', 3, 'delivered 3 times, at last: memory_exceeded: as the test wants']])
})

test('with a dead letter queue it goes there, where another function gets it at once', async () => {
  const place = { timeoutMs: 1_000, places: 1 }
  const world = queueWorld({
    settings: { q: { maxBatchSize: 1, maxRetries: 0, deadLetterQueue: 'dlq' }, dlq: { maxBatchSize: 1 } },
    targets: { q: { function: 'worker', ...place }, dlq: { function: 'mourner', ...place } },
  })
  const consumer = world.consumer()
  await sent(world, consumer, 'poison')
  consumer.given[0]!.end(undefined, 'exception')
  await world.quiet()
  assert.deepEqual(consumer.given.map(({ invocation, event }) => [invocation.function, event.queue, event.messages[0]?.attempts]), [['mourner', 'dlq', 1]])
})

test('a batch that finds no room is no attempt: it comes again after a second, doubling up to five minutes', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 1 } } })
  const consumer = world.consumer()
  await sent(world, consumer, 'm')
  for (const pause of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
    assert.equal(consumer.given[0]?.event.messages[0]?.attempts, 1)
    consumer.given[0].refuse(pause % 3 === 1 ? 'throttled' : pause % 3 === 2 ? 'budget_exceeded' : 'overloaded')
    await world.quiet()
    await world.clock.advance(pause * 1_000 - 1)
    await world.quiet()
    assert.deepEqual(consumer.given, [])
    await world.clock.advance(1)
    await world.quiet()
  }
  consumer.given[0]!.end()
  await world.quiet()
  await sent(world, consumer, 'n')
  consumer.given[0]!.refuse('throttled')
  await world.quiet()
  await world.clock.advance(1_000)
  await world.quiet()
  assert.deepEqual(idsOf(consumer), [['n']], 'after a delivery the pauses begin anew')
})

test('a stopping host takes no more messages, and keeps how the batches in flight ended', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 1, maxConcurrency: 2 } } })
  const consumer = world.consumer()
  await sent(world, consumer, 'a', 'b', 'c')
  const [first, second] = consumer.given
  let over = false
  const stopped = consumer.running.stop().then(() => (over = true))
  first!.end()
  await world.quiet()
  assert.equal(over, false)
  second!.end(undefined, 'exited')
  await stopped
  assert.deepEqual(consumer.given, [])
  const next = world.consumer()
  await world.quiet()
  assert.deepEqual(next.given.flatMap(({ event }) => event.messages.map(({ id, attempts }) => [id, attempts])), [['b', 1], ['c', 1]], 'the host cut it off: no attempt')
})

test('a message whose deliveries all ended with the host is given up, not tried for ever', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 1, maxRetries: 1 } } })
  await world.send('q', 'killer')
  for (const expected of [1, 1, 0]) {
    const consumer = world.consumer()
    await world.quiet()
    assert.equal(consumer.given.length, expected)
    consumer.crash()
    await world.queues.release('a', world.clock.now())
  }
  assert.match((await world.queues.dead({ limit: 1 })).letters[0]?.error ?? '', /delivered 2 times, and each time the host ended/)
})

test('while there is nothing to do there is no timer', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 1 } } })
  const consumer = world.consumer()
  await sent(world, consumer, 'm')
  consumer.given[0]!.end()
  await world.quiet()
  assert.equal(world.clock.pending, 0)
})

test('a queue that nobody consumes keeps its messages, and is told of once', async () => {
  const world = queueWorld()
  const { running } = world.consumer()
  const message = (id: string) => ({ id, contentType: 'text' as const, body: new Uint8Array(), dueAt: 0 })
  await running.send('lonely', [message('a')])
  await running.send('lonely', [message('b')])
  assert.equal((await world.queues.depths())[0]?.messages, 2)
  assert.equal(world.warnings.filter((line) => line.includes('lonely')).length, 1)
})

test('a batch lies below the one that caused it, or beside all of them', async () => {
  const world = queueWorld({ settings: { q: { maxBatchSize: 2 } } })
  const consumer = world.consumer()
  const message = (id: string, trace?: string) => ({ id, contentType: 'text' as const, body: new Uint8Array(), dueAt: 0, ...(trace ? { trace } : {}) })
  await consumer.running.send('q', [message('a', 't1'), message('b', 't1'), message('c', 't1'), message('d', 't2'), message('e'), message('f')])
  await world.quiet()
  assert.deepEqual(consumer.given.map(({ invocation: { parent, links } }) => ({ parent, links })), [
    { parent: 't1', links: undefined }, { parent: undefined, links: ['t1', 't2'] }, { parent: undefined, links: undefined },
  ])
})
