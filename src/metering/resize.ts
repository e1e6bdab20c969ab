import { addQuantities, listPrice, makeInvoice, type Quantities } from './invoice.ts'
import type { Plan } from './plans.ts'

/** What one function used at one configured size. Times in milliseconds with fractions. */
export interface Measured {
  function: string
  memoryMib: number
  requests: number
  /** Whole. */
  billedMs: number
  runMs: number
  initMs: number
  cpuMs: number
  /** 0 where it cannot be measured. */
  maxMemoryBytes: number
}

/** What a size would cost. Money in picodollars. */
export interface SizePrice {
  memoryMib: number
  /** Why it does not fit; then nothing is priced. */
  refused: string | null
  /** Under the plan, with base fee, free quota and tiers. */
  totalPico: bigint | null
  /** At the price of one more call. */
  listPico: bigint | null
  /** Of `listPico` against the sizes as they are configured: negative = cheaper; null when those cost nothing. */
  percent: number | null
}

/** The whole CPU that Lambda gives an instance begins here. */
export const FULL_CPU_MIB = 1769
/** A size must hold the measured peak and a quarter more. */
const MARGIN = 1.25

/** The words that go with every figure of `atSize`. */
export const sizeModel =
  `time = waiting + CPU × max(1, ${FULL_CPU_MIB} / MiB): waiting takes as long at every size, CPU as measured here on a whole one takes longer ` +
  `below ${FULL_CPU_MIB} MiB, where Lambda gives a share of one. A size below the measured peak and a quarter more is refused.`

/**
 * What the same calls would use on Lambda at another size. What was measured is split into CPU, taken here on a whole one, and waiting;
 * Lambda gives an instance memory / 1,769 MiB of a CPU up to a whole one, so CPU takes longer at smaller sizes and waiting does not.
 * What rounding up to whole milliseconds added stays as it is.
 */
export function atSize(measured: Measured, memoryMib: number): Quantities {
  const time = measured.runMs + measured.initMs
  const cpu = Math.min(measured.cpuMs, time)
  const roundingUp = Math.max(0, measured.billedMs - time)
  const billed = time - cpu + cpu * Math.max(1, FULL_CPU_MIB / memoryMib) + roundingUp
  return {
    requests: BigInt(measured.requests),
    mibMs: BigInt(Math.round(billed * memoryMib)),
    cpuMicroseconds: BigInt(Math.round(measured.cpuMs * 1000)),
  }
}

/** What these calls used at their own sizes, as measured. */
export function asMeasured(all: readonly Measured[]): Quantities {
  return addQuantities(all.map(({ requests, memoryMib, billedMs, cpuMs }) => ({
    requests: BigInt(requests),
    mibMs: BigInt(memoryMib) * BigInt(Math.round(billedMs)),
    cpuMicroseconds: BigInt(Math.round(cpuMs * 1000)),
  })))
}

/** Prices these functions each at its own size, by the same model as other sizes, so that they can be compared. */
export function priceAsConfigured(plan: Plan, all: readonly Measured[]): { totalPico: bigint; listPico: bigint } {
  return price(plan, addQuantities(all.map((one) => atSize(one, one.memoryMib))))
}

/** Prices these functions as if all of them had one size; refused when one of them does not fit. */
export function priceAtSize(plan: Plan, all: readonly Measured[], memoryMib: number): SizePrice {
  const tight = all.flatMap((one) => {
    const needed = neededMib(one)
    return memoryMib < one.memoryMib && memoryMib < needed ? [`${one.function} peaked at ${peakMib(one)} MiB and needs ${needed}`] : []
  })
  if (tight.length > 0) return { memoryMib, refused: [...new Set(tight)].join('; '), totalPico: null, listPico: null, percent: null }
  const { totalPico, listPico } = price(plan, addQuantities(all.map((one) => atSize(one, memoryMib))))
  const present = priceAsConfigured(plan, all).listPico
  const percent = present === 0n ? null : Number(((listPico - present) * 1_000_000n) / present) / 10_000
  return { memoryMib, refused: null, totalPico, listPico, percent }
}

/** Peak in whole MiB, rounded up; 0 where it was not measured. */
export function peakMib({ maxMemoryBytes }: Measured): number {
  return Math.ceil(maxMemoryBytes / 1024 ** 2)
}

function neededMib(measured: Measured): number {
  return Math.ceil((measured.maxMemoryBytes * MARGIN) / 1024 ** 2)
}

function price(plan: Plan, used: Quantities): { totalPico: bigint; listPico: bigint } {
  return { totalPico: makeInvoice(plan, used).totalPico, listPico: listPrice(plan, used) }
}
