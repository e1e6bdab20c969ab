import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestEvent } from '../../src/contract/invocation.ts'
import type { DestinationRecord } from '../../src/ingress/async/destination.ts'
import { createLetters } from '../../src/host/events/letters.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryQueues } from '../../src/runtimes/memory/queues.ts'
import { asyncHost, full, patient, thrown, well, type Scripted } from './async-host.ts'

const HOUR = 3_600_000
const request: RequestEvent = { type: 'fetch', method: 'POST', url: 'http://h/f', headers: ['authorization', 'Bearer geheim', 'x', '1'], body: new TextEncoder().encode('{"n":1}') }

/** Functions that end one after the other as a list says; then well. */
function scripted(endings: Scripted[], more: Partial<Parameters<typeof asyncHost>[0]> = {}) {
  const clock = handMovedClock(1_000_000)
  const queues = memoryQueues()
  const made = asyncHost({ queues, clock, run: () => endings.shift() ?? well, ...more })
  const start = clock.now()
  return {
    ...made, clock, queues,
    /** When each attempt began, in seconds since the first moment. */
    times: () => made.attempts.map(({ at }) => (at - start) / 1000),
    left: async () => (await queues.depths()).map(({ queue, messages, dead }) => [queue, messages, dead]),
    taken: async (queue: string) => (await queues.lease(queue, { limit: 10, now: clock.now(), until: clock.now() + 1, host: 'test' })).map(({ body, ...message }) => ({ ...message, record: JSON.parse(new TextDecoder().decode(body)) as DestinationRecord })),
  }
}

