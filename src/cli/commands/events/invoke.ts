import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { createAdminClient } from '../../../admin/client.ts'
import { createEventClient } from '../../../admin/client/events.ts'
import { PressroomError } from '../../../contract/errors.ts'
import { typedEvent, type TypedEvent } from './event.ts'
import { header } from './headers.ts'
import { bodyOf, outcomeText } from './outcome-text.ts'

interface InvokeOptions extends TypedEvent {
  alias?: string
  revision?: string
  async: boolean
  tail: boolean
  json: boolean
}

/** Where a command writes. */
export interface Output {
  out(text: string | Uint8Array): void
  err(text: string): void
}

const PAUSE_MS = 250

/** Adds `invoke`: one call of a function on a running host. The exit code is 1 unless it ends `ok`. */
export function registerInvoke(program: Command): void {
  program.command('invoke')
    .description('run a function once on a running host, by a request, a tick or a message, and print what it answers')
    .argument('<function>', 'name of the function')
    .option('--data <text>', 'body of the request or message; @file reads a file, - standard input')
    .option('--method <method>', 'of the request (default: GET, with --data POST)')
    .option('--path <path>', 'of the request, or a whole URL (default: /<function>)')
    .option('--header <header>', '"name: value" of the request; may be repeated', header)
    .option('--scheduled <cron>', 'a tick of this expression instead of a request')
    .option('--time <iso>', "the tick's time (default: now)")
    .option('--queue <name>', 'a batch of one message of this queue instead of a request')
    .option('--alias <alias>', 'which alias of the function (default: live)')
    .option('--revision <id>', 'which revision of it')
    .option('--async', 'do not wait for its end: the host keeps the event and tries again when it fails', false)
    .option('--tail', 'print what it logged to standard error', false)
    .option('--json', 'print JSON', false)
    .action(async (name: string, options: InvokeOptions) => {
      const output: Output = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(`${text}\n`) }
      if (!await invoke(process.env, name, options, output)) process.exitCode = 1
    })
}

/**
 * Calls a function and prints how it went; answers whether it went well.
 * @throws PressroomError `bad_option` when options do not go together, no host answers, or it refuses the event
 */
export async function invoke(env: Readonly<Record<string, string | undefined>>, name: string, options: InvokeOptions, { out, err }: Output): Promise<boolean> {
  const { alias, revision, tail, json } = options
  const event = typedEvent(options)
  const client = createEventClient(env)
  if (options.async) {
    if (revision !== undefined) throw new PressroomError('bad_option', '--revision does not go with --async: a revision may be gone when the event runs; name an alias')
    const accepted = await client.invokeAsync(name, event, alias)
    out(json ? `${JSON.stringify(accepted, null, 2)}\n` : `${accepted.invocation}\n`)
    return tail ? await follow(env, accepted.invocation, err) : true
  }
  const invoked = await client.invoke(name, event, { alias, revision })
  if (json) out(`${JSON.stringify(invoked, null, 2)}\n`)
  else {
    out(bodyOf(invoked))
    err(outcomeText(invoked, tail))
  }
  return invoked.outcome === 'ok'
}

/** Prints the lines of an invocation as they come, until its REPORT; answers whether it went well. */
async function follow(env: Readonly<Record<string, string | undefined>>, invocation: string, err: (text: string) => void): Promise<boolean> {
  const client = createAdminClient(env)
  for (let after: string | undefined; ;) {
    const { lines, next } = await client.logs({ invocation, limit: '1000', after })
    for (const line of lines) {
      if (line.message !== 'REPORT') {
        err(`${line.time} ${line.level} ${line.message}`)
        continue
      }
      err(`${String(line['outcome'])} ${invocation}: run ${String(line['run_ms'])} ms, billed ${String(line['billed_ms'])} ms`)
      return line['outcome'] === 'ok'
    }
    after = String(next)
    await wait(PAUSE_MS)
  }
}
