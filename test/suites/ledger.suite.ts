import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Ledger, LedgerEntry } from '../../src/ports/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const start = Date.UTC(2026, 4, 1, 12)

/** A record that costs something; the same every time but for `differing`. */
export function entry(differing: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id: 'a1b2', function: 'hello', revision: 'r1', host: 'h', trigger: 'http', outcome: 'ok', status: 200, at: start, queueMs: 0.125,
    initMs: 3.5, runMs: 1.25, billedMs: 5, cpuMs: 0.75, memoryMib: 128, maxMemoryBytes: 40_000_000, cold: true, costPico: 210_417,
    traceId: '0af7651916cd43dd8448eb211c80319c', ...differing,
  }
}

/** The rules every ledger keeps. */
export function ledgerSuite(name: string, open: (t: TestContext) => Promise<Ledger>): void {
  test(`${name}: a record comes back as it was given`, async (t) => {
    const ledger = await open(t)
    const whole = entry()
    const bare = entry({ id: 'c3', revision: null, status: null, traceId: null, cold: false, outcome: 'init_failed', trigger: 'timer', billedMs: 0, costPico: 0 })
    ledger.record(whole)
    ledger.record(bare)
    assert.deepEqual(await ledger.records({ limit: 10 }), { entries: [bare, whole], next: null })
  })

  test(`${name}: records come newest first, by page, and filtered`, async (t) => {
    const ledger = await open(t)
    for (let i = 0; i < 7; i++) ledger.record(entry({ id: `i${i}`, function: i % 2 ? 'odd' : 'even', outcome: i === 3 ? 'timeout' : 'ok' }))
    const first = await ledger.records({ limit: 3 })
    assert.deepEqual(first.entries.map(({ id }) => id), ['i6', 'i5', 'i4'])
    const second = await ledger.records({ limit: 4, cursor: first.next! })
    assert.deepEqual(second.entries.map(({ id }) => id), ['i3', 'i2', 'i1', 'i0'])
    assert.equal(second.next, null)
    assert.deepEqual((await ledger.records({ limit: 9, function: 'odd' })).entries.map(({ id }) => id), ['i5', 'i3', 'i1'])
    assert.deepEqual((await ledger.records({ limit: 9, outcome: 'timeout' })).entries.map(({ id }) => id), ['i3'])
    assert.deepEqual((await ledger.records({ limit: 9, function: 'even', outcome: 'timeout' })).entries, [])
  })

  test(`${name}: sums are the sums of the records, split as asked`, async (t) => {
    const ledger = await open(t)
    ledger.record(entry({ id: '1' }))
    ledger.record(entry({ id: '2', at: start + HOUR, outcome: 'exception', maxMemoryBytes: 50_000_000 }))
    ledger.record(entry({ id: '3', at: start + 24 * HOUR, function: 'other', memoryMib: 512, outcome: 'canceled' }))
    ledger.record(entry({ id: '4', revision: null, outcome: 'init_failed', billedMs: 0, initMs: 0, runMs: 0, cpuMs: 0, costPico: 0 }))
    const [all] = await ledger.usage({ by: [] })
    assert.deepEqual(all, {
      keys: {}, invocations: 4, delivered: 3, errors: 2, throttled: 0, overloaded: 0, skipped: 0, billedMs: 15, mibMs: 5 * (128 + 128 + 512),
      initMs: 10.5, runMs: 3.75, cpuMs: 2.25, unbilledInitMs: 0, maxMemoryBytes: 50_000_000, costPico: 3n * 210_417n,
    })
    const keys = async (by: ('function' | 'memory' | 'hour' | 'day')[]) => (await ledger.usage({ by })).map((usage) => [...by.map((key) => usage.keys[key]), usage.invocations])
    assert.deepEqual(await keys(['function']), [['hello', 3], ['other', 1]])
    assert.deepEqual(await keys(['function', 'memory']), [['hello', '128', 3], ['other', '512', 1]])
    assert.deepEqual(await keys(['day']), [['2026-05-01', 3], ['2026-05-02', 1]])
    assert.deepEqual(await keys(['hour']), [['2026-05-01T12:00:00.000Z', 2], ['2026-05-01T13:00:00.000Z', 1], ['2026-05-02T12:00:00.000Z', 1]])
  })

  test(`${name}: a span of time includes its first minute and not its last`, async (t) => {
    const ledger = await open(t)
    for (const minute of [0, 1, 2, 3]) ledger.record(entry({ id: `${minute}`, at: start + minute * MINUTE + 59_999 }))
    const count = async (from: number, to: number) => (await ledger.usage({ from, to, by: [] }))[0]?.invocations ?? 0
    assert.equal(await count(start + MINUTE, start + 3 * MINUTE), 2)
    assert.equal(await count(start + MINUTE + 30_000, start + 3 * MINUTE + 30_000), 2)
    assert.equal(await count(start + 5 * MINUTE, start + 6 * MINUTE), 0)
  })

  test(`${name}: refusals, skips and unbilled loads are counted without records`, async (t) => {
    const ledger = await open(t)
    for (const what of ['throttled', 'throttled', 'overloaded', 'skipped'] as const) ledger.count(what, 'hello', 128, start)
    ledger.unbilledInit('hello', 128, 12.5, start)
    ledger.unbilledInit('hello', 128, 2.25, start + 5)
    assert.deepEqual((await ledger.records({ limit: 10 })).entries, [])
    const [usage] = await ledger.usage({ function: 'hello', by: ['function'] })
    assert.deepEqual(
      { throttled: usage?.throttled, overloaded: usage?.overloaded, skipped: usage?.skipped, unbilledInitMs: usage?.unbilledInitMs, invocations: usage?.invocations },
      { throttled: 2, overloaded: 1, skipped: 1, unbilledInitMs: 14.75, invocations: 0 },
    )
  })

  test(`${name}: who was never recorded has no sums`, async (t) => {
    const ledger = await open(t)
    ledger.record(entry())
    assert.deepEqual(await ledger.usage({ function: 'nobody', by: [] }), [])
    assert.deepEqual(await ledger.usage({ function: 'nobody', by: ['function'] }), [])
  })
}
