import type { Command } from 'commander'
import { createDeployClient, type FunctionTriggers } from '../../../admin/client/deployments.ts'
import { PressroomError } from '../../../contract/errors.ts'
import { columns } from '../../table.ts'
import { repeated } from './repeated.ts'

interface TriggerOptions {
  route?: string[]
  cron?: string[]
  queue?: string[]
  json: boolean
}

type Kind = 'route' | 'cron' | 'queue'
const kinds: readonly Kind[] = ['route', 'cron', 'queue']

/** Adds `trigger list|add|remove|reset`: what wakes a function, changed without uploading its code again. */
export function registerTrigger(program: Command): void {
  const trigger = program.command('trigger').description('list and change what wakes a function, without uploading its code again')
  trigger.command('list')
    .description('list what wakes a function, and who says so')
    .argument('<name>', 'name of the function')
    .option('--json', 'print JSON', false)
    .action(async (name: string, { json }: { json: boolean }) => print(await triggerTable(process.env, name, json)))
  for (const change of ['add', 'remove'] as const) {
    trigger.command(change)
      .description(change === 'add' ? 'wake a function by these too; what its config says is copied first' : 'wake a function by these no more')
      .argument('<name>', 'name of the function')
      .option('--route <pattern>', 'METHOD /path or /path; may be repeated', repeated)
      .option('--cron <expression>', 'a schedule, UTC; may be repeated', repeated)
      .option('--queue <queue>', 'messages of this queue; may be repeated', repeated)
      .option('--json', 'print JSON', false)
      .action(async (name: string, options: TriggerOptions) => print(await changeTriggers(process.env, name, change, options)))
  }
  trigger.command('reset')
    .description('wake a function again by what its config says')
    .argument('<name>', 'name of the function')
    .option('--json', 'print JSON', false)
    .action(async (name: string, { json }: { json: boolean }) => {
      await createDeployClient(process.env).setTriggers(name, null)
      print(await triggerTable(process.env, name, json))
    })
}

/**
 * Asks what wakes a function and lays it out, one a line, as text or JSON.
 * @throws PressroomError `bad_option` when no host answers there, or it knows no such function
 */
export async function triggerTable(env: Readonly<Record<string, string | undefined>>, name: string, json: boolean): Promise<string> {
  const { triggers, from } = await createDeployClient(env).triggers(name)
  if (json) return JSON.stringify({ function: name, from, triggers }, null, 2)
  const rows = kinds.flatMap((kind) => wordsOf(triggers, kind).map((word) => [kind, word, from]))
  return rows.length === 0 ? `nothing wakes ${name}` : columns([['TRIGGER', 'VALUE', 'SAID BY'], ...rows])
}

/**
 * Adds triggers to those of a function, or removes some, all at once.
 * @throws PressroomError `bad_option` when none is named, one to remove is not there, or the host refuses; then nothing has changed
 */
export async function changeTriggers(
  env: Readonly<Record<string, string | undefined>>, name: string, change: 'add' | 'remove', options: TriggerOptions,
): Promise<string> {
  if (kinds.every((kind) => (options[kind] ?? []).length === 0)) throw new PressroomError('bad_option', `trigger ${change}: name at least one --route, --cron or --queue`)
  const client = createDeployClient(env)
  let { triggers } = await client.triggers(name)
  for (const kind of kinds) {
    for (const word of options[kind] ?? []) {
      const there = wordsOf(triggers, kind).includes(word)
      if (change === 'remove' && !there) {
        throw new PressroomError('bad_option', `trigger remove: ${name} has no ${kind} "${word}"; it has ${wordsOf(triggers, kind).map((one) => `"${one}"`).join(', ') || 'none'}`)
      }
      triggers = change === 'remove' ? without(triggers, kind, word) : there ? triggers : having(triggers, kind, word)
    }
  }
  await client.setTriggers(name, triggers)
  return triggerTable(env, name, options.json)
}

function wordsOf({ routes, schedules, queues }: FunctionTriggers, kind: Kind): string[] {
  if (kind === 'cron') return schedules.map((schedule) => (typeof schedule === 'string' ? schedule : schedule.cron))
  return [...(kind === 'route' ? routes : queues)]
}

function having(triggers: FunctionTriggers, kind: Kind, word: string): FunctionTriggers {
  const { routes, schedules, queues } = triggers
  if (kind === 'route') return { ...triggers, routes: [...routes, word] }
  return kind === 'queue' ? { ...triggers, queues: [...queues, word] } : { ...triggers, schedules: [...schedules, word] }
}

function without(triggers: FunctionTriggers, kind: Kind, word: string): FunctionTriggers {
  const { routes, schedules, queues } = triggers
  if (kind === 'route') return { ...triggers, routes: routes.filter((one) => one !== word) }
  if (kind === 'queue') return { ...triggers, queues: queues.filter((one) => one !== word) }
  return { ...triggers, schedules: schedules.filter((one) => (typeof one === 'string' ? one : one.cron) !== word) }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
