import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createInvocations, type Handlers } from '../../src/runtimes/node/child/invocations.ts'
import { Flag, Kind } from '../../src/runtimes/node/wire/messages.ts'

/** An instance's inside, with a wire that keeps what is said on it; timers are moved by hand. */
function setUp(handlers: Handlers) {
  const frames: { kind: number; flags: number; slot: number; head: string }[] = []
  const logged: string[] = []
  const wire = { send: (kind: number, flags: number, slot: number, head: string) => void frames.push({ kind, flags, slot, head }), flush() {} }
  const invocations = createInvocations(wire, handlers, {}, (level, text) => logged.push(`${level}: ${text}`))
  const call = (slot: number) => invocations.invoke(slot, 0, JSON.stringify({ i: `call-${slot}`, m: 'GET', u: 'http://host/f', h: [] }), new Uint8Array())
  const settled = (slot: number) => frames.filter((frame) => frame.slot === slot && (frame.flags & Flag.settled) !== 0)
  return { invocations, frames, logged, call, settled }
}
type Waits = { waitUntil(work: Promise<unknown>): void }
/** Lets promises go on; timers stand still meanwhile. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('waitUntil goes on for 30 s after the response; then the call is settled without it, and the log tells', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const { invocations, frames, logged, call, settled } = setUp({
    fetch: (_request, _env, ctx) => {
      ;(ctx as Waits).waitUntil(new Promise(() => {}))
      ;(ctx as Waits).waitUntil(Promise.resolve())
      return new Response('answered')
    },
  })
  call(0)
  await turn()
  assert.deepEqual(frames.map(({ kind, flags }) => [kind, flags]), [[Kind.head, Flag.whole]], 'the caller has its answer; the call goes on')
  mock.timers.tick(29_999)
  await turn()
  assert.deepEqual([settled(0).length, invocations.count], [0, 1])
  mock.timers.tick(1)
  await turn()
  assert.deepEqual([settled(0).map(({ kind }) => kind), invocations.count], [[Kind.settled], 0])
  assert.equal((JSON.parse(settled(0)[0]!.head) as { o?: string }).o, undefined, 'the answer was whole: the outcome is ok')
  assert.deepEqual(logged, ['warn: waitUntil: 1 promises not settled 30 s after the response; given up'])
})

test('the 30 s begin with the response, and end early when the work does', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const work = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<Response>()
  const { call, settled, logged } = setUp({
    fetch: (_request, _env, ctx) => {
      ;(ctx as Waits).waitUntil(work.promise)
      return answer.promise
    },
  })
  call(0)
  mock.timers.tick(60_000)
  await turn()
  assert.equal(settled(0).length, 0)
  answer.resolve(new Response('late'))
  await turn()
  mock.timers.tick(29_000)
  work.resolve()
  await turn()
  assert.equal(settled(0).length, 1)
  mock.timers.tick(60_000)
  await turn()
  assert.deepEqual([settled(0).length, logged], [1, []], 'settled once')
})

test('waitUntil behind a caller that left has the same 30 s, and the call is settled as canceled', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const { invocations, call, settled } = setUp({
    fetch: (request, _env, ctx) => {
      ;(ctx as Waits).waitUntil(new Promise(() => {}))
      return new Promise((resolve) => (request as Request).signal.addEventListener('abort', () => resolve(new Response('nobody reads this'))))
    },
  })
  call(0)
  await turn()
  invocations.abort(0, 'canceled')
  await turn()
  assert.equal(settled(0).length, 0)
  mock.timers.tick(30_000)
  await turn()
  assert.deepEqual(settled(0).map(({ head }) => (JSON.parse(head) as { o?: string }).o), ['canceled'])
})

test('a rejection in waitUntil is logged and changes nothing of the answer', async () => {
  const { frames, logged, call, settled } = setUp({
    fetch: (_request, _env, ctx) => {
      ;(ctx as Waits).waitUntil(Promise.reject(new Error('behind the answer')))
      return new Response('answered')
    },
  })
  call(0)
  await turn()
  assert.equal(settled(0).length, 1)
  assert.ok(frames.every(({ kind }) => kind !== Kind.failed))
  assert.match(logged.join('\n'), /^error: waitUntil: Error: behind the answer/)
})
