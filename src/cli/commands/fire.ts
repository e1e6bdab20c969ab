import type { Command } from 'commander'
import { createAdminClient, type AdminClient } from '../../admin/client.ts'
import { PressroomError } from '../../contract/errors.ts'

/** Adds `fire`: one tick of a schedule now, on a running host. The exit code is 1 unless it ends `ok`. */
export function registerFire(program: Command): void {
  program.command('fire')
    .description('run one tick of a schedule now and wait for its end')
    .argument('<function>', 'name of the function')
    .argument('[cron]', 'which of its schedules, as declared; needless when it has one')
    .option('--time <iso>', "the tick's time, such as 2026-01-02T03:00:00Z (default: now)")
    .option('--json', 'print JSON', false)
    .action(async (name: string, cron: string | undefined, { time, json }: { time?: string; json: boolean }) => {
      const client = createAdminClient(process.env)
      const result = await client.fire(name, cron ?? (await onlySchedule(client, name)), time)
      process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${result.outcome} ${result.invocation}\n`)
      if (result.outcome !== 'ok') process.exitCode = 1
    })
}

async function onlySchedule(client: AdminClient, name: string): Promise<string> {
  const schedules = await client.schedules()
  const crons = schedules.filter((schedule) => schedule.function === name).map(({ cron }) => cron)
  const [first] = crons
  if (first !== undefined && crons.length === 1) return first
  if (first !== undefined) throw new PressroomError('bad_option', `"${name}" has ${crons.length} schedules; name one of: ${crons.map((cron) => `"${cron}"`).join(', ')}`)
  const names = [...new Set(schedules.map((schedule) => schedule.function))]
  throw new PressroomError('bad_option', `no function "${name}" has a schedule; those with one: ${names.join(', ') || 'none'}`)
}
