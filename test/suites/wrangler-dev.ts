import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../journeys/host-process.ts'
import { ingested, ingestProgress } from './ingest-progress.ts'

const root = join(import.meta.dirname, '../..')
const wrangler = join(root, 'node_modules/.bin/wrangler')

/** The project's functions under `wrangler dev`, offline, on data of its own. */
export interface WranglerDev {
  baseUrl: string
  /** Fires a schedule, as of a time in milliseconds since 1970, and waits for its end; throws where the outcome is not ok. */
  fire(cron: string, time?: number): Promise<void>
  /** Fires a tick of `ingest`, 27 hours after the one before, and waits until every source that it sends on was asked. */
  ingest(): Promise<void>
  stop(): Promise<void>
  /** All it printed. */
  output(): string
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

// HOME elsewhere: nothing of the machine's user is read or written.
function launch(args: string[], home: string): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1', HOME: home, XDG_CONFIG_HOME: home, NO_COLOR: '1', FORCE_COLOR: '0' }
  const child = spawn(process.execPath, [wrangler, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { child, output: () => output, ended }
}

/** Applies the migrations and starts `wrangler dev` on a free port; `vars` override those of wrangler.toml. Data that is `kept` outlives it. */
export async function startWranglerDev(vars: Record<string, string>, kept?: string): Promise<WranglerDev> {
  const data = kept ?? (await mkdtemp(join(tmpdir(), 'pressroom-wrangler-')))
  // One after the other: they write to one store.
  for (const binding of ['DB', 'ARCADE']) {
    const migration = launch(['d1', 'migrations', 'apply', binding, '--local', '--persist-to', data], data)
    if ((await migration.ended) !== 0) throw new Error(`wrangler d1 migrations apply failed:\n${migration.output()}`)
  }
  const port = await freePort()
  const overrides = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const flags = ['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--persist-to', data, '--show-interactive-dev-session=false']
  const dev = launch(['dev', ...flags, ...overrides], data)
  const stop = async (): Promise<void> => {
    // The whole group: wrangler's own child holds the port.
    if (dev.child.pid !== undefined && dev.child.exitCode === null) process.kill(-dev.child.pid, 'SIGTERM')
    await dev.ended
    if (kept === undefined) await rm(data, { recursive: true, force: true, maxRetries: 3 })
  }
  const ready = new Promise<void>((resolve) => dev.child.stdout?.on('data', () => /Ready on http/.test(dev.output()) && resolve()))
  const early = dev.ended.then((code) => Promise.reject(new Error(`wrangler dev ended (${code}):\n${dev.output()}`)))
  const late = AbortSignal.timeout(60_000)
  const never = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error(`wrangler dev is not ready:\n${dev.output()}`)))
  })
  early.catch(() => undefined)
  never.catch(() => undefined)
  try {
    await Promise.race([ready, early, never])
  } catch (error) {
    await stop()
    throw error
  }
  const baseUrl = `http://127.0.0.1:${port}`
  let days = 0
  const fire = async (cron: string, time = Date.now()): Promise<void> => {
    const response = await fetch(`${baseUrl}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}&time=${time}`)
    const outcome = await response.text()
    if (!response.ok || outcome !== 'ok') throw new Error(`cron ${cron}: ${response.status} ${outcome}\n${dev.output()}`)
  }
  return {
    baseUrl,
    output: dev.output,
    stop,
    fire,
    async ingest() {
      const { ticks } = ingestProgress(dev.output())
      await fire('*/5 * * * *', Date.now() + 27 * 3_600_000 * days++)
      await until('every source was asked', () => ingested(dev.output(), ticks + 1), 240_000)
    },
  }
}
