import type { Command } from 'commander'
import { createDeployClient, type FunctionTriggers } from '../../../admin/client/deployments.ts'
import { PressroomError } from '../../../contract/errors.ts'
import { columns } from '../../table.ts'
import { repeated } from './repeated.ts'

interface TriggerOptions {
  route?: string[]
  cron?: string[]
  queue?: string[]
  bucket?: string[]
  json: boolean
}

/** Flag → how the API calls its kind, and the field of the objects that may stand for the word. */
const kinds = {
  route: { key: 'routes', field: '' },
  cron: { key: 'schedules', field: 'cron' },
  queue: { key: 'queues', field: '' },
  bucket: { key: 'buckets', field: 'bucket' },
} as const

type Kind = keyof typeof kinds
const flags = Object.keys(kinds) as Kind[]

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
      .option('--bucket <bucket>', 'changes of the objects of this bucket; may be repeated', repeated)
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
  const rows = flags.flatMap((kind) => wordsOf(triggers, kind).map((word) => [kind, word, from]))
  return rows.length === 0 ? `nothing wakes ${name}` : columns([['TRIGGER', 'VALUE', 'SAID BY'], ...rows])
}

/**
 * Adds triggers to those of a function, or removes some, all at once.
 * @throws PressroomError `bad_option` when none is named, one to remove is not there, or the host refuses; then nothing has changed
 */
export async function changeTriggers(
  env: Readonly<Record<string, string | undefined>>, name: string, change: 'add' | 'remove', options: TriggerOptions,
): Promise<string> {
  const named = flags.filter((kind) => (options[kind] ?? []).length > 0)
  if (named.length === 0) throw new PressroomError('bad_option', `trigger ${change}: name at least one --route, --cron, --queue or --bucket`)
  const client = createDeployClient(env)
  const { triggers } = await client.triggers(name)
  const changed: FunctionTriggers = {}
  for (const kind of named) {
    const words = wordsOf(triggers, kind)
    const wanted = [...new Set(options[kind])]
    const missing = wanted.find((word) => !words.includes(word))
    if (change === 'remove' && missing !== undefined) {
      throw new PressroomError('bad_option', `trigger remove: ${name} has no ${kind} "${missing}"; it has ${words.map((word) => `"${word}"`).join(', ') || 'none'}`)
    }
    const before = triggers[kinds[kind].key] ?? []
    changed[kinds[kind].key] = change === 'remove'
      ? before.filter((entry) => !wanted.includes(wordOf(entry, kind)))
      : [...before, ...wanted.filter((word) => !words.includes(word))]
  }
  await client.setTriggers(name, changed)
  return triggerTable(env, name, options.json)
}

function wordsOf(triggers: FunctionTriggers, kind: Kind): string[] {
  return (triggers[kinds[kind].key] ?? []).map((entry) => wordOf(entry, kind))
}

function wordOf(entry: FunctionTriggers[string][number], kind: Kind): string {
  return typeof entry === 'string' ? entry : String(entry[kinds[kind].field])
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
