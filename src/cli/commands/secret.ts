import { text } from 'node:stream/consumers'
import { InvalidArgumentError, type Command } from 'commander'
import { createCaller } from '../../admin/client/call.ts'
import { columns } from '../table.ts'

/** Adds `secret`: values that only functions which name them get. */
export function registerSecret(program: Command): void {
  const secret = program.command('secret').description('put, list and delete the secrets of a running host; values are shown to nobody')
  secret.command('put <name>')
    .description('keep a value: typed unseen, read from standard input, or taken from a variable; functions that name it get it at once')
    .option('--from-env <variable>', 'take the value from this environment variable')
    .action(async (name: string, { fromEnv }: { fromEnv?: string }) => {
      const value = fromEnv === undefined ? await readValue(name) : process.env[fromEnv]
      if (!value) throw new InvalidArgumentError(fromEnv === undefined ? 'expected a value on standard input, found nothing' : `the environment variable ${fromEnv} is not set`)
      await createCaller(process.env).call(`/secrets/${encodeURIComponent(name)}`, { method: 'PUT', body: { value } })
      process.stdout.write(`${name} is kept\n`)
    })
  secret.command('list')
    .description('list their names and when each was put')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const { call, list } = createCaller(process.env)
      const secrets = list<{ name: string; at: string }>(await call('/secrets'), 'secrets')
      const table = secrets.length === 0 ? 'the host keeps no secret' : columns([['SECRET', 'PUT'], ...secrets.map(({ name, at }) => [name, at])])
      process.stdout.write(`${json ? JSON.stringify({ secrets }, null, 2) : table}\n`)
    })
  secret.command('delete <name>')
    .description('forget it; refused while a function names it')
    .action(async (name: string) => {
      await createCaller(process.env).call(`/secrets/${encodeURIComponent(name)}`, { method: 'DELETE' })
      process.stdout.write(`${name} is deleted\n`)
    })
}

/** One line typed without being shown, or all of standard input; a line's end at its end is not part of it. */
async function readValue(name: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  process.stderr.write(`value of ${name}: `)
  process.stdin.setRawMode(true)
  try {
    let typed = ''
    for await (const chunk of process.stdin.setEncoding('utf8')) {
      for (const key of String(chunk)) {
        if (key === '\r' || key === '\n') return typed
        if (key === '\u0003') throw new InvalidArgumentError('given up')
        typed = key === '\u007f' ? typed.slice(0, -1) : typed + key
      }
    }
    return typed
  } finally {
    process.stdin.setRawMode(false)
    process.stderr.write('\n')
  }
}
