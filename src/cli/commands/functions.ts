import type { Command } from 'commander'
import { createAdminClient } from '../../admin/client.ts'
import { columns } from '../table.ts'

/** Adds `functions`: what a running host serves, with its instances and totals. */
export function registerFunctions(program: Command): void {
  program.command('functions')
    .description('list the functions of a running host')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      process.stdout.write(`${await functionTable(process.env, json)}\n`)
    })
}

/**
 * Asks the operator's API for the functions and lays them out, one a line, as text or JSON.
 * @throws PressroomError `bad_option` when no host answers there, or it refuses
 */
export async function functionTable(env: Readonly<Record<string, string | undefined>>, json: boolean): Promise<string> {
  const functions = await createAdminClient(env).functions()
  if (json) return JSON.stringify({ functions }, null, 2)
  if (functions.length === 0) return 'the host serves no function'
  return columns([
    ['FUNCTION', 'STATE', 'REVISION', 'INSTANCES', 'IN FLIGHT', 'INVOCATIONS', 'ERRORS', 'BILLED MS', 'ROUTES'],
    ...functions.map(({ name, state, revision, instances, totals, routes }) => [
      name,
      state,
      revision.slice(0, 12),
      String(instances.length),
      String(instances.reduce((sum, { in_flight }) => sum + in_flight, 0)),
      String(totals.invocations),
      String(totals.errors),
      String(totals.billed_ms),
      routes.join(', ') || '-',
    ]),
  ])
}
