import type { Command } from 'commander'
import { createDeployClient } from '../../../admin/client/deployments.ts'
import { tellShares } from './shares.ts'

/** Adds `rollback`: what an alias pointed at before serves again, at once. */
export function registerRollback(program: Command): void {
  program.command('rollback')
    .description('serve again what served before the last change')
    .argument('<name>', 'name of the function')
    .option('--alias <alias>', 'which to turn back', 'live')
    .option('--json', 'print JSON', false)
    .action(async (name: string, { alias, json }: { alias: string; json: boolean }) => {
      const state = await createDeployClient(process.env).rollback(name, alias)
      process.stdout.write(json ? `${JSON.stringify({ function: name, alias, ...state }, null, 2)}\n` : `${name}: ${alias} is ${tellShares(state.revisions)}\n`)
    })
}
