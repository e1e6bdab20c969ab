import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHost } from '../journeys/host-process.ts'
import { compare, type Line } from './compare.ts'
import { oddities, programs } from './names.ts'

const root = join(import.meta.dirname, '../..')
const config = join(import.meta.dirname, 'wrangler.toml')

/** Starts `pressroom dev` and `wrangler dev` with the same functions on fresh data, compares them, ends both. */
export async function runParity(): Promise<Line[]> {
  const home = mkdtempSync(join(tmpdir(), 'pressroom-parity-'))
  const functions = join(home, 'functions')
  mkdirSync(functions)
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  for (const name of programs) cpSync(join(root, `fixtures/functions/workers/${name}.js`), join(functions, `${name}.js`))
  for (const name of oddities) cpSync(join(root, `fixtures/functions/${name}.ts`), join(functions, `${name}.ts`))
  const started: { stop(): Promise<unknown> }[] = []
  try {
    const host = await startHost({ functions, command: 'dev', flags: ['--config', config], data: join(home, 'data') })
    started.push(host)
    const workerd = await startWrangler(home)
    started.push(workerd)
    return await compare(host.url, workerd.url)
  } finally {
    for (const one of started) await one.stop()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function startWrangler(home: string): Promise<{ url: string; stop(): Promise<void> }> {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1', HOME: home, XDG_CONFIG_HOME: home, NO_COLOR: '1', FORCE_COLOR: '0' }
  const args = ['dev', '--config', config, '--ip', '127.0.0.1', '--port', '0', '--inspector-port', '0', '--persist-to', join(home, 'wrangler'), '--show-interactive-dev-session=false']
  const dev = spawn(process.execPath, [join(root, 'node_modules/.bin/wrangler'), ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const orphan = () => void process.kill(-dev.pid!, 'SIGKILL')
  process.once('exit', orphan)
  const ended = new Promise<void>((resolve) => dev.once('close', () => resolve()))
  let output = ''
  const stop = async () => {
    process.removeListener('exit', orphan)
    // The whole group: wrangler's own child holds the port.
    if (dev.exitCode === null) process.kill(-dev.pid!, 'SIGTERM')
    await ended
  }
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        output += chunk.toString()
        const ready = /Ready on (http:\/\/\S+)/.exec(output)?.[1]
        if (ready !== undefined) resolve(ready)
      }
      dev.stdout.on('data', hear)
      dev.stderr.on('data', hear)
      setTimeout(() => reject(new Error(`wrangler dev is not ready:\n${output}`)), 120_000).unref()
      void ended.then(() => reject(new Error(`wrangler dev ended:\n${output}`)))
    })
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
