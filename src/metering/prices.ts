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

/** The plans by name. */
export const priceTables = {
  'aws-x86': {
    name: 'aws-x86',
    since: '2025-08-01',
    source: 'https://aws.amazon.com/lambda/pricing/ (us-east-1)',
    requestPico: 200_000,
    gibSecondPico: 16_666_700,
    cpuMicrosecondPico: 0,
  },
} as const satisfies Record<string, PriceTable>

/** What is charged for one delivered invocation. */
export interface Charged {
  memoryMib: number
  billedMs: number
  /** Milliseconds with fractions. */
  cpuMs: number
}

/** Marginal list price of one delivered invocation in whole picodollars: no base fee, free quota or tier. */
export function callCost(prices: PriceTable, { memoryMib, billedMs, cpuMs }: Charged): number {
  const memory = (memoryMib * billedMs * prices.gibSecondPico) / 1_024_000
  return prices.requestPico + Math.round(memory + Math.round(cpuMs * 1000) * prices.cpuMicrosecondPico)
}
