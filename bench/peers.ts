import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const here = import.meta.dirname
const root = join(here, '..')
const bin = (name: string) => join(root, 'node_modules/.bin', name)
const flags = (port: number, data: string) => ['--port', String(port), '--admin-port', '0', '--data', data, '--functions', join(here, 'peers/pressroom')]

/** What is compared: each answers `hello` at /hello and one MiB in parts at /stream (functions-framework: hello at any path). */
export const peers = {
  pressroom: (port, data) => [process.execPath, join(root, 'src/cli/main.ts'), 'start', ...flags(port, data)],
  unmetered: (port, data) => [process.execPath, join(here, 'peers/unmetered.ts'), ...flags(port, data)],
  'bare-hono': (port) => [process.execPath, join(here, 'peers/bare-hono.ts'), String(port)],
  workerd: (port) => [bin('workerd'), 'serve', join(here, 'peers/workerd.capnp'), '--socket-addr', `http=127.0.0.1:${port}`],
  'functions-framework': (port) => [process.execPath, bin('functions-framework'), '--source', join(here, 'peers/functions-framework.cjs'), '--target', 'hello', '--port', String(port)],
} satisfies Record<string, (port: number, data: string) => [string, ...string[]]>

/** Name of a peer. */
export type PeerName = keyof typeof peers

/** A peer that answers. */
export interface RunningPeer {
  /** Without path. */
  origin: string
  pid: number
  stop(): Promise<void>
}

/** Starts one peer on a free port and waits for its first answer. */
export async function startPeer(name: PeerName, env: Record<string, string> = {}): Promise<RunningPeer> {
  const port = await freePort()
  const data = mkdtempSync(join(tmpdir(), 'pressroom-bench-'))
  const start: (port: number, data: string) => [string, ...string[]] = peers[name]
  const [command, ...args] = start(port, data)
  const running = launch(command, args, env)
  const origin = `http://127.0.0.1:${port}`
  await answering(name, `${origin}/hello`, running.child)
  return {
    origin,
    pid: running.child.pid!,
    async stop() {
      await running.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Starts a collector that takes everything; answers its address. */
export async function startSink(): Promise<{ origin: string; stop(): Promise<void> }> {
  const port = await freePort()
  const { child, stop } = launch(process.execPath, [join(here, 'peers/otlp-sink.ts'), String(port)], {})
  const origin = `http://127.0.0.1:${port}`
  await answering('the sink', origin, child)
  return { origin, stop }
}

function launch(command: string, args: string[], env: Record<string, string>): { child: ChildProcess; stop(): Promise<void> } {
  const child = spawn(command, args, { stdio: 'ignore', cwd: root, env: { ...process.env, NODE_ENV: 'production', ...env } })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    child,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(timer)
    },
  }
}

async function answering(name: string, url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await fetch(url).then(async (response) => response.ok && (await response.text()) !== '', () => false))) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error(`bench: ${name} did not answer within 20 s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
