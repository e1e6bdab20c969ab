import type { Item, Meter, Plan } from './plans.ts'

/** What a month used, in the parts that plans count in. */
export interface Quantities {
  requests: bigint
  /** Configured MiB × billed milliseconds. */
  mibMs: bigint
  cpuMicroseconds: bigint
}

/** One line of an invoice. */
export interface InvoiceLine {
  item: Item | 'base fee'
  /** True for what the free quota covers. */
  free: boolean
  /** In parts; `parts` of them make one unit. */
  quantity: bigint
  parts: bigint
  unit: string
  /** Picodollars per unit. */
  unitPico: bigint
  amountPico: bigint
}

/** One month under one plan. Money in picodollars. */
export interface Invoice {
  lines: InvoiceLine[]
  totalPico: bigint
}

/**
 * Makes out a month under a plan: base fee, then per item what is free and what falls into each tier. Tiers begin where the free
 * quota ends. Each line is rounded to the picodollar, halves up; the total is the sum of the lines.
 */
export function makeInvoice(plan: Plan, used: Quantities): Invoice {
  const base: InvoiceLine[] = plan.baseFeePico === 0n ? [] : [
    { item: 'base fee', free: false, quantity: 1n, parts: 1n, unit: 'month', unitPico: plan.baseFeePico, amountPico: plan.baseFeePico },
  ]
  const lines = [...base, ...plan.meters.flatMap((meter) => linesOf(meter, quantityOf(meter.item, used)))]
  return { lines, totalPico: lines.reduce((sum, { amountPico }) => sum + amountPico, 0n) }
}

/** The same month at the price of one more call: no base fee, free quota or tier. In picodollars. */
export function listPrice(plan: Plan, used: Quantities): bigint {
  return plan.meters.reduce((sum, meter) => sum + priced(quantityOf(meter.item, used), meter.tiers[0]?.unitPico ?? 0n, meter.parts), 0n)
}

/** Adds up. */
export function addQuantities(all: readonly Quantities[]): Quantities {
  const sum = { requests: 0n, mibMs: 0n, cpuMicroseconds: 0n }
  for (const { requests, mibMs, cpuMicroseconds } of all) {
    sum.requests += requests
    sum.mibMs += mibMs
    sum.cpuMicroseconds += cpuMicroseconds
  }
  return sum
}

function quantityOf(item: Item, used: Quantities): bigint {
  if (item === 'requests') return used.requests
  return item === 'duration' ? used.mibMs : used.cpuMicroseconds
}

function linesOf({ item, unit, parts, freeUnits, tiers }: Meter, quantity: bigint): InvoiceLine[] {
  const free = least(quantity, freeUnits * parts)
  const lines: InvoiceLine[] = [{ item, free: true, quantity: free, parts, unit, unitPico: 0n, amountPico: 0n }]
  let rest = quantity - free
  for (const { units, unitPico } of tiers) {
    if (rest === 0n) break
    const taken = units === null ? rest : least(rest, units * parts)
    lines.push({ item, free: false, quantity: taken, parts, unit, unitPico, amountPico: priced(taken, unitPico, parts) })
    rest -= taken
  }
  return lines
}

function priced(quantity: bigint, unitPico: bigint, parts: bigint): bigint {
  return (quantity * unitPico * 2n + parts) / (parts * 2n)
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
