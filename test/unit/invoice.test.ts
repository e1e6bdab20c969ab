import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listPrice, makeInvoice, type Quantities } from '../../src/metering/invoice.ts'
import { plans } from '../../src/metering/plans.ts'
import { planNames } from '../../src/metering/prices.ts'
import { asMeasured, atSize, FULL_CPU_MIB, priceAsConfigured, priceAtSize, type Measured } from '../../src/metering/resize.ts'

const MILLION = 1_000_000n
const x86 = plans['aws-x86']
const cloudflare = plans['cloudflare-paid']
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1e9)

const requests = (count: bigint, cpuMs: bigint): Quantities => ({ requests: count, mibMs: 0n, cpuMicroseconds: count * cpuMs * 1000n })
const gibSeconds = (count: bigint, calls = 0n): Quantities => ({ requests: calls, mibMs: count * 1_024_000n, cpuMicroseconds: 0n })
const dollars = (pico: bigint) => (Number(pico) / 1e12).toFixed(2)
const total = (plan: typeof x86, used: Quantities) => dollars(makeInvoice(plan, used).totalPico)

test("Cloudflare's worked examples", () => {
  assert.equal(total(cloudflare, requests(15n * MILLION, 7n)), '8.00')
  assert.equal(total(cloudflare, requests(100n * MILLION, 7n)), '45.40')
  assert.equal(total(cloudflare, requests(720n, 180_000n)), '6.99')
  assert.equal(makeInvoice(cloudflare, requests(720n, 180_000n)).totalPico, 6_992_000_000_000n)
})

test('every line shows quantity, unit price and amount, and the total is their sum', () => {
  const { lines, totalPico } = makeInvoice(cloudflare, requests(15n * MILLION, 7n))
  assert.deepEqual(lines.map(({ item, free, quantity, parts, unitPico, amountPico }) => [item, free, quantity / parts, unitPico, amountPico]), [
    ['base fee', false, 1n, 5_000_000_000_000n, 5_000_000_000_000n],
    ['requests', true, 10n * MILLION, 0n, 0n],
    ['requests', false, 5n * MILLION, 300_000n, 1_500_000_000_000n],
    ['cpu', true, 30n * MILLION, 0n, 0n],
    ['cpu', false, 75n * MILLION, 20_000n, 1_500_000_000_000n],
  ])
  assert.equal(totalPico, 8_000_000_000_000n)
})

test('Lambda: 3 million calls of one second at 512 MB, less the free quota', () => {
  // 1,500,000 − 400,000 GB-s × $0.0000166667 + 2 M × $0.20/M.
  const used = { requests: 3n * MILLION, mibMs: 3n * MILLION * 512n * 1000n, cpuMicroseconds: 0n }
  assert.equal(makeInvoice(x86, used).totalPico, 18_333_370_000_000n + 400_000_000_000n)
  assert.equal(total(x86, used), '18.73')
})

test('Lambda: each tier takes its share, after the free quota', () => {
  const FREE = 400_000n
  // 6 G × 16.6667 + 9 G × 15 + 5 G × 13.3334 microdollars.
  assert.equal(total(x86, gibSeconds(20_000n * MILLION + FREE)), (100_000.2 + 135_000 + 66_667).toFixed(2))
  assert.equal(total(plans['aws-arm'], gibSeconds(20_000n * MILLION + FREE)), (100_000.5 + 135_001.125 + 13_333.375).toFixed(2))
  assert.equal(total(x86, gibSeconds(6_000n * MILLION + FREE)), '100000.20')
  const { lines } = makeInvoice(x86, gibSeconds(6_000n * MILLION + FREE + 1n))
  assert.deepEqual(lines.slice(1).map(({ quantity, parts, amountPico }) => [quantity / parts, amountPico]), [
    [FREE, 0n], [6_000n * MILLION, 100_000_200_000_000_000n], [1n, 15_000_000n],
  ])
})

test('an empty month costs the base fee', () => {
  const none = gibSeconds(0n)
  assert.deepEqual(planNames.map((name) => makeInvoice(plans[name], none).totalPico), [0n, 0n, 5_000_000_000_000n])
  assert.deepEqual(planNames.map((name) => listPrice(plans[name], none)), [0n, 0n, 0n])
})

test('sums beyond 2⁵³ stay exact', () => {
  const used = { requests: 2n ** 60n + 1n, mibMs: 0n, cpuMicroseconds: 0n }
  assert.equal(makeInvoice(x86, used).totalPico, (2n ** 60n + 1n - MILLION) * 200_000n)
})

test('whatever the month, no line is lost, and more never costs less', () => {
  const random = dice(seed)
  for (let round = 0; round < 200; round++) {
    const used = { requests: big(random), mibMs: big(random) * 1000n, cpuMicroseconds: big(random) }
    const more = { requests: used.requests + 1n, mibMs: used.mibMs + big(random), cpuMicroseconds: used.cpuMicroseconds + 1n }
    for (const name of planNames) {
      const { lines, totalPico } = makeInvoice(plans[name], used)
      const sum = (item: string) => lines.filter((line) => line.item === item).reduce((all, { quantity }) => all + quantity, 0n)
      assert.equal(sum('requests'), used.requests, `seed ${seed}`)
      if (plans[name].meters.some(({ item }) => item === 'duration')) assert.equal(sum('duration'), used.mibMs, `seed ${seed}`)
      else assert.equal(sum('cpu'), used.cpuMicroseconds, `seed ${seed}`)
      assert.ok(makeInvoice(plans[name], more).totalPico >= totalPico, `seed ${seed}`)
      assert.ok(totalPico <= plans[name].baseFeePico + listPrice(plans[name], used) + BigInt(lines.length), `seed ${seed}`)
    }
  }
})

