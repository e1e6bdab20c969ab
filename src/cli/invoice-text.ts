import type { Invoice } from '../admin/client.ts'
import { dollars, figure } from './figures.ts'
import { columns } from './table.ts'

type PlanInvoice = Invoice['plans'][number]
type Resized = NonNullable<PlanInvoice['memory']>

/** Lays an invoice out for people: line by line under each plan, the plans side by side, and the same month at other sizes. */
export function invoiceText({ month, complete, measured, plans }: Invoice): string {
  const used = `${figure(measured.requests)} request${measured.requests === 1 ? '' : 's'}, ${figure(measured.gb_seconds)} GB-s, ${figure(measured.cpu_ms)} ms of CPU`
  const sections = [`${month}${complete ? '' : ', so far'}: ${used}`, ...plans.map(planText)]
  if (plans.length > 1) {
    sections.push(columns([['PLAN', 'MONTH', 'AT LIST PRICE'], ...plans.map((one) => [one.plan, dollars(one.total_usd), dollars(one.list_usd)])]))
  }
  const sized = measured.requests === 0 ? [] : plans.flatMap(({ plan, memory }) => (memory ? [{ plan, memory }] : []))
  for (const { plan, memory } of sized) sections.push(sizesText(plan, memory))
  const [first] = sized
  if (first) sections.push(`Percentages are at list price, by this model of Lambda: ${first.memory.model}`)
  return sections.join('\n\n')
}

function planText({ plan, since, source, lines, total_usd: total, notes }: PlanInvoice): string {
  const rows = lines.map((line) => [
    line.free ? `${line.item}, free` : line.item,
    `${figure(line.quantity)} ${line.unit}`,
    dollars(line.unit_price_usd),
    dollars(line.amount_usd),
  ])
  const table = columns([['ITEM', 'QUANTITY', 'UNIT PRICE', 'AMOUNT'], ...rows, ['total', '', '', dollars(total)]])
  return [`${plan}: prices since ${since}, ${source}`, table, ...notes].join('\n')
}

function sizesText(plan: string, { as_configured: present, sizes, functions }: Resized): string {
  const table = columns([
    [`${plan} AT OTHER SIZES`, 'MONTH', 'AT LIST PRICE'],
    ['as configured, by the model', dollars(present.total_usd), dollars(present.list_usd)],
    ...sizes.map((size) => [verdict(size), amount(size.total_usd), amount(size.list_usd)]),
  ])
  const each = functions.map(({ function: name, memory_mb: own, peak_mb: peak, sizes: choices }) => {
    const best = choices.filter(({ percent }) => percent !== null && percent < 0).toSorted((a, b) => (a.percent ?? 0) - (b.percent ?? 0))[0]
    const measured = peak === null ? 'peak not measured' : `peak ${peak} MiB`
    return `${name} (${own.join(', ')} MiB, ${measured}): ${best ? verdict(best) : 'none of these sizes is cheaper'}`
  })
  return [table, ...each].join('\n')
}

function verdict({ memory_mb: size, refused, percent }: Resized['sizes'][number]): string {
  if (refused !== null) return `${size} MiB does not fit: ${refused}`
  if (percent === null) return `${size} MiB`
  const rounded = figure(Math.abs(percent), Math.abs(percent) < 1 ? 2 : 0)
  return rounded === '0' ? `${size} MiB would cost the same` : `${size} MiB would be ${rounded} % ${percent < 0 ? 'cheaper' : 'dearer'}`
}

function amount(usd: number | null): string {
  return usd === null ? '-' : dollars(usd)
}
