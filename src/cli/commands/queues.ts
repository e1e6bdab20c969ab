import type { Command } from 'commander'
import { createAdminClient } from '../../admin/client.ts'
import { columns } from '../table.ts'

/** Adds `queues`: what waits in the queues of a running host. */
export function registerQueues(program: Command): void {
  program.command('queues')
    .description('list the queues of a running host: who consumes them, how full and how old they are')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      process.stdout.write(`${await queueTable(process.env, json)}\n`)
    })
}

/**
 * Asks the operator's API for the queues and lays them out, one a line, as text or JSON.
 * @throws PressroomError `bad_option` when no host answers there, or it refuses
 */
export async function queueTable(env: Readonly<Record<string, string | undefined>>, json: boolean): Promise<string> {
  const queues = await createAdminClient(env).queues()
  if (json) return JSON.stringify({ queues }, null, 2)
  if (queues.length === 0) return 'the host has no queue; name one in [[queues.producers]] of wrangler.toml'
  return columns([
    ['QUEUE', 'CONSUMER', 'MESSAGES', 'IN FLIGHT', 'BYTES', 'OLDEST', 'DEAD'],
    ...queues.map(({ queue, consumer, messages, in_flight, bytes, oldest_age_s, dead }) => [
      queue, consumer ?? '-', String(messages), String(in_flight), String(bytes), oldest_age_s === null ? '-' : `${oldest_age_s} s`, String(dead),
    ]),
  ])
}
