import { type Command, InvalidArgumentError, Option } from 'commander'
import { createAdminClient } from '../../admin/client.ts'
import type { CronDialect } from '../../contract/function.ts'
import { previewCron } from '../../runtimes/node/cron-preview.ts'
import { columns } from '../table.ts'

interface NextOptions {
  timeZone: string
  dialect: CronDialect
  count: number
  json: boolean
}

/**
 * Adds `pressroom cron` (the schedules of a running host) and `pressroom cron next <expression>` (what an expression means).
 * The host is found at `PRESSROOM_ADMIN_URL` (default `http://127.0.0.1:8788`), with the token `PRESSROOM_ADMIN_TOKEN`.
 */
export function registerCron(program: Command): void {
  const cron = program.command('cron')
    .description('print the schedules of a running host, with their next and last ticks')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => print(await cronTable(process.env, json)))
  cron.command('next')
    .description('explain a cron expression and print its next ticks; needs no running host')
    .argument('<expression>', 'five fields, such as "0 9 * * MON-FRI"')
    .option('--time-zone <zone>', 'IANA time zone', 'UTC')
    .addOption(new Option('--dialect <dialect>', 'cloudflare counts weekdays 1–7 from Sunday, unix 0–7').choices(['cloudflare', 'unix']).default('cloudflare'))
    .option('--count <n>', 'how many ticks, 1–1000', parseCount, 10)
    .action((expression: string, options: Omit<NextOptions, 'json'>, command: Command) => {
      // Commander gives an option that both commands know to the outer one.
      const { json } = command.optsWithGlobals<{ json: boolean }>()
      print(cronNext(expression, { ...options, json }))
    })
}

/**
 * Explains an expression and tells its next ticks, as text or JSON.
 * @throws PressroomError `bad_config` when the expression is not understood
 */
export function cronNext(expression: string, { timeZone, dialect, count, json }: NextOptions): string {
  const preview = previewCron(expression, { timeZone, dialect }, count)
  return json ? JSON.stringify(preview, null, 2) : [preview.explanation, ...preview.next.map((time) => `  ${withZone(time, timeZone)}`)].join('\n')
}

/**
 * Asks the operator's API for the schedules and lays them out, one a line, as text or JSON.
 * @throws PressroomError `bad_option` when no host answers there, or it refuses
 */
export async function cronTable(env: Readonly<Record<string, string | undefined>>, json: boolean): Promise<string> {
  const schedules = await createAdminClient(env).schedules()
  if (json) return JSON.stringify({ schedules }, null, 2)
  if (schedules.length === 0) return 'no function has a schedule'
  return columns([
    ['FUNCTION', 'CRON', 'TIME ZONE', 'NEXT', 'LAST', 'OUTCOME'],
    ...schedules.map(({ function: name, cron, time_zone: zone, next, last }) => [
      name, cron, zone, next[0] ?? 'never', last?.time ?? '-', last?.outcome ?? '-',
    ]),
  ])
}

function parseCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= 1000) return count
  throw new InvalidArgumentError('expected a whole number from 1 to 1000.')
}

/** UTC first, as everywhere; beside it the same moment on the wall clock of the zone. */
function withZone(time: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone, weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(new Date(time))
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
  return `${time}  ${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${timeZone}`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
