import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Failure, Failures } from '../../src/ports/failures.ts'
import { handMovedClock, type HandMovedClock } from '../../src/runtimes/memory/clock.ts'

const NOW = Date.UTC(2026, 4, 1, 12)
const DAY = 86_400_000

/** A failure with nothing special about it. */
function failure(some: Partial<Failure> & { invocation: string }): Failure {
  return {
    function: 'hello', revision: 'r1', trigger: 'http', outcome: 'exception', detail: 'Error: no', at: NOW, event: '{"request":{}}', redacted: [], whole: true, ...some,
  }
}

/** Holds every memory of failures to the same rules. */
export function failuresSuite(name: string, make: (t: TestContext, clock: HandMovedClock) => Promise<Failures>): void {
  const open = async (t: TestContext) => {
    const clock = handMovedClock(NOW)
    return { clock, failures: await make(t, clock) }
  }
  const ids = async (failures: Failures, query: { function?: string } = {}) => {
    return (await failures.list({ limit: 1_000, ...query })).failures.map(({ invocation }) => invocation)
  }

  describe(name, () => {
    test('what is kept is found by its id, as it was', async (t) => {
      const { failures } = await open(t)
      const kept = failure({ invocation: 'a', revision: null, trigger: 'pubsub', outcome: 'init_failed', detail: 'wörter\n"', redacted: ['authorization', 'cookie'], whole: false, event: '{"q":"[1,\\u0000]"}' })
      failures.keep(() => kept)
      failures.keep(() => failure({ invocation: 'b' }))
      assert.deepEqual(await failures.get('a'), kept)
      assert.equal(await failures.get('c'), undefined)
    })

    test('they are listed newest first, by function and page by page, without their events', async (t) => {
      const { failures } = await open(t)
      for (const invocation of ['a', 'b', 'c', 'd']) failures.keep(() => failure({ invocation, function: invocation === 'b' ? 'other' : 'hello' }))
      const first = await failures.list({ limit: 2 })
      assert.deepEqual(first.failures.map(({ invocation }) => invocation), ['d', 'c'])
      assert.ok(!('event' in first.failures[0]!))
      const { event: _event, ...head } = failure({ invocation: 'd' })
      assert.deepEqual(first.failures[0], head)
      const rest = await failures.list({ limit: 2, cursor: first.next! })
      assert.deepEqual([rest.failures.map(({ invocation }) => invocation), rest.next], [['b', 'a'], null])
      assert.deepEqual(await ids(failures, { function: 'other' }), ['b'])
    })

    test('the last thousand are remembered, however many come at once', async (t) => {
      const { failures } = await open(t)
      for (let n = 0; n < 2_500; n++) failures.keep(() => failure({ invocation: `i${n}` }))
      const found = await ids(failures)
      assert.deepEqual([found.length, found[0], found.at(-1)], [1_000, 'i2499', 'i1500'])
      failures.keep(() => failure({ invocation: 'last' }))
      assert.deepEqual((await ids(failures)).slice(0, 2), ['last', 'i2499'])
      assert.equal(await failures.get('i1500'), undefined)
    })

    test('they take at most 64 MiB', async (t) => {
      const { failures } = await open(t)
      const event = JSON.stringify('x'.repeat(3 * 1024 * 1024))
      for (let n = 0; n < 24; n++) {
        failures.keep(() => failure({ invocation: `i${n}`, event }))
        await failures.get('nothing')
      }
      const found = await ids(failures)
      assert.deepEqual([found.length, found[0], found.at(-1)], [21, 'i23', 'i3'])
    })

    test('after seven days they are forgotten', async (t) => {
      const { failures, clock } = await open(t)
      failures.keep(() => failure({ invocation: 'old' }))
      await failures.get('old')
      await clock.advance(6 * DAY)
      failures.keep(() => failure({ invocation: 'new', at: clock.now() }))
      assert.deepEqual(await ids(failures), ['new', 'old'])
      await clock.advance(DAY + 1)
      assert.deepEqual(await ids(failures), ['new'])
      assert.equal(await failures.get('old'), undefined)
    })
  })
}
