import type { Command } from 'commander'
import { createEventClient, type Letters } from '../../../admin/client/events.ts'
import { PressroomError } from '../../../contract/errors.ts'
import { columns } from '../../table.ts'
import { firstLine } from './replay.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface ListOptions {
  function?: string
  queue?: string
  limit?: string
  cursor?: string
  json: boolean
}

interface ChoiceOptions {
  function?: string
  queue?: string
  all: boolean
  json: boolean
}

/** Adds `dlq`: the dead letters of events and queues, to be looked at, sent again or dropped. */
export function registerDlq(program: Command): void {
  const dlq = program.command('dlq').description('events and messages that a running host gave up: list, show, replay, drop')
  dlq.command('list')
    .description('list them, newest first')
    .option('--function <name>', 'events of this function only')
    .option('--queue <name>', 'messages of this queue only')
    .option('--limit <n>', 'how many, 1–1000 (default 100)')
    .option('--cursor <n>', 'older than these, from the end of the list before')
    .option('--json', 'print JSON', false)
    .action(async (options: ListOptions) => print(await letterTable(process.env, options)))
  dlq.command('show')
    .description('print one with its event or body, as JSON')
    .argument('<id>')
    .action(async (id: string) => print(JSON.stringify(await createEventClient(process.env).letter(id), null, 2)))
  for (const [verb, what] of [['replay', 'send them again to where they came from'], ['drop', 'forget them']] as const) {
    dlq.command(verb)
      .description(what)
      .argument('[id...]')
      .option('--all', 'all there are', false)
      .option('--function <name>', 'with --all: events of this function only')
      .option('--queue <name>', 'with --all: messages of this queue only')
      .option('--json', 'print JSON', false)
      .action(async (ids: string[], options: ChoiceOptions) => print(await changeLetters(process.env, verb, ids, options)))
  }
}

/**
 * Asks the operator's API for dead letters and lays them out, one a line, as text or JSON.
 * @throws PressroomError `bad_option` when no host answers there, or it refuses a filter
 */
export async function letterTable(env: Environment, { json, ...query }: ListOptions): Promise<string> {
  const answer = await createEventClient(env).letters(query)
  if (json) return JSON.stringify(answer, null, 2)
  if (answer.letters.length === 0) return 'there are no dead letters'
  const table = columns([
    ['DIED', 'OF', 'ATTEMPTS', 'BYTES', 'ID', 'WHY'],
    ...answer.letters.map((one) => [one.died, one.function ?? `queue ${one.queue}`, String(one.attempts), String(one.bytes), one.id, firstLine(one.error)]),
  ])
  return answer.next === null ? table : `${table}\nolder ones: --cursor ${answer.next}`
}

/**
 * Sends dead letters again, or drops them, and tells how many.
 * @throws PressroomError `bad_option` when neither ids nor `--all` say which, no host answers, or one is not there
 */
export async function changeLetters(env: Environment, verb: 'replay' | 'drop', ids: readonly string[], { all, function: name, queue, json }: ChoiceOptions): Promise<string> {
  if (all === ids.length > 0) throw new PressroomError('bad_option', `dlq ${verb}: expected either ids or --all; \`pressroom dlq list\` shows them`)
  if (!all && (name ?? queue) !== undefined) throw new PressroomError('bad_option', `dlq ${verb}: --function and --queue need --all`)
  const choice: Letters = all ? { all, ...(name === undefined ? {} : { function: name }), ...(queue === undefined ? {} : { queue }) } : { ids }
  const client = createEventClient(env)
  const count = await (verb === 'replay' ? client.replayLetters(choice) : client.dropLetters(choice))
  const done = verb === 'replay' ? 'replayed' : 'dropped'
  return json ? JSON.stringify({ [done]: count }, null, 2) : `${done} ${count}`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
