import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createGate, type GatedCall } from '../../src/host/deploy/gate.ts'
import type { Gate } from '../../src/ports/deployments.ts'

const call = (about: Partial<GatedCall> = {}): GatedCall => ({ failed: false, runMs: 10, costPico: 100, ...about })
const times = (count: number, about?: (i: number) => Partial<GatedCall>) => Array.from({ length: count }, (_, i) => call(about?.(i)))

/** Notes the other revision's calls first, then those on trial; the verdicts of the latter. */
function judge(gate: Gate, trial: GatedCall[], other: GatedCall[]) {
  const running = createGate(gate)
  for (const one of other) assert.equal(running.note('other', one).kind, 'waiting')
  return { verdicts: trial.map((one) => running.note('trial', one)), running }
}
const last = ({ verdicts }: ReturnType<typeof judge>) => verdicts.at(-1)!

void describe('a gate', () => {
  test('waits for the calls of the revision on trial and a tenth as many of the other, then judges', () => {
    const gate = { calls: 20, errorRate: 0 }
    const { verdicts } = judge(gate, times(20), times(5))
    assert.deepEqual(verdicts.map(({ kind }) => kind), [...Array<string>(19).fill('waiting'), 'passed'])
    const { running } = judge(gate, times(25), times(1))
    assert.deepEqual(running.progress(), { state: 'waiting', calls: 25, otherCalls: 1 })
    assert.deepEqual([running.note('other', call()).kind, running.progress().state], ['passed', 'passed'])
  })

  test('that was passed stays so, whatever comes', () => {
    const { running } = judge({ calls: 5, errorRate: 0 }, times(5), times(5))
    for (let i = 0; i < 50; i++) assert.equal(running.note('trial', call({ failed: true })).kind, 'waiting')
    assert.equal(running.progress().state, 'passed')
  })

  test('allows as many more failures as it says, and no more', () => {
    const failing = (count: number) => times(100, (i) => ({ failed: i < count }))
    assert.equal(last(judge({ calls: 100, errorRate: 0.1 }, failing(40), failing(30))).kind, 'passed')
    const verdict = last(judge({ calls: 100, errorRate: 0.1 }, failing(41), failing(30)))
    assert.deepEqual(verdict, { kind: 'failed', why: "gate: 41.0 % of its calls failed, 30.0 % of the other's, over 100 calls against 100; allowed: 10.0 % more" })
    assert.equal(last(judge({ calls: 100, errorRate: 0 }, failing(3), failing(9))).kind, 'passed')
  })

  test('compares the 99th percentile by nearest rank: one slow call in a hundred is none, two are', () => {
    const slow = (count: number) => times(100, (i) => ({ runMs: i < count ? 1000 : 10 }))
    assert.equal(last(judge({ calls: 100, p99: 1 }, slow(1), times(10))).kind, 'passed')
    assert.match((last(judge({ calls: 100, p99: 2 }, slow(2), times(10))) as { why: string }).why, /p99 of run time 1000\.0 ms, the other's 10\.0 ms/)
    assert.equal(last(judge({ calls: 100, p99: 2 }, times(100, () => ({ runMs: 20 })), times(10))).kind, 'passed')
  })

  test('compares what a call costs on the average', () => {
    const costing = (costPico: number) => times(10, () => ({ costPico }))
    assert.equal(last(judge({ calls: 10, cost: 1.5 }, costing(150), costing(100))).kind, 'passed')
    assert.match((last(judge({ calls: 10, cost: 1.5 }, costing(151_000_000), costing(100_000_000))) as { why: string }).why, /\$0\.000151000 per call, the other's \$0\.000100000/)
  })

  test('never passes a revision that cannot be started, whatever it compares', () => {
    const dead = times(10, () => ({ failed: true, runMs: undefined, costPico: 0 }))
    assert.match((last(judge({ calls: 10, p99: 2 }, dead, times(10))) as { why: string }).why, /none of its calls could be started/)
    assert.match((last(judge({ calls: 10, cost: 2 }, dead, times(10))) as { why: string }).why, /none of its calls could be started/)
  })
})
