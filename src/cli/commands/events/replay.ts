import type { Command } from 'commander'
import { createEventClient } from '../../../admin/client/events.ts'
import { PressroomError } from '../../../contract/errors.ts'
import { columns } from '../../table.ts'
import { header, type Headers } from './headers.ts'
import type { Output } from './invoke.ts'
import { bodyOf, outcomeText } from './outcome-text.ts'

interface ReplayOptions {
  header?: Headers
  alias?: string
  revision?: string
  function?: string
  limit?: string
  cursor?: string
  tail: boolean
  json: boolean
}

const ofLists = ['function', 'limit', 'cursor'] as const
const ofRuns = ['header', 'alias', 'revision'] as const

/** Adds `replay`: a failed invocation again, or the list of those that are kept. The exit code is 1 unless it ends `ok`. */
export function registerReplay(program: Command): void {
  program.command('replay')
    .description('run a failed invocation again with the event that woke it; without one, list those that are kept')
    .argument('[invocation]', 'id of the failed invocation')
    .option('--header <header>', '"name: value" in the place of what was redacted; may be repeated', header)
    .option('--alias <alias>', 'which alias of the function (default: live)')
    .option('--revision <id>', 'which revision of it')
    .option('--function <name>', 'in a list: of this function only')
    .option('--limit <n>', 'in a list: how many, 1–1000 (default 100)')
    .option('--cursor <n>', 'in a list: older than these, from the end of the list before')
    .option('--tail', 'print what it logged to standard error', false)
    .option('--json', 'print JSON', false)
    .action(async (invocation: string | undefined, options: ReplayOptions) => {
      const output: Output = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(`${text}\n`) }
      if (!await replay(process.env, invocation, options, output)) process.exitCode = 1
    })
}

/**
 * Runs a failed invocation again, or lists those that can be; answers whether it went well.
 * @throws PressroomError `bad_option` when options do not go together, no host answers, or it refuses
 */
export async function replay(
  env: Readonly<Record<string, string | undefined>>, invocation: string | undefined, options: ReplayOptions, { out, err }: Output,
): Promise<boolean> {
  const { header: headers, alias, revision, tail, json } = options
  const strange = (invocation === undefined ? ofRuns : ofLists).find((name) => options[name] !== undefined)
  if (strange !== undefined) throw new PressroomError('bad_option', `--${strange} ${invocation === undefined ? 'needs the id of an invocation' : 'is of a list: it does not go with an invocation'}`)
  const client = createEventClient(env)
  if (invocation === undefined) {
    const { function: name, limit, cursor } = options
    const answer = await client.failures({ function: name, limit, cursor })
    if (json) out(`${JSON.stringify(answer, null, 2)}\n`)
    else if (answer.failures.length === 0) out('no failed invocation is kept\n')
    else {
      out(`${columns([
        ['AT', 'FUNCTION', 'TRIGGER', 'OUTCOME', 'INVOCATION', 'WHY'],
        ...answer.failures.map((one) => [one.at, one.function, one.trigger, one.outcome, one.invocation, firstLine(one.detail)]),
      ])}\n`)
      if (answer.next !== null) out(`older ones: --cursor ${answer.next}\n`)
    }
    return true
  }
  const replayed = await client.replay(invocation, headers, { alias, revision })
  if (json) out(`${JSON.stringify(replayed, null, 2)}\n`)
  else {
    out(bodyOf(replayed))
    if (replayed.redacted.length > 0) err(`without what ${replayed.redacted.join(', ')} held: it was not kept; give it with --header`)
    err(outcomeText(replayed, tail))
  }
  return replayed.outcome === 'ok'
}

/** The first line of a reason, cut to what a table can show. */
export function firstLine(text: string): string {
  const [line = ''] = text.split('\n', 1)
  return line.length > 100 ? `${line.slice(0, 99)}…` : line
}
