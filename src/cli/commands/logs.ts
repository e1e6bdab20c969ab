import { setTimeout as wait } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { createAdminClient, type LogLine } from '../../admin/client.ts'
import { toText } from '../../runtimes/node/log/format.ts'

interface LogsOptions {
  function?: string
  invocation?: string
  level?: string
  limit?: string
  follow: boolean
  json: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const PAUSE_MS = 500
const LARGEST_PAGE = '1000'

/** Adds `logs`: the last lines of a running host, and with `--follow` those to come. */
export function registerLogs(program: Command): void {
  program.command('logs')
    .description('print the last log lines of a running host: its own, its functions\' and a REPORT for each invocation')
    .option('--function <name>', 'of this function only')
    .option('--invocation <id>', 'of this invocation only')
    .addOption(new Option('--level <level>', 'the least that a line must matter').choices(['debug', 'info', 'warn', 'error']))
    .option('--limit <n>', 'how many, 1–1000 (default 100)')
    .option('--follow', 'go on with new lines until Ctrl-C', false)
    .option('--json', 'print JSON; with --follow one object a line', false)
    .action(async (options: LogsOptions) => {
      // A reader such as `head` that has seen enough ends this, without an error.
      process.stdout.on('error', () => process.exit(0))
      for await (const text of logTexts(process.env, options)) process.stdout.write(`${text}\n`)
    })
}

/**
 * Asks the operator's API for lines, every `pauseMs` again with `follow`, and yields what is to be printed. While it follows, a host that
 * has gone is waited for: the next one goes on with its own first line.
 * @throws PressroomError `bad_option` when no host answers there at first, or it refuses a filter
 */
export async function* logTexts(env: Environment, { follow, json, limit, ...filters }: LogsOptions, pauseMs = PAUSE_MS): AsyncGenerator<string> {
  const client = createAdminClient(env)
  let answer = await client.logs({ ...filters, limit })
  if (!follow && json) {
    yield JSON.stringify(answer, null, 2)
    return
  }
  const print = (line: LogLine) => (follow && json ? JSON.stringify(line) : lineText(line))
  yield* answer.lines.map(print)
  if (!follow && answer.lines.length === 0) yield 'no kept line fits'
  let gone = false
  while (follow) {
    const next = await client.logs({ ...filters, limit: LARGEST_PAGE, after: String(answer.next) }).catch((error: unknown) => {
      // Only what did not answer at all can come back.
      if (!(error instanceof Error) || error.cause === undefined) throw error
      if (!gone) process.stderr.write(`pressroom: ${error.message}\n`)
    })
    gone = next === undefined
    if (next) {
      answer = next
      if (answer.missed > 0 && !json) yield `… ${answer.missed} lines were forgotten before they could be read`
      yield* answer.lines.map(print)
      // A full page means that more is waiting already.
      if (answer.lines.length === Number(LARGEST_PAGE)) continue
    }
    await wait(pauseMs)
  }
}

function lineText(line: LogLine): string {
  const { seq: _, time, level, message, ...fields } = line
  return toText(time, level, fields, message)
}
