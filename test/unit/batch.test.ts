import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serialize } from 'node:v8'
import { createBatch } from '../../src/runtimes/node/child/batch.ts'
import { createCalls } from '../../src/runtimes/node/bindings/host-calls.ts'
import { Flag, Kind, type MessageHead } from '../../src/runtimes/node/wire/messages.ts'

interface Message {
  id: string
  timestamp: Date
  attempts: number
  body: unknown
  ack(): void
  retry(options?: { delaySeconds?: number }): void
}
interface Batch {
  queue: string
  metadata: { metrics: { backlogCount: number; backlogBytes: number } }
  messages: Message[]
  ackAll(): void
  retryAll(options?: { delaySeconds?: number }): void
}

function batchOf(...ids: string[]) {
  const heads = ids.map((id): MessageHead => [id, 0, 1, 'json', 1])
  const { batch, said } = createBatch('jobs', heads, Buffer.from('1'.repeat(ids.length)))
  return { batch: batch as Batch, said }
}

test('bodies come as their content type says, each its own', () => {
  const bodies = [Buffer.from('{"n":1}'), Buffer.from('né'), Buffer.from([1, 2]), serialize(new Map([[1, 2n]])), Buffer.alloc(0)]
  const types = ['json', 'text', 'bytes', 'v8', 'text'] as const
  const heads = bodies.map((body, i): MessageHead => [`m${i}`, 1000 + i, i + 1, types[i]!, body.length])
  const { messages, queue } = createBatch('jobs', heads, Buffer.concat(bodies)).batch as Batch
  assert.equal(queue, 'jobs')
  assert.deepEqual(messages.map(({ body }) => body), [{ n: 1 }, 'né', Uint8Array.of(1, 2).buffer, new Map([[1, 2n]]), ''])
  assert.deepEqual(messages.map(({ id, attempts, timestamp }) => [id, attempts, timestamp.getTime()])[1], ['m1', 2, 1001])
})

test('a batch tells how much its queue held, and nothing where there is no queue', () => {
  const metrics = (...backlog: [number, number][]) => (createBatch('jobs', [], Buffer.alloc(0), ...backlog).batch as Batch).metadata.metrics
  assert.deepEqual(metrics([7, 900]), { backlogCount: 7, backlogBytes: 900 })
  assert.deepEqual(metrics(), { backlogCount: 0, backlogBytes: 0 })
})

test('nothing said is nothing told', () => {
  assert.deepEqual(batchOf('a').said(), { a: [], r: [] })
})

test('the first word on a message counts, and the first on the batch', () => {
  const { batch, said } = batchOf('a', 'b', 'c')
  batch.messages[0]!.ack()
  batch.messages[0]!.retry()
  batch.messages[1]!.retry({ delaySeconds: 5 })
  batch.messages[1]!.ack()
  batch.retryAll({ delaySeconds: 7 })
  batch.ackAll()
  assert.deepEqual(said(), { a: ['a'], r: [['b', 5]], z: ['retry', 7] })
})

test('a delay beyond twelve hours, or none, is refused and leaves the message unsaid', () => {
  const { batch, said } = batchOf('a')
  for (const delaySeconds of [-1, 43_201, Number.NaN, '5' as unknown as number]) {
    assert.throws(() => batch.messages[0]!.retry({ delaySeconds }), /delaySeconds: expected 0 to 43200/)
  }
  assert.deepEqual(said(), { a: [], r: [] })
})

test('calls to the host: answers find their call in any order, refusals carry name and reason, and no more than 64 are under way', async () => {
  const sent: { kind: number; id: number; head: string }[] = []
  const { call, answered } = createCalls({ send: (kind, _flags, id, head) => void sent.push({ kind, id, head }), flush() {} })
  const asked = Array.from({ length: 70 }, (_, n) => call('Q', 'send', n))
  await Promise.resolve()
  assert.deepEqual([sent.length, sent[0]!.kind, JSON.parse(sent[5]!.head)], [64, Kind.call, { b: 'Q', o: 'send', a: 5 }])
  const refused = assert.rejects(asked[63]!, { name: 'RangeError', message: 'too many' })
  answered(sent[63]!.id, Flag.broken, '{"name":"RangeError","message":"too many"}', new Uint8Array())
  await refused
  for (let next = 0; next < 70; next++) {
    if (next !== 63) answered(sent[next]!.id, 0, JSON.stringify(`answer ${JSON.parse(sent[next]!.head).a}`), Uint8Array.of(next))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const answers = await Promise.all(asked.filter((_, n) => n !== 63))
  assert.deepEqual([answers.length, answers[69 - 1]!.value, [...answers[0]!.body]], [69, 'answer 69', [0]])
})
