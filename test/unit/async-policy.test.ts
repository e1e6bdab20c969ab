import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endingOf, judge, type Ending } from '../../src/ingress/async/policy.ts'
import type { Head, Settlement } from '../../src/contract/invocation.ts'

const HOUR = 3_600_000
const patience = { retries: 2, maxAgeMs: 6 * HOUR }
const failed: Ending = { kind: 'failed', error: 'exception: Error: no' }
const refused: Ending = { kind: 'refused', error: 'throttled: full' }
const settlement = (outcome: Settlement['outcome']): Settlement => ({
  outcome, delivered: true, cold: false, queueMs: 0, initMs: 0, runMs: 1, cpuMs: 0, maxMemoryBytes: 0,
})

test('a function that fails gets the event again after one minute, after two more, and then no more', () => {
  assert.deepEqual(judge(failed, { attempts: 1, sentAt: 0, now: 500 }, patience), { kind: 'again', dueAt: 60_500, error: failed.error, uncounted: false })
  assert.deepEqual(judge(failed, { attempts: 2, sentAt: 0, now: 61_000 }, patience), { kind: 'again', dueAt: 181_000, error: failed.error, uncounted: false })
  assert.deepEqual(judge(failed, { attempts: 3, sentAt: 0, now: 182_000 }, patience), { kind: 'given_up', condition: 'RetriesExhausted', error: failed.error })
})

test('fewer retries are as many as the config says', () => {
  assert.equal(judge(failed, { attempts: 1, sentAt: 0, now: 0 }, { ...patience, retries: 0 }).kind, 'given_up')
  assert.equal(judge(failed, { attempts: 1, sentAt: 0, now: 0 }, { ...patience, retries: 1 }).kind, 'again')
  assert.equal(judge(failed, { attempts: 2, sentAt: 0, now: 0 }, { ...patience, retries: 1 }).kind, 'given_up')
})

test('a retry that would come too late is none', () => {
  assert.deepEqual(judge(failed, { attempts: 1, sentAt: 0, now: 1_000 }, { retries: 2, maxAgeMs: 60_000 }), { kind: 'given_up', condition: 'EventAgeExceeded', error: failed.error })
})

test('what finds no room comes back after 1 s, doubling to 5 min, and is given up when it is too old', () => {
  const pauses: number[] = []
  for (let now = 0; ;) {
    const judged = judge(refused, { attempts: 1, sentAt: 0, now }, patience)
    if (judged.kind !== 'again') {
      assert.deepEqual(judged, { kind: 'given_up', condition: 'EventAgeExceeded', error: refused.error })
      assert.equal(now, 6 * HOUR)
      break
    }
    assert.equal(judged.uncounted, true)
    pauses.push((judged.dueAt - now) / 1000)
    now = judged.dueAt
  }
  assert.deepEqual(pauses.slice(0, 11), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  assert.ok(pauses.slice(9, -1).every((pause) => pause === 300))
  assert.ok(pauses.at(-1)! <= 300)
})

test('after a failure the pauses of a full function begin anew', () => {
  assert.deepEqual(judge(refused, { attempts: 2, sentAt: 0, now: 60_000 }, patience), { kind: 'again', dueAt: 61_000, error: refused.error, uncounted: true })
  assert.deepEqual(judge(refused, { attempts: 3, sentAt: 0, now: 181_000 }, patience), { kind: 'again', dueAt: 183_000, error: refused.error, uncounted: true })
})

test('a function fails by its outcome, by an answer of 500 and above, and by asking for messages again', () => {
  const tick = { type: 'tick', noRetry: false } as const
  const answer = (status: number) => ({ type: 'response' as const, status, statusText: '', headers: [], body: null }) satisfies Head
  for (const outcome of ['exception', 'timeout', 'cpu_exceeded', 'memory_exceeded', 'exited', 'init_failed'] as const) {
    assert.deepEqual(endingOf(tick, { ...settlement(outcome), detail: 'why' }), { kind: 'failed', error: `${outcome}: why` })
  }
  for (const outcome of ['throttled', 'overloaded', 'skipped'] as const) {
    const head = { type: 'failure', code: 'throttled', detail: 'full' } as const
    assert.deepEqual(endingOf(head, settlement(outcome)), { kind: 'refused', error: 'throttled: full' })
  }
  assert.equal(endingOf(tick, settlement('ok')).kind, 'ok')
  assert.equal(endingOf(answer(499), settlement('ok')).kind, 'ok')
  assert.deepEqual(endingOf(answer(500), settlement('ok')), { kind: 'failed', error: 'answered 500' })
  assert.equal(endingOf({ type: 'batch', acks: ['a'], retries: [] }, settlement('ok')).kind, 'ok')
  assert.equal(endingOf({ type: 'batch', acks: [], retries: [{ id: 'a' }] }, settlement('ok')).kind, 'failed')
  assert.equal(endingOf({ type: 'batch', acks: [], retries: [], rest: { kind: 'retry' } }, settlement('ok')).kind, 'failed')
})
