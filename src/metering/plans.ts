import { priceTables, type PlanName, type PriceTable } from './prices.ts'

/** What a plan charges for by quantity. */
export type Item = 'requests' | 'duration' | 'cpu'

/** A price that holds up to a quantity of the month. */
export interface Tier {
  /** How many units this tier takes before the next one begins; null: all the rest. */
  readonly units: bigint | null
  /** Picodollars per unit. */
  readonly unitPico: bigint
}

/** How one plan charges for one item. Quantities are counted in parts, so that nothing is rounded before it is priced. */
export interface Meter {
  readonly item: Item
  /** As written on the invoice. */
  readonly unit: string
  /** Parts in one unit: a GB-second is 1,024,000 MiB × ms, a millisecond of CPU 1,000 µs. */
  readonly parts: bigint
  /** Units of every month that cost nothing. */
  readonly freeUnits: bigint
  /** In order; they begin after the free quota. */
  readonly tiers: readonly Tier[]
}

/** How one plan makes out a month. */
export interface Plan {
  readonly prices: PriceTable
  /** Picodollars a month, whatever was used. */
  readonly baseFeePico: bigint
  readonly meters: readonly Meter[]
  /** What every instance has, MiB; null when each function has its own size. */
  readonly fixedMemoryMib: number | null
  /** The least size that a function can have there, MiB. */
  readonly leastMemoryMib: number
  /** What one must know to read its invoice. */
  readonly notes: readonly string[]
}

const MILLION = 1_000_000n
const BILLION = 1_000_000_000n

const lambdaNotes = [
  'Duration is as measured here: calls that shared an instance shared its time. Lambda runs one call at a time in each instance.',
]

/** The plans by name; the first tier of each meter is the price of its table. */
export const plans: Readonly<Record<PlanName, Plan>> = {
  'aws-x86': lambda('aws-x86', [
    { units: 6n * BILLION, unitPico: 16_666_700n },
    { units: 9n * BILLION, unitPico: 15_000_000n },
    { units: null, unitPico: 13_333_400n },
  ]),
  'aws-arm': lambda('aws-arm', [
    { units: 7_500n * MILLION, unitPico: 13_333_400n },
    { units: 11_250n * MILLION, unitPico: 12_000_100n },
    { units: null, unitPico: 10_666_700n },
  ]),
  'cloudflare-paid': {
    prices: priceTables['cloudflare-paid'],
    baseFeePico: 5_000_000_000_000n,
    meters: [
      { item: 'requests', unit: 'requests', parts: 1n, freeUnits: 10n * MILLION, tiers: [{ units: null, unitPico: 300_000n }] },
      { item: 'cpu', unit: 'CPU ms', parts: 1000n, freeUnits: 30n * MILLION, tiers: [{ units: null, unitPico: 20_000n }] },
    ],
    fixedMemoryMib: 128,
    leastMemoryMib: 0,
    notes: ['Memory has no price: every isolate has 128 MB. CPU is as measured here.'],
  },
}

/** Free quotas and request prices are the same on both kinds of processor. */
function lambda(name: 'aws-x86' | 'aws-arm', tiers: readonly Tier[]): Plan {
  return {
    prices: priceTables[name],
    baseFeePico: 0n,
    meters: [
      { item: 'requests', unit: 'requests', parts: 1n, freeUnits: MILLION, tiers: [{ units: null, unitPico: 200_000n }] },
      { item: 'duration', unit: 'GB-s', parts: 1_024_000n, freeUnits: 400_000n, tiers },
    ],
    fixedMemoryMib: null,
    leastMemoryMib: 128,
    notes: lambdaNotes,
  }
}
