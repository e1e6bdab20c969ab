import type { Command } from 'commander'
import { createAdminClient } from '../../admin/client.ts'
import { dollars, figure } from '../figures.ts'
import { columns } from '../table.ts'

interface InvocationsOptions {
  function?: string
  outcome?: string
  limit?: string
  cursor?: string
  json: boolean
}

/** Adds `invocations`: the single records of a running host's ledger, newest first. */
export function registerInvocations(program: Command): void {
  program.command('invocations')
    .description('list the last invocations of a running host, newest first, with what each cost')
    .option('--function <name>', 'of this function only')
    .option('--outcome <outcome>', 'that ended so, such as ok or timeout')
    .option('--limit <n>', 'how many, 1–1000 (default 100)')
    .option('--cursor <n>', 'older than these, from the end of the list before')
    .option('--json', 'print JSON', false)
    .action(async (options: InvocationsOptions) => {
      process.stdout.write(`${await invocationTable(process.env, options)}\n`)
    })
}

/**
 * Asks the operator's API for single records and lays them out, one a line, as text or JSON.
 * @throws PressroomError `bad_option` when no host answers there, or it refuses a filter
 */
export async function invocationTable(env: Readonly<Record<string, string | undefined>>, { json, ...query }: InvocationsOptions): Promise<string> {
  const answer = await createAdminClient(env).invocations(query)
  if (json) return JSON.stringify(answer, null, 2)
  if (answer.invocations.length === 0) return 'no invocation fits'
  const table = columns([
    ['AT', 'FUNCTION', 'TRIGGER', 'OUTCOME', 'STATUS', 'QUEUE MS', 'INIT MS', 'RUN MS', 'BILLED MS', 'CPU MS', 'PEAK MIB', 'COST', 'INVOCATION'],
    ...answer.invocations.map((one) => [
      one.at,
      one.function,
      one.trigger,
      one.outcome,
      String(one.status ?? '-'),
      figure(one.queue_ms, 2),
      one.cold ? figure(one.init_ms, 2) : '-',
      figure(one.run_ms, 2),
      figure(one.billed_ms),
      figure(one.cpu_ms, 2),
      `${one.max_memory_mb === 0 ? '?' : figure(one.max_memory_mb, 0)}/${one.memory_mb}`,
      dollars(one.cost_usd),
      one.id,
    ]),
  ])
  return answer.next === null ? table : `${table}\nolder ones: --cursor ${answer.next}`
}