test('an event runs once, as it was handed in, and is gone', async () => {
  const { running, attempts, clock, left } = scripted([])
  const id = await running.enqueue('f', request, { trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', alias: 'beta' })
  await clock.advance(0)
  assert.deepEqual(attempts.map(({ id, function: name }) => [id, name]), [[id, 'f']])
  const { event, parent, alias, trigger } = attempts[0]!.invocation
  assert.deepEqual([parent, alias, trigger], ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'beta', 'http'])
  assert.deepEqual(event, { ...request, headers: ['host', 'h', ...request.headers, 'content-length', '7'] })
  assert.deepEqual(await left(), [])
  await clock.advance(7 * HOUR)
  assert.equal(attempts.length, 1)
})

test('a function that fails gets it again after one minute and after two more; each attempt has an id of its own', async () => {
  const { running, attempts, clock, times, queues, left } = scripted([thrown, thrown, thrown])
  await running.enqueue('f', request)
  await clock.advance(7 * HOUR)
  assert.deepEqual(times(), [0, 60, 180])
  assert.deepEqual(attempts.map(({ id }) => id), ['e1', 'e1.2', 'e1.3'])
  assert.deepEqual(await left(), [['async:f', 0, 1]])
  const { letters } = await queues.dead({ limit: 10 })
  assert.deepEqual(letters.map(({ id, error, attempts: count }) => [id, error, count]), [['e1', 'exception: Error: no', 3]])
})

test('a call that finds no room comes back after a growing pause and loses no attempt by it', async () => {
  const { running, attempts, clock, times, left } = scripted([full, full, full, thrown, full, thrown, well])
  await running.enqueue('f', request)
  await clock.advance(7 * HOUR)
  assert.deepEqual(times().slice(0, 4), [0, 1, 3, 7])
  assert.deepEqual(attempts.map(({ id }) => id), ['e1', 'e1', 'e1', 'e1', 'e1.2', 'e1.2', 'e1.3'])
  assert.deepEqual(await left(), [])
})

test('what never finds room is given up when it is as old as the function allows', async () => {
  const { running, clock, times, queues } = scripted([], { run: () => full, target: () => ({ ...patient, maxAgeMs: HOUR }) })
  await running.enqueue('f', request)
  await clock.advance(2 * HOUR)
  const all = times()
  assert.deepEqual(all.slice(0, 11), [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811])
  assert.ok(all.at(-1)! <= 3600)
  const { letters } = await queues.dead({ limit: 10 })
  assert.deepEqual(letters.map(({ error, attempts, diedAt, timestamp }) => [error, attempts, diedAt - timestamp]), [['throttled: full', 1, HOUR]])
})

test('an event older than allowed does not run any more, as after a long time without a host', async () => {
  const first = scripted([], { run: () => new Promise(() => {}) })
  await first.running.enqueue('f', request)
  await first.clock.advance(7 * HOUR)
  await first.queues.release('here', first.clock.now())
  const second = asyncHost({ queues: first.queues, clock: first.clock, run: () => well })
  await first.clock.advance(0)
  assert.equal(second.attempts.length, 0)
  assert.deepEqual((await first.queues.dead({ limit: 1 })).letters.map(({ error }) => error), ['it is 25200 s old and did not find a place to run'])
})

test('a host that ends in the middle leaves the event to the next, which counts the attempt', async () => {
  const { running, clock, queues } = scripted([], { run: () => new Promise(() => {}) })
  await running.enqueue('f', request)
  await clock.advance(0)
  await queues.release('here', clock.now())
  const second = asyncHost({ queues, clock, run: () => well })
  await clock.advance(0)
  assert.deepEqual(second.attempts.map(({ id }) => id), ['e1.2'])
  assert.deepEqual(await queues.depths(), [])
})

test('a function that is not served keeps its events until it is', async () => {
  let served = false
  const { running, attempts, clock, left } = scripted([], {
    run: () => (served ? well : { settlement: { outcome: 'skipped', delivered: false }, head: { type: 'failure', code: 'no_route', detail: 'gone' } }),
    target: () => (served ? patient : undefined),
  })
  await running.enqueue('f', request)
  await clock.advance(HOUR)
  served = true
  await clock.advance(300_000)
  assert.equal(attempts.at(-1)!.id, 'e1')
  assert.deepEqual(await left(), [])
})

test('no more of one function run at once than it has places, and none waits for another function', async () => {
  const waiting: (() => void)[] = []
  const { running, attempts, clock, left } = scripted([], {
    target: (name) => ({ ...patient, places: name === 'f' ? 2 : 1000 }),
    run: ({ function: name }) => (name === 'f' ? new Promise<Scripted>((resolve) => waiting.push(() => resolve(well))) : well),
  })
  for (let n = 0; n < 5; n++) await running.enqueue('f', request)
  await running.enqueue('g', request)
  await clock.advance(0)
  assert.deepEqual(attempts.map(({ id }) => id).toSorted(), ['e1', 'e2', 'e6'])
  while (waiting.length > 0) {
    assert.ok(waiting.length <= 2)
    for (const end of waiting.splice(0)) end()
    await clock.advance(0)
  }
  assert.deepEqual(attempts.map(({ id }) => id).toSorted(), ['e1', 'e2', 'e3', 'e4', 'e5', 'e6'])
  assert.deepEqual(await left(), [])
})

test('the record of an event that ran well goes to a queue, in the shape of Lambda, without secrets, in the trace of its run', async () => {
  const body = new TextEncoder().encode('{"done":true}')
  const { running, clock, taken, left } = scripted([{ settlement: { outcome: 'ok' }, head: { type: 'response', status: 201, statusText: '', headers: [], body } }], {
    target: () => ({ ...patient, onSuccess: { kind: 'queue', name: 'done' } }),
  })
  await running.enqueue('f', request)
  await clock.advance(0)
  const [message, ...none] = await taken('done')
  assert.deepEqual([none, message!.id, message!.contentType, message!.trace], [[], 'e1-success', 'json', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`])
  assert.deepEqual(message!.record, {
    version: '1.0',
    timestamp: '1970-01-01T00:16:40.000Z',
    requestContext: { requestId: 'e1', functionArn: 'f', condition: 'Success', approximateInvokeCount: 1 },
    requestPayload: { request: { method: 'POST', url: 'http://h/f', headers: [['authorization', '[redacted]'], ['x', '1']], body: '{"n":1}' } },
    responseContext: { statusCode: 201, executedVersion: 'r1' },
    responsePayload: { done: true },
  })
  assert.deepEqual(await left(), [['done', 1, 0]])
})

test('the record of an event that was given up goes to a function, as an event of its own; the letter stays', async () => {
  const { running, attempts, clock, left } = scripted([], {
    target: (name) => (name === 'f' ? { ...patient, retries: 0, onFailure: { kind: 'function', name: 'mourner' } } : patient),
    run: ({ function: name }) => (name === 'f' ? thrown : well),
  })
  await running.enqueue('f', request)
  await clock.advance(0)
  assert.deepEqual(attempts.map(({ id, function: name }) => [id, name]), [['e1', 'f'], ['e1-failure', 'mourner']])
  const { event, parent } = attempts[1]!.invocation
  assert.ok(event.type === 'fetch')
  assert.deepEqual([event.method, event.url, parent], ['POST', 'http://localhost/mourner', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`])
  const record = JSON.parse(new TextDecoder().decode(event.body as Uint8Array)) as DestinationRecord
  assert.deepEqual([record.requestContext.condition, record.responseContext, record.responsePayload], ['RetriesExhausted', { statusCode: 500, executedVersion: 'r1', functionError: 'Unhandled' }, { errorType: 'exception', errorMessage: 'exception: Error: no' }])
  assert.deepEqual(await left(), [['async:f', 0, 1]])
})

test('a function without a fetch handler gets the record as a batch of one', async () => {
  const { running, attempts, clock } = scripted([], {
    target: (name) => (name === 'f' ? { ...patient, onSuccess: { kind: 'function', name: 'counter' } } : { ...patient, handlers: ['queue'] }),
  })
  await running.enqueue('f', request)
  await clock.advance(0)
  const { event, trigger } = attempts[1]!.invocation
  assert.ok(event.type === 'queue')
  assert.deepEqual([trigger, event.queue, event.messages.length, event.messages[0]!.contentType], ['pubsub', 'function:f', 1, 'json'])
})

test('functions that hand on to each other end after sixteen', async () => {
  const { running, attempts, clock, queues } = scripted([], { target: () => ({ ...patient, onSuccess: { kind: 'function', name: 'f' } }) })
  await running.enqueue('f', request)
  await clock.advance(0)
  assert.equal(attempts.length, 17)
  const { letters } = await queues.dead({ limit: 10 })
  assert.deepEqual(letters.map(({ error }) => error), ['loop_detected: 16 functions handed this event on'])
})

test('a record that its destination does not take leaves the event in the dead letters, and says so', async () => {
  const { running, clock, queues } = scripted([], { room: 3, target: () => ({ ...patient, onSuccess: { kind: 'queue', name: 'small' } }) })
  for (let n = 0; n < 4; n++) await running.enqueue('f', request)
  await clock.advance(10_000)
  const { letters } = await queues.dead({ limit: 10 })
  assert.equal(letters.length, 1)
  assert.match(letters[0]!.error, /^it ran well, but its record was not delivered: queue:small: queue "small" holds 3 messages/)
})

test('a store that does not answer for a while loses nothing and repeats nothing', async () => {
  const queues = memoryQueues()
  let broken = 0
  const shaky = new Proxy(queues, {
    get: (of, name: keyof typeof queues) => (...args: never[]) => (broken > 0 && name !== 'send' && broken-- ? Promise.reject(new Error('disk')) : (of[name] as (...args: never[]) => unknown)(...args)),
  })
  const { running, attempts, clock, messages } = scripted([], { queues: shaky, run: () => well })
  await clock.advance(0)
  broken = 1
  await running.enqueue('f', request)
  await clock.advance(1_000)
  assert.equal(attempts.length, 1)
  broken = 3
  await running.enqueue('f', request)
  await clock.advance(10_000)
  assert.equal(attempts.length, 2)
  assert.ok(messages.length >= 2)
  assert.deepEqual(await queues.depths(), [])
})

test('what nobody may have written is put aside, not run', async () => {
  const { clock, queues, attempts, running } = scripted([])
  await queues.send('async:f', [{ id: 'x', contentType: 'json', body: new TextEncoder().encode('{"event":{}}'), dueAt: 0 }], { maxMessages: 10, now: clock.now() })
  running.wake('f')
  await clock.advance(0)
  assert.equal(attempts.length, 0)
  assert.match((await queues.dead({ limit: 1 })).letters[0]!.error, /^the event cannot be read: .*expected exactly one of request/)
})

test('a dead letter that is replayed is a new event with its own age and id', async () => {
  const { running, clock, queues, attempts, left } = scripted([thrown, thrown, well, thrown], { target: () => ({ ...patient, retries: 0 }) })
  const letters = createLetters({ queues, now: () => clock.now(), wake: (queue) => running.wake(queue.slice('async:'.length)) })
  await running.enqueue('f', request)
  await clock.advance(10 * HOUR)
  assert.equal(await letters.replay({ ids: ['e1'] }), 1)
  await clock.advance(0)
  assert.deepEqual(attempts.map(({ id }) => id), ['e1', 'e1-again'])
  assert.equal(await letters.replay({ all: true, function: 'f' }), 1)
  await clock.advance(0)
  assert.deepEqual(attempts.map(({ id }) => id), ['e1', 'e1-again', 'e1-again2'])
  assert.deepEqual(await left(), [])
  await assert.rejects(letters.replay({ ids: ['e1'] }), { code: 'not_found', message: 'there is no dead letter "e1"; GET /dead-letters lists them' })
  await running.enqueue('f', request)
  await clock.advance(0)
  const shown = await letters.show('e2')
  assert.deepEqual([shown.function, shown.error, shown.event], ['f', 'exception: Error: no', { request: { method: 'POST', url: 'http://h/f', headers: [['authorization', '[redacted]'], ['x', '1']], body: '{"n":1}' } }])
  const { letters: listed } = await letters.list({ function: 'f', limit: 10 })
  assert.deepEqual(listed.map(({ id, event }) => [id, event]), [['e2', undefined]])
  assert.equal(await letters.drop({ all: true, queue: 'other' }), 0)
  assert.equal(await letters.drop({ all: true }), 1)
  assert.deepEqual(await left(), [])
})

test('a host that stops begins nothing new and waits for what is under way', async () => {
  let end!: (ending: Scripted) => void
  const { running, attempts, clock, queues } = scripted([], { run: () => new Promise<Scripted>((resolve) => (end = resolve)) })
  await running.enqueue('f', request)
  await clock.advance(0)
  let over = false
  const stopped = running.stop().then(() => (over = true))
  await running.enqueue('f', request)
  await clock.advance(0)
  assert.deepEqual([attempts.length, over], [1, false])
  end({ settlement: { outcome: 'exited', detail: 'killed' } })
  await stopped
  const again = asyncHost({ queues, clock, run: () => well })
  await clock.advance(0)
  assert.deepEqual(again.attempts.map(({ id }) => id).toSorted(), ['e1.2', 'e2'], 'what its end cut off runs again at once')
  assert.deepEqual(await queues.depths(), [])
})
