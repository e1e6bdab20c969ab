import { listPrice, makeInvoice, type InvoiceLine } from '../metering/invoice.ts'
import { plans } from '../metering/plans.ts'
import { isPlanName, planNames, type PlanName } from '../metering/prices.ts'
import { asMeasured, peakMib, priceAsConfigured, priceAtSize, sizeModel, type Measured, type SizePrice } from '../metering/resize.ts'
import type { Usage, UsageQuery } from '../ports/store.ts'

/** What an invoice is asked for. */
export interface InvoiceQuery {
  /** Name of a plan; `all` puts every plan side by side. */
  plan: string
  /** First moment of the month and of the next, milliseconds since 1970. */
  from: number
  to: number
  /** Sizes to compare with, MiB. */
  sizes: readonly number[]
  /** Milliseconds since 1970. */
  now: number
}

/** One line as the operator sees it. */
export interface InvoiceLineView {
  item: InvoiceLine['item']
  free: boolean
  quantity: number
  unit: string
  unit_price_usd: number
  amount_usd: number
}

/** What one size would cost; the figures are null when it is refused. */
export interface SizeView {
  memory_mb: number
  refused: string | null
  total_usd: number | null
  list_usd: number | null
  /** Against the sizes as configured, at list price: negative = cheaper. */
  percent: number | null
}

/** The same month at other sizes. */
export interface ResizeView {
  model: string
  as_configured: { total_usd: number; list_usd: number }
  /** All functions at one size. */
  sizes: SizeView[]
  /** Each function by itself; `total_usd` is null, since base fee, quota and tiers are of the whole month. */
  functions: { function: string; memory_mb: number[]; peak_mb: number | null; sizes: SizeView[] }[]
}

/** One month under one plan as the operator sees it. */
export interface PlanInvoiceView {
  plan: PlanName
  since: string
  source: string
  lines: InvoiceLineView[]
  total_usd: number
  /** At the price of one more call: no base fee, free quota or tier. */
  list_usd: number
  notes: string[]
  /** null under a plan that has no price for memory. */
  memory: ResizeView | null
}

/** One month under the plans asked for. */
export interface InvoiceView {
  month: string
  from: string
  to: string
  /** False while the month lasts. */
  complete: boolean
  measured: { requests: number; billed_ms: number; gb_seconds: number; cpu_ms: number }
  plans: PlanInvoiceView[]
}

/** The plans that an invoice may be asked for. */
export const invoicePlans: readonly string[] = [...planNames, 'all']

/** Prices a recorded month under one plan or under all of them. The plan must be one of `invoicePlans`. */
export async function invoiceMonth(recorded: { usage(query: UsageQuery): Promise<Usage[]> }, query: InvoiceQuery): Promise<InvoiceView> {
  const measured = (await recorded.usage({ from: query.from, to: query.to, by: ['function', 'memory'] })).map(toMeasured).filter(({ requests }) => requests > 0)
  const names = isPlanName(query.plan) ? [query.plan] : planNames
  const sum = asMeasured(measured)
  return {
    month: new Date(query.from).toISOString().slice(0, 7),
    from: new Date(query.from).toISOString(),
    to: new Date(query.to).toISOString(),
    complete: query.now >= query.to,
    measured: {
      requests: Number(sum.requests),
      billed_ms: measured.reduce((total, { billedMs }) => total + billedMs, 0),
      gb_seconds: Number(sum.mibMs) / 1_024_000,
      cpu_ms: Number(sum.cpuMicroseconds) / 1000,
    },
    plans: names.map((name) => underPlan(name, measured, query.sizes)),
  }
}

function toMeasured(usage: Usage): Measured {
  return {
    function: usage.keys.function ?? '',
    memoryMib: Number(usage.keys.memory ?? 0),
    requests: usage.delivered,
    billedMs: usage.billedMs,
    runMs: usage.runMs,
    initMs: usage.initMs,
    cpuMs: usage.cpuMs,
    maxMemoryBytes: usage.maxMemoryBytes,
  }
}

function underPlan(name: PlanName, measured: readonly Measured[], sizes: readonly number[]): PlanInvoiceView {
  const plan = plans[name]
  const used = asMeasured(measured)
  const { lines, totalPico } = makeInvoice(plan, used)
  const { fixedMemoryMib: fixed, leastMemoryMib: least } = plan
  const misfits = measured.flatMap((one) => {
    if (fixed !== null && peakMib(one) > fixed) return [`${one.function} peaked here at ${peakMib(one)} MiB, more than it would have.`]
    return one.memoryMib < least ? [`${one.function} is priced at its ${one.memoryMib} MiB, but the least there is ${least}.`] : []
  })
  return {
    plan: name,
    since: plan.prices.since,
    source: plan.prices.source,
    lines: lines.map(toLine),
    total_usd: usd(totalPico),
    list_usd: usd(listPrice(plan, used)),
    notes: [...plan.notes, ...misfits],
    memory: fixed === null ? resized(name, measured, sizes) : null,
  }
}

function resized(name: PlanName, measured: readonly Measured[], sizes: readonly number[]): ResizeView {
  const plan = plans[name]
  const { totalPico, listPico } = priceAsConfigured(plan, measured)
  const byFunction = Map.groupBy(measured, (one) => one.function)
  return {
    model: sizeModel,
    as_configured: { total_usd: usd(totalPico), list_usd: usd(listPico) },
    sizes: sizes.map((size) => toSize(priceAtSize(plan, measured, size))),
    functions: [...byFunction].map(([own, rows]) => ({
      function: own,
      memory_mb: rows.map(({ memoryMib }) => memoryMib),
      peak_mb: Math.max(...rows.map(peakMib)) || null,
      sizes: sizes.map((size) => ({ ...toSize(priceAtSize(plan, rows, size)), total_usd: null })),
    })),
  }
}

function toLine({ item, free, quantity, parts, unit, unitPico, amountPico }: InvoiceLine): InvoiceLineView {
  return { item, free, quantity: Number(quantity) / Number(parts), unit, unit_price_usd: usd(unitPico), amount_usd: usd(amountPico) }
}

function toSize({ memoryMib, refused, totalPico, listPico, percent }: SizePrice): SizeView {
  return { memory_mb: memoryMib, refused, total_usd: totalPico === null ? null : usd(totalPico), list_usd: listPico === null ? null : usd(listPico), percent }
}

function usd(pico: bigint): number {
  return Number(pico) / 1e12
}
