import { type Command, Option } from 'commander'
import { createAdminClient, type AdminClient } from '../../admin/client.ts'
import { PressroomError } from '../../contract/errors.ts'
import { dollars, figure } from '../figures.ts'
import { invoiceText } from '../invoice-text.ts'
import { columns } from '../table.ts'

/** What `bill` is called with. */
export interface BillOptions {
  function?: string
  from?: string
  to?: string
  group?: string
  invoice?: boolean
  plan?: string
  month?: string
  memory?: string
  json: boolean
}

const ofSums = ['function', 'from', 'to', 'group'] as const
const ofInvoices = ['plan', 'month', 'memory'] as const

/** Adds `bill`: what was spent, by function, hour or day; with `--invoice` a month priced under the plans. */
export function registerBill(program: Command): void {
  program.command('bill')
    .description('print what a running host has spent, or with --invoice a month under each plan')
    .option('--function <name>', 'of this function only')
    .option('--from <time>', 'since a day (2026-01-31) or moment (ISO 8601 with a zone); default: everything kept')
    .option('--to <time>', 'before a day or moment')
    .addOption(new Option('--group <key>', 'a row for each (default function)').choices(['function', 'hour', 'day']))
    .option('--invoice', 'price a month with base fee, free quota and tiers')
    .option('--plan <name>', 'with --invoice: aws-x86, aws-arm, cloudflare-paid, or all side by side (default all)')
    .option('--month <month>', 'with --invoice: such as 2026-01 (default: the present one, in UTC)')
    .option('--memory <sizes>', 'with --invoice: MiB to compare with, such as 256 or 256,512')
    .option('--json', 'print JSON', false)
    .action(async (options: BillOptions) => {
      process.stdout.write(`${await billText(process.env, options)}\n`)
    })
}

/**
 * Asks the operator's API for sums, or an invoice, and lays them out as text or JSON.
 * @throws PressroomError `bad_option` when options do not go together, no host answers there, or it refuses a value
 */
export async function billText(env: Readonly<Record<string, string | undefined>>, options: BillOptions): Promise<string> {
  const strange = (options.invoice ? ofSums : ofInvoices).find((name) => options[name] !== undefined)
  if (strange !== undefined) {
    throw new PressroomError('bad_option', options.invoice ? `--${strange} does not go with --invoice` : `--${strange} needs --invoice`)
  }
  const client = createAdminClient(env)
  if (options.invoice) {
    const { plan, month, memory } = options
    const invoice = await client.invoice({ plan, month, memory })
    return options.json ? JSON.stringify(invoice, null, 2) : invoiceText(invoice)
  }
  const { function: name, from, to, group } = options
  const bill = await client.bill({ function: name, from, to, group })
  return options.json ? JSON.stringify(bill, null, 2) : sums(bill, group ?? 'function')
}

function sums({ rows, total, budgets }: Awaited<ReturnType<AdminClient['bill']>>, group: string): string {
  const cells = (key: string, row: typeof total): string[] => [
    key,
    figure(row.invocations),
    figure(row.errors),
    figure(row.throttled + row.overloaded),
    figure(row.skipped),
    figure(row.billed_ms),
    figure(row.unbilled_init_ms, 0),
    figure(row.gb_seconds, 4),
    dollars(row.cost_usd),
  ]
  const table = columns([
    [group.toUpperCase(), 'INVOCATIONS', 'ERRORS', 'REFUSED', 'SKIPPED', 'BILLED MS', 'UNBILLED INIT MS', 'GB-S', 'COST'],
    ...rows.map((row) => cells(row.key, row)),
    cells('total', total),
  ])
  const limits = budgets.map(({ function: name, limit_usd: limit, spent_usd: spent, percent }) => {
    return `budget of ${name ?? 'the host'} today: ${dollars(spent)} of ${dollars(limit)}, ${figure(percent, 1)} %`
  })
  return [table, ...limits].join('\n')
}
