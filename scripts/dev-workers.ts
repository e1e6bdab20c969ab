/**
 * Runs the functions on Cloudflare's runtime, on this machine and without any network: applies the migrations, starts `wrangler dev`,
 * and fires the crons of `wrangler.toml`, which it leaves to others: each once at the start, then when it is due.
 * Arguments go on to `wrangler dev`: `npm run dev:workers -- --port 9000 --var SOURCES:…`.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'smol-toml'
import { parseCron } from '../src/routing/cron-expression.ts'

const root = resolve(import.meta.dirname, '..')
const args = process.argv.slice(2)
const wrangler = parse(readFileSync(join(root, 'wrangler.toml'), 'utf8')) as {
  triggers?: { crons?: string[] }
  d1_databases?: { binding: string; migrations_dir?: string }[]
}
/** Flags that say where local data lies: migrations must reach the same. */
const place = args.flatMap((arg, i) => (arg === '--persist-to' ? [arg, args[i + 1] ?? ''] : arg.startsWith('--persist-to=') ? [arg] : []))

function start(words: string[]): ChildProcess {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' }
  return spawn(process.execPath, [join(root, 'node_modules/.bin/wrangler'), ...words], { cwd: root, env, stdio: ['inherit', 'pipe', 'inherit'] })
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((done) => child.once('close', (code) => done(code ?? 1)))
}

async function fire(origin: string, cron: string): Promise<void> {
  const answer = await fetch(`${origin}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}`)
  console.log(`cron ${cron}: ${await answer.text()}`)
}

/** Fires a cron whenever it is due. Timers hold at most 24 days: a longer wait looks again. */
function keepFiring(origin: string, cron: string): void {
  const [next] = parseCron(cron, {}).next(new Date(), 1)
  if (next === undefined) return
  const wait = Math.max(0, next.getTime() - Date.now())
  const longest = 24 * 86_400_000
  setTimeout(() => {
    if (wait <= longest) void fire(origin, cron).catch((error: unknown) => console.error(`cron ${cron}: ${String(error)}`))
    keepFiring(origin, cron)
  }, Math.min(wait, longest))
}

for (const { binding, migrations_dir: folder } of wrangler.d1_databases ?? []) {
  if (folder === undefined) continue
  const migration = start(['d1', 'migrations', 'apply', binding, '--local', ...place])
  let told = ''
  migration.stdout!.on('data', (text: Buffer) => (told += text.toString()))
  if ((await ended(migration)) === 0) continue
  console.error(`${told}the migrations of ${binding} failed; nothing was started`)
  process.exit(1)
}

const dev = start(['dev', '--show-interactive-dev-session=false', ...args])
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => dev.kill(signal))
let heard = ''
let ready = false
dev.stdout!.on('data', (text: Buffer) => {
  process.stdout.write(text)
  if (ready) return
  heard += text.toString()
  const origin = /Ready on (https?:\/\/\S+)/.exec(heard)?.[1]
  if (origin === undefined) return
  ready = true
  for (const cron of wrangler.triggers?.crons ?? []) {
    void fire(origin, cron).then(() => keepFiring(origin, cron), (error: unknown) => console.error(`cron ${cron}: ${String(error)}`))
  }
})
process.exit(await ended(dev))
