import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const here = import.meta.dirname
const root = join(here, '..')
const bin = (name: string) => join(root, 'node_modules/.bin', name)

/** What is compared: each answers `hello` at /hello (functions-framework at any path). */
export const peers: Record<string, (port: number, data: string) => [string, ...string[]]> = {
  pressroom: (port, data) => [
    process.execPath, join(root, 'src/cli/main.ts'), 'start', '--port', String(port), '--admin-port', '0', '--data', data, '--functions', join(here, 'peers/pressroom'),
  ],
  'bare-hono': (port) => [process.execPath, join(here, 'peers/bare-hono.ts'), String(port)],
  workerd: (port) => [bin('workerd'), 'serve', join(here, 'peers/workerd.capnp'), '--socket-addr', `http=127.0.0.1:${port}`],
  'functions-framework': (port) => [process.execPath, bin('functions-framework'), '--source', join(here, 'peers/functions-framework.cjs'), '--target', 'hello', '--port', String(port)],
}

/** A peer that answers. */
export interface RunningPeer {
  url: string
  pid: number
  stop(): Promise<void>
}

/** Starts one peer on a free port and waits for its first answer. */
export async function startPeer(name: string, extra: string[] = []): Promise<RunningPeer> {
  const port = await freePort()
  const data = mkdtempSync(join(tmpdir(), 'pressroom-bench-'))
  const [command, ...args] = peers[name]!(port, data)
  const child: ChildProcess = spawn(command, [...args, ...extra], { stdio: 'ignore', cwd: root, env: { ...process.env, NODE_ENV: 'production' } })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = `http://127.0.0.1:${port}/hello`
  const deadline = performance.now() + 20_000
  for (;;) {
    const answer = await fetch(url).then((response) => response.text(), () => undefined)
    if (answer === 'hello') break
    if (performance.now() > deadline || child.exitCode !== null) throw new Error(`bench: ${name} did not answer within 20 s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(timer)
      rmSync(data, { recursive: true, force: true })
    },
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
