import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createQueues } from '../../src/ingress/queue/consumer.ts'
import { consumerDefaults } from '../../src/ingress/queue/settings.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryQueues } from '../../src/runtimes/memory/queues.ts'
import { QueueProducer } from '../../src/runtimes/node/bindings/queue.ts'
import { createBatch } from '../../src/runtimes/node/child/batch.ts'
import { createQueueAnswerer } from '../../src/runtimes/node/store/queues/answer.ts'

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const spec = { type: 'queue', queue: 'q' } as const

/** A binding whose calls reach the host's side without an instance between. */
function made({ maxMessages = 100, delaySeconds }: { maxMessages?: number; delaySeconds?: number } = {}) {
  const clock = handMovedClock(1_000)
  const queues = memoryQueues()
  let ids = 0
  const { send } = createQueues({
    queues, clock, host: 'a', maxMessages, makeId: () => '', targets: () => new Map(), settingsOf: () => consumerDefaults, triggerOf: () => 'pubsub', log() {},
    invoke: () => assert.fail('nobody consumes'),
  })
  const answer = createQueueAnswerer({ send, depths: (queue) => queues.depths(queue), clock, makeId: () => `id-${++ids}` })
  const ask = async (operation: string, args: unknown, body: Uint8Array = new Uint8Array()) => {
    const { value } = await answer(spec, { b: 'QUEUE', o: operation, a: JSON.parse(JSON.stringify(args)), t: TRACE }, Buffer.from(body), {} as never)
    return { value, body: new Uint8Array() }
  }
  const producer = new QueueProducer({ ...spec, ...(delaySeconds === undefined ? {} : { delaySeconds }) }, ask)
  return { clock, queues, producer, ask, all: () => queues.lease('q', { limit: 1_000, now: 1e12, until: 2e12, host: 'a' }) }
}

test('whatever the content type, the consumer reads what the producer sent', async () => {
  const { producer, all } = made()
  const values: [unknown, string | undefined][] = [
    [{ a: [1, 'ü', null] }, undefined], ['text as JSON', 'json'], ['', 'text'], ['naïve 🗞', 'text'], [Uint8Array.of(0, 255, 7), 'bytes'],
    [{ when: new Date(5), big: 2n ** 70n, map: new Map([['k', new Set([1])]]) }, 'v8'],
  ]
  for (const [body, contentType] of values) await producer.send(body, contentType === undefined ? {} : { contentType })
  const messages = await all()
  const bodies = Buffer.concat(messages.map(({ body }) => body))
  const { batch } = createBatch('q', messages.map(({ id, timestamp, attempts, contentType, body }) => [id, timestamp, attempts, contentType, body.length]), bodies)
  assert.deepEqual((batch as { messages: { body: unknown }[] }).messages.map(({ body }) => body), values.map(([body]) => (body instanceof Uint8Array ? body.buffer : body)))
  assert.equal(new Set(messages.map(({ id }) => id)).size, values.length)
  assert.deepEqual([...new Set(messages.map(({ trace }) => trace))], [TRACE])
})

test('a view into a larger buffer sends what it shows', async () => {
  const { producer, all } = made()
  const bytes = Uint8Array.from({ length: 10 }, (_, i) => i)
  await producer.sendBatch([{ body: new DataView(bytes.buffer, 2, 3), contentType: 'bytes' }])
  assert.deepEqual((await all()).map(({ body }) => [...body]), [[2, 3, 4]])
})

test('the delay of a message is its own, else the batch\'s, else the binding\'s', async () => {
  const { producer, queues } = made({ delaySeconds: 30 })
  await producer.sendBatch([{ body: 1, delaySeconds: 10 }, { body: 2 }], { delaySeconds: 20 })
  await producer.send(3)
  await producer.send(4, { delaySeconds: 0 })
  const due = []
  for (const now of [1_000, 11_000, 21_000, 31_000]) due.push((await queues.waiting('q', { limit: 10, now })).due)
  assert.deepEqual(due, [1, 2, 3, 4])
})

test('the limits are Cloudflare\'s: what is at them is sent, what is over is refused whole', async () => {
  const { producer, all } = made()
  await producer.send('x'.repeat(128_000), { contentType: 'text' })
  await assert.rejects(producer.send('x'.repeat(128_001), { contentType: 'text' }), /message length of 128001 bytes exceeds limit of 128000/)
  await assert.rejects(producer.sendBatch(Array.from({ length: 3 }, () => ({ body: 'x'.repeat(85_334), contentType: 'text' }))), /batch size of 256002 bytes exceeds limit of 256000/)
  await assert.rejects(producer.sendBatch(Array.from({ length: 101 }, () => ({ body: 1 }))), /batch message count of 101 exceeds limit of 100/)
  await assert.rejects(producer.sendBatch([]), /at least one message/)
  for (const delaySeconds of [-1, 43_201, Number.NaN, '5']) await assert.rejects(producer.send(1, { delaySeconds }), RangeError)
  await producer.send(1, { delaySeconds: 43_200 })
  assert.equal((await all()).length, 2)
})

test('a body that its content type cannot hold is a TypeError', async () => {
  const { producer, all } = made()
  for (const [body, contentType] of [[undefined, 'json'], [() => 1, 'json'], [5, 'text'], ['text', 'bytes'], [new ArrayBuffer(1), 'bytes'], [1, 'xml']] as const) {
    await assert.rejects(producer.send(body, { contentType }), TypeError)
  }
  assert.deepEqual(await all(), [])
})

test('sending tells how full the queue is; metrics also how old', async () => {
  const { producer, clock } = made()
  assert.deepEqual(await producer.metrics(), { backlogCount: 0, backlogBytes: 0 })
  assert.deepEqual(await producer.send('a', { contentType: 'text' }), { metadata: { metrics: { backlogCount: 1, backlogBytes: 1 } } })
  await clock.advance(500)
  assert.deepEqual(await producer.sendBatch([{ body: 'bc', contentType: 'text' }]), { metadata: { metrics: { backlogCount: 2, backlogBytes: 3 } } })
  assert.deepEqual(await producer.metrics(), { backlogCount: 2, backlogBytes: 3, oldestMessageTimestamp: new Date(1_000) })
})

test('a full queue refuses with queue_full', async () => {
  const { producer } = made({ maxMessages: 2 })
  await producer.sendBatch([{ body: 1 }, { body: 2 }])
  await assert.rejects(producer.send(3), { name: 'Error', message: /^queue_full: queue "q" holds 2 messages/ })
})

test('the host believes nothing of what an instance says it sends', async () => {
  const { ask, all } = made()
  const body = Buffer.from('abc')
  for (const heads of [
    null, [], {}, [null], [['json', 3]], [['json', 3, -1]], [['json', 3, 1e9]], [['json', 2, 0]], [['json', 4, 0]], [['json', -1, 0]], [['json', 1.5, 0], ['json', 1.5, 0]],
    [['html', 3, 0]], Array.from({ length: 101 }, () => ['json', 0, 0]),
  ]) await assert.rejects(ask('send', heads, body), TypeError)
  await assert.rejects(ask('purge', null), TypeError)
  assert.deepEqual(await all(), [])
})