const measured = (some: Partial<Measured> = {}): Measured => ({
  function: 'edition', memoryMib: 1024, requests: 1000, billedMs: 100_500, runMs: 90_000, initMs: 10_000, cpuMs: 20_000, maxMemoryBytes: 100 * 1024 ** 2, ...some,
})

test('the same size is the same price', () => {
  const random = dice(seed)
  for (let round = 0; round < 200; round++) {
    const one = randomlyMeasured(random)
    const same = priceAtSize(x86, [one], one.memoryMib)
    assert.deepEqual([same.percent ?? 0, same.refused], [0, null], `seed ${seed}`)
    assert.equal(same.totalPico, priceAsConfigured(x86, [one]).totalPico, `seed ${seed}`)
  }
})

test('with a whole CPU the price at the same size is the price as measured', () => {
  const one = measured({ memoryMib: FULL_CPU_MIB })
  assert.deepEqual(atSize(one, FULL_CPU_MIB), asMeasured([one]))
  assert.deepEqual(atSize(measured({ memoryMib: 4096 }), 4096), asMeasured([measured({ memoryMib: 4096 })]))
})

test('waiting takes as long at every size: half the memory is half the price', () => {
  const waiting = measured({ cpuMs: 0 })
  assert.equal(atSize(waiting, 512).mibMs * 2n, atSize(waiting, 1024).mibMs)
  // At the same price of requests: 1000 × 200,000 of both sums.
  const { percent } = priceAtSize(x86, [waiting], 512)
  assert.ok(percent !== null && percent < -44 && percent > -46, `${percent}`)
})

test('CPU alone costs the same at every size that gives a share of a CPU, and more beyond', () => {
  const busy = measured({ runMs: 90_000, initMs: 0, cpuMs: 90_000, billedMs: 90_000, memoryMib: 128 })
  assert.equal(atSize(busy, 128).mibMs, BigInt(90_000 * FULL_CPU_MIB))
  assert.equal(atSize(busy, 1024).mibMs, atSize(busy, 128).mibMs)
  assert.equal(atSize(busy, FULL_CPU_MIB * 2).mibMs, atSize(busy, FULL_CPU_MIB).mibMs * 2n)
})

test('a smaller size never costs more at list price, unless it does not fit', () => {
  const random = dice(seed)
  for (let round = 0; round < 200; round++) {
    const one = randomlyMeasured(random)
    let before = -1n
    for (const size of [128, 256, 512, 1024, 1769, 3008, 10_240]) {
      const { listPico, refused } = priceAtSize(x86, [one], size)
      assert.equal(listPico === null, refused !== null)
      if (listPico === null) continue
      assert.ok(listPico >= before, `seed ${seed}: ${size} MiB`)
      before = listPico
    }
  }
})

test('a size below the measured peak and a quarter more is refused with the names of those it does not hold', () => {
  const small = measured({ function: 'hello', memoryMib: 128, maxMemoryBytes: 30 * 1024 ** 2 })
  const large = measured({ maxMemoryBytes: 200 * 1024 ** 2 })
  assert.equal(priceAtSize(x86, [small, large], 249).refused, 'edition peaked at 200 MiB and needs 250')
  assert.equal(priceAtSize(x86, [small, large], 249).totalPico, null)
  assert.equal(priceAtSize(x86, [small, large], 250).refused, null)
  // The size it has holds it, margin or not.
  assert.equal(priceAtSize(x86, [measured({ memoryMib: 220, maxMemoryBytes: 200 * 1024 ** 2 })], 220).refused, null)
  assert.equal(priceAtSize(x86, [measured({ maxMemoryBytes: 0 })], 128).refused, null)
})

test('a whole month compared: quota and tiers in the total, the percentage at list price', () => {
  const all = [measured({ requests: 5_000_000, billedMs: 5e8, runMs: 5e8, initMs: 0, cpuMs: 0 })]
  const { totalPico, listPico, percent } = priceAtSize(x86, all, 512)
  assert.equal(listPico, 5n * MILLION * 200_000n + 250_000n * 16_666_700n)
  assert.equal(totalPico, 4n * MILLION * 200_000n)
  const present = 5n * MILLION * 200_000n + 500_000n * 16_666_700n
  assert.equal(percent?.toFixed(3), ((Number(listPico - present) / Number(present)) * 100).toFixed(3))
})

test('nothing measured has no percentage', () => {
  assert.deepEqual(priceAtSize(x86, [], 512), { memoryMib: 512, refused: null, totalPico: 0n, listPico: 0n, percent: null })
})

function randomlyMeasured(random: () => number): Measured {
  const runMs = Math.round(random() * 1e9) / 1000
  const initMs = Math.round(random() * 1e7) / 1000
  return measured({
    memoryMib: 128 + Math.floor(random() * 10_000),
    requests: Math.floor(random() * 1e6),
    runMs,
    initMs,
    billedMs: Math.ceil(runMs + initMs) + Math.floor(random() * 1000),
    cpuMs: (runMs + initMs) * random() * 1.2,
    maxMemoryBytes: Math.floor(random() * 120 * 1024 ** 2),
  })
}

function big(random: () => number): bigint {
  return BigInt(Math.floor(random() * 2 ** 50)) << BigInt(Math.floor(random() * 8))
}

/** The same throws for the same seed. */
function dice(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
