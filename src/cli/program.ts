import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { registerBill } from './commands/bill.ts'
import { registerBucket } from './commands/bucket.ts'
import { registerCheck } from './commands/check.ts'
import { registerCron } from './commands/cron.ts'
import { registerDeploy } from './commands/deploy/deploy.ts'
import { registerRevisions } from './commands/deploy/revisions.ts'
import { registerRollback } from './commands/deploy/rollback.ts'
import { registerTrigger } from './commands/deploy/trigger.ts'
import { registerDlq } from './commands/events/dlq.ts'
import { registerInvoke } from './commands/events/invoke.ts'
import { registerReplay } from './commands/events/replay.ts'
import { registerFire } from './commands/fire.ts'
import { registerFunctions } from './commands/functions.ts'
import { registerInit } from './commands/init.ts'
import { registerInvocations } from './commands/invocations.ts'
import { registerLogs } from './commands/logs.ts'
import { registerQueues } from './commands/queues.ts'
import { registerSecret } from './commands/secret.ts'
import { registerStart } from './commands/start.ts'

/** Makes the command line. A wrong command or option ends with what was wrong, where help is, and exit code 1. */
export function createProgram(): Command {
  const program = new Command('pressroom')
    .description('Run fetch-API functions on HTTP routes and schedules, isolated, limited and billed by the millisecond.')
    .version(version(), '-v, --version')
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(pressroom --help lists the commands, pressroom <command> --help their options)')
    .addHelpText('after', '\nCommands that ask a running host find it at PRESSROOM_ADMIN_URL (default http://127.0.0.1:8788),\nwith the token PRESSROOM_ADMIN_TOKEN where it wants one.')
  registerInit(program)
  registerStart(program)
  registerCheck(program)
  registerFunctions(program)
  registerDeploy(program)
  registerRevisions(program)
  registerRollback(program)
  registerTrigger(program)
  registerInvoke(program)
  registerInvocations(program)
  registerReplay(program)
  registerDlq(program)
  registerBill(program)
  registerLogs(program)
  registerSecret(program)
  registerQueues(program)
  registerBucket(program)
  registerCron(program)
  registerFire(program)
  return program
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  return version
}
