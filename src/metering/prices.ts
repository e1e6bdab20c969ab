import { PressroomError } from '../contract/errors.ts'

/** List prices of one plan, in picodollars (10⁻¹² US dollars), so that money is counted in whole numbers. */
export interface PriceTable {
  readonly name: string
  /** Day since which these prices hold, as far as the source says. */
  readonly since: string
  /** Where they were read. */
  readonly source: string
  /** Per invocation. */
  readonly requestPico: number
  /** Per GiB-second of billed duration; 0 when duration is free. */
  readonly gibSecondPico: number
  /** Per microsecond of CPU; 0 when CPU is free. */
  readonly cpuMicrosecondPico: number
}

const lambda = 'https://aws.amazon.com/lambda/pricing/ (us-east-1)'

/** The plans by name: what one more call costs, all prices in the first tier. */
export const priceTables = {
  'aws-x86': {
    name: 'aws-x86',
    since: '2025-08-01',
    source: lambda,
    requestPico: 200_000,
    gibSecondPico: 16_666_700,
    cpuMicrosecondPico: 0,
  },
  'aws-arm': {
    name: 'aws-arm',
    since: '2025-08-01',
    source: lambda,
    requestPico: 200_000,
    gibSecondPico: 13_333_400,
    cpuMicrosecondPico: 0,
  },
  'cloudflare-paid': {
    name: 'cloudflare-paid',
    since: '2024-03-01',
    source: 'https://developers.cloudflare.com/workers/platform/pricing/ (standard usage)',
    requestPico: 300_000,
    gibSecondPico: 0,
    cpuMicrosecondPico: 20,
  },
} as const satisfies Record<string, PriceTable>

/** Name of a plan. */
export type PlanName = keyof typeof priceTables

/** The names of the plans, in the order they are shown. */
export const planNames = Object.keys(priceTables) as PlanName[]

/** True for the name of a plan. */
export function isPlanName(name: string): name is PlanName {
  return Object.hasOwn(priceTables, name)
}

/**
 * Finds a price table by its name.
 * @throws PressroomError `bad_option` with the names there are
 */
export function findPrices(name: string): PriceTable {
  if (isPlanName(name)) return priceTables[name]
  throw new PressroomError('bad_option', `--prices: expected one of ${planNames.join(', ')}, found "${name}"`)
}

/** What is charged for one delivered invocation. */
export interface Charged {
  /** Whole. */
  memoryMib: number
  /** Whole. */
  billedMs: number
  /** Milliseconds with fractions. */
  cpuMs: number
}

/** Of these a GiB-second is made. */
const MIB_MS_PER_GIB_SECOND = 1_024_000

/**
 * Marginal list price of one delivered invocation in whole picodollars: no base fee, free quota or tier. Whole GiB-seconds and the
 * rest are priced apart, because the product of all three factors would pass 2⁵³ and lose its last digits.
 */
export function callCost(prices: PriceTable, { memoryMib, billedMs, cpuMs }: Charged): number {
  const mibMs = memoryMib * billedMs
  const whole = Math.floor(mibMs / MIB_MS_PER_GIB_SECOND)
  const rest = Math.round(((mibMs - whole * MIB_MS_PER_GIB_SECOND) * prices.gibSecondPico) / MIB_MS_PER_GIB_SECOND)
  return prices.requestPico + whole * prices.gibSecondPico + rest + Math.round(cpuMs * 1000) * prices.cpuMicrosecondPico
}
