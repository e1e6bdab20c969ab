import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { NewMessage, Queues } from '../../src/ports/queues.ts'

const all = { limit: 100, until: 10_000, host: 'a' }
const room = (now = 0) => ({ maxMessages: 1_000, now })

function message(id: string, more: Partial<NewMessage> = {}): NewMessage {
  return { id, contentType: 'text', body: new TextEncoder().encode(`body of ${id}`), dueAt: 0, ...more }
}

/** The rules every keeper of queues obeys. */
export function queuesSuite(name: string, open: (t: TestContext) => Promise<Queues>): void {
  const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id)

  test(`${name}: a message comes out as it went in, and is nobody else's while it is leased`, async (t) => {
    const queues = await open(t)
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    // A view into a larger piece of memory: the rest of it is not the message's.
    const body = new Uint8Array(1_000).fill(7)
    body.set(bytes, 100)
    await queues.send('q', [message('m', { contentType: 'bytes', body: body.subarray(100, 356), trace: '00-1-2-01' })], room(5))
    assert.deepEqual(await queues.lease('q', { ...all, now: 5 }), [{ id: 'm', timestamp: 5, contentType: 'bytes', body: bytes, attempts: 1, trace: '00-1-2-01' }])
    assert.deepEqual(await queues.lease('q', { ...all, now: 6, host: 'b' }), [])
    await queues.settle('q', [{ id: 'm', kind: 'ack' }], { host: 'a', now: 7 })
    assert.deepEqual(await queues.lease('q', { ...all, now: 99_999 }), [])
    assert.deepEqual(await queues.depths(), [])
  })

  test(`${name}: what is due first comes first, then what was sent first; what is not due does not come`, async (t) => {
    const queues = await open(t)
    await queues.send('q', [message('late', { dueAt: 30 }), message('second', { dueAt: 20 }), message('never', { dueAt: 500 })], room(0))
    await queues.send('q', [message('third', { dueAt: 20 }), message('first', { dueAt: 10 })], room(1))
    assert.deepEqual(await queues.waiting('q', { limit: 10, now: 0 }), { due: 0, since: null, next: 10, messages: 5, bytes: 65 })
    assert.deepEqual(await queues.waiting('q', { limit: 2, now: 30 }), { due: 2, since: 10, next: 500, messages: 5, bytes: 65 })
    assert.deepEqual(ids(await queues.lease('q', { ...all, limit: 3, now: 30 })), ['first', 'second', 'third'])
    assert.deepEqual(ids(await queues.lease('q', { ...all, now: 30 })), ['late'])
    assert.equal(await queues.nextDue('q'), 500)
    assert.equal(await queues.nextDue('other'), null)
  })

  test(`${name}: of many that lease at once, each gets its own`, async (t) => {
    const queues = await open(t)
    await queues.send('q', Array.from({ length: 30 }, (_, i) => message(`m${i}`)), room())
    const leases = await Promise.all(['a', 'b', 'c', 'd'].map((host) => queues.lease('q', { ...all, limit: 10, now: 0, host })))
    assert.equal(new Set(leases.flatMap(ids)).size, 30)
    assert.deepEqual(leases.map(({ length }) => length).toSorted((a, b) => a - b), [0, 10, 10, 10])
  })

  test(`${name}: a lease that runs out hands the message out again, counted; the former holder has no more say`, async (t) => {
    const queues = await open(t)
    await queues.send('q', [message('m')], room())
    await queues.lease('q', { ...all, now: 0, until: 100 })
    assert.equal(await queues.nextDue('q'), 100)
    assert.deepEqual(await queues.lease('q', { ...all, now: 99, host: 'b' }), [])
    assert.deepEqual((await queues.lease('q', { ...all, now: 100, until: 200, host: 'b' })).map(({ attempts }) => attempts), [2])
    await queues.settle('q', [{ id: 'm', kind: 'ack' }], { host: 'a', now: 101 })
    assert.equal((await queues.depths())[0]?.messages, 1)
    await queues.settle('q', [{ id: 'm', kind: 'ack' }], { host: 'b', now: 102 })
    assert.deepEqual(await queues.depths(), [])
  })

  test(`${name}: what is to be tried again comes when it is due, counted unless it was no delivery`, async (t) => {
    const queues = await open(t)
    await queues.send('q', [message('m')], room())
    await queues.lease('q', { ...all, now: 0 })
    await queues.settle('q', [{ id: 'm', kind: 'retry', dueAt: 50.5, error: 'exception' }], { host: 'a', now: 1 })
    assert.deepEqual(await queues.lease('q', { ...all, now: 49 }), [])
    assert.equal((await queues.lease('q', { ...all, now: 51 }))[0]?.attempts, 2)
    await queues.settle('q', [{ id: 'm', kind: 'retry', dueAt: 60, uncounted: true }], { host: 'a', now: 52 })
    assert.equal((await queues.lease('q', { ...all, now: 60 }))[0]?.attempts, 2)
  })

  test(`${name}: a host's leases are given back, and no other's`, async (t) => {
    const queues = await open(t)
    await queues.send('q', [message('m'), message('n')], room())
    await queues.lease('q', { ...all, limit: 1, now: 0, host: 'a' })
    await queues.lease('q', { ...all, limit: 1, now: 0, host: 'b' })
    await queues.release('a', 10)
    const again = await queues.lease('q', { ...all, now: 10, host: 'c' })
    assert.deepEqual(again.map(({ id, attempts }) => [id, attempts]), [['m', 2]])
  })

  test(`${name}: what would be more than a queue may hold is refused whole, and what is there stays`, async (t) => {
    const queues = await open(t)
    await queues.send('q', [message('1'), message('2')], { maxMessages: 3, now: 0 })
    await assert.rejects(queues.send('q', [message('3'), message('4')], { maxMessages: 3, now: 0 }), { code: 'queue_full', message: /"q" holds 2 .*at most 3/ })
    await queues.send('q', [message('5')], { maxMessages: 3, now: 0 })
    assert.deepEqual(await queues.send('other', [message('6')], { maxMessages: 3, now: 0 }), { messages: 1, bytes: 9 })
    assert.deepEqual(await queues.send('other', [], { maxMessages: 1, now: 0 }), { messages: 1, bytes: 9 })
    await queues.lease('q', { ...all, now: 0 })
    await assert.rejects(queues.send('q', [message('7')], { maxMessages: 3, now: 0 }), { code: 'queue_full' })
    await queues.settle('q', [{ id: '1', kind: 'ack' }], { host: 'a', now: 0 })
    await queues.send('q', [message('8')], { maxMessages: 3, now: 0 })
    assert.equal((await queues.depths()).find(({ queue }) => queue === 'q')?.messages, 3)
  })

  test(`${name}: one id twice is one message`, async (t) => {
    const queues = await open(t)
    await queues.send('q', [message('m'), message('m')], room())
    await queues.send('q', [message('m', { body: new Uint8Array() })], room())
    assert.deepEqual((await queues.lease('q', { ...all, now: 0 })).map(({ body }) => new TextDecoder().decode(body)), ['body of m'])
  })

  test(`${name}: a dead message goes to the queue that is named, as a new one, or to the dead letters`, async (t) => {
    const queues = await open(t)
    await queues.send('q', [message('m'), message('n')], room(1))
    await queues.lease('q', { ...all, now: 1 })
    await queues.settle('q', [{ id: 'm', kind: 'dead', to: 'dlq', error: 'x' }, { id: 'n', kind: 'dead', error: 'exception: no' }], { host: 'a', now: 9 })
    assert.deepEqual(await queues.lease('q', { ...all, now: 99_999 }), [])
    const [moved] = await queues.lease('dlq', { ...all, now: 9 })
    assert.deepEqual([moved?.id, moved?.attempts, moved?.timestamp], ['m', 1, 9])
    const { letters, next } = await queues.dead({ limit: 10 })
    assert.deepEqual(letters, [{
      id: 'n', queue: 'q', timestamp: 1, contentType: 'text', body: new TextEncoder().encode('body of n'), attempts: 1, error: 'exception: no', diedAt: 9,
    }])
    assert.equal(next, null)
  })

  test(`${name}: dead letters are listed newest first, page by page, replayed with no attempts behind them, and dropped`, async (t) => {
    const queues = await open(t)
    for (const id of ['1', '2', '3', '4', '5']) {
      await queues.send('q', [message(id)], room())
      await queues.lease('q', { ...all, now: 0 })
      await queues.settle('q', [{ id, kind: 'dead', error: id }], { host: 'a', now: Number(id) })
    }
    const first = await queues.dead({ queue: 'q', limit: 3 })
    assert.deepEqual(ids(first.letters), ['5', '4', '3'])
    const second = await queues.dead({ queue: 'q', limit: 3, cursor: first.next! })
    assert.deepEqual([ids(second.letters), second.next], [['2', '1'], null])
    assert.deepEqual(ids((await queues.dead({ id: '4', limit: 3 })).letters), ['4'])
    assert.deepEqual((await queues.dead({ queue: 'none', limit: 3 })).letters, [])
    assert.equal(await queues.replay(['2', '4', 'unknown'], 20), 2)
    assert.equal(await queues.drop(['1', 'unknown']), 1)
    assert.deepEqual((await queues.lease('q', { ...all, now: 20 })).map(({ id, attempts }) => [id, attempts]), [['2', 1], ['4', 1]])
    assert.deepEqual(ids((await queues.dead({ limit: 10 })).letters), ['5', '3'])
  })

  test(`${name}: depth tells how many there are, how old, how many are out and how many are dead`, async (t) => {
    const queues = await open(t)
    await queues.send('b', [message('1'), message('2')], room(100))
    await queues.send('b', [message('3', { dueAt: 5_000 })], room(200))
    await queues.send('a', [message('4')], room(300))
    await queues.lease('b', { ...all, limit: 1, now: 300 })
    await queues.lease('a', { ...all, now: 300 })
    await queues.settle('a', [{ id: '4', kind: 'dead', error: 'x' }], { host: 'a', now: 300 })
    assert.deepEqual(await queues.depths(), [
      { queue: 'a', messages: 0, bytes: 0, leased: 0, dead: 1, oldest: null },
      { queue: 'b', messages: 3, bytes: 27, leased: 1, dead: 0, oldest: 100 },
    ])
    assert.deepEqual((await queues.depths('b')).map(({ queue }) => queue), ['b'])
    assert.deepEqual(await queues.depths('none'), [])
  })
}
