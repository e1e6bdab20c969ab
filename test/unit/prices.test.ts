import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedMs } from '../../src/metering/billed-duration.ts'
import { plans } from '../../src/metering/plans.ts'
import { callCost, findPrices, planNames, priceTables } from '../../src/metering/prices.ts'

const x86 = priceTables['aws-x86']

/** The same price in exact whole numbers. */
function exact(memoryMib: number, billed: number, gibSecondPico: number): number {
  const product = BigInt(memoryMib) * BigInt(billed) * BigInt(gibSecondPico)
  return Number((product * 2n + 1_024_000n) / 2_048_000n)
}

test('every table has a day, a source and whole prices, and its plan begins with the same prices', () => {
  for (const name of planNames) {
    const table = priceTables[name]
    assert.match(table.since, /^\d{4}-\d\d-\d\d$/)
    assert.match(table.source, /^https:\/\//)
    assert.equal(table.name, name)
    const first = Object.fromEntries(plans[name].meters.map(({ item, tiers }) => [item, tiers[0]?.unitPico]))
    assert.equal(first['requests'], BigInt(table.requestPico))
    assert.equal(first['duration'] ?? 0n, BigInt(table.gibSecondPico))
    // A millisecond of CPU is a thousand microseconds.
    assert.equal(first['cpu'] ?? 0n, BigInt(table.cpuMicrosecondPico) * 1000n)
  }
})

test('an unknown table is refused with the names there are', () => {
  assert.equal(findPrices('aws-arm').gibSecondPico, 13_333_400)
  for (const name of ['', 'aws', 'AWS-X86', 'toString', '__proto__']) {
    assert.throws(() => findPrices(name), { code: 'bad_option', message: `--prices: expected one of aws-x86, aws-arm, cloudflare-paid, found "${name}"` })
  }
})

test('billed time of recorded Lambda reports: the ceiling of the sum, not the sum of ceilings', () => {
  assert.equal(billedMs(1307.68, 1058.15), 2366)
  assert.equal(billedMs(1258.24, 1002.25), 2261)
  assert.equal(billedMs(395.99, 265.72), 662)
  // Before the load was billed: Duration 3.01, Billed 4, Init 110.10.
  assert.equal(billedMs(3.01, 0), 4)
})

test('a call costs its request and its GiB-seconds', () => {
  // 128 MiB for 4 ms: 0.0005 GiB-s × $0.0000166667.
  assert.equal(callCost(x86, { memoryMib: 128, billedMs: 4, cpuMs: 3 }), 200_000 + 8333)
  assert.equal(callCost(x86, { memoryMib: 1024, billedMs: 1000, cpuMs: 0 }), 200_000 + 16_666_700)
  assert.equal(callCost(x86, { memoryMib: 1024, billedMs: 0, cpuMs: 0 }), 200_000)
})

test('under a plan for CPU a call costs its request and its CPU, whatever its size and duration', () => {
  const paid = priceTables['cloudflare-paid']
  assert.equal(callCost(paid, { memoryMib: 128, billedMs: 9000, cpuMs: 7 }), 300_000 + 7 * 20_000)
  assert.equal(callCost(paid, { memoryMib: 10_240, billedMs: 1, cpuMs: 0.0015 }), 300_000 + 2 * 20)
})

test('money is exact to the picodollar at every size and duration', () => {
  const sizes = [64, 127, 128, 129, 1000, 1769, 3008, 10_239, 10_240]
  const durations = [0, 1, 2, 3, 999, 1000, 1001, 29_999, 899_999, 911_000, 930_001]
  for (const memoryMib of sizes) {
    for (const billed of durations) {
      assert.equal(callCost(x86, { memoryMib, billedMs: billed, cpuMs: 0 }), 200_000 + exact(memoryMib, billed, x86.gibSecondPico), `${memoryMib} MiB, ${billed} ms`)
    }
  }
})
