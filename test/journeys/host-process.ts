import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

/** A host in a process of its own, as an operator would start it. */
export interface HostProcess {
  url: string
  adminUrl: string
  child: ChildProcess
  /** Every line of its output so far. */
  lines: string[]
  data: string
  /** Resolves with the first line, past or to come, that fits. */
  line(fits: (line: string) => boolean): Promise<string>
  admin<T>(path: string): Promise<T>
  /** Ends it by SIGTERM; answers its exit code. */
  stop(): Promise<number | null>
  exited: Promise<number | null>
  [Symbol.asyncDispose](): Promise<void>
}

/** How to start one. */
export interface HostProcessOptions {
  functions: string
  command?: 'start' | 'dev'
  flags?: string[]
  env?: Record<string, string>
  /** Kept after the end, for a second start; default: a fresh folder, removed. */
  data?: string
}

/** Starts `pressroom start` on free ports and waits until it serves; rejects with its output when it ends before. */
export async function startHost({ functions, command = 'start', flags = [], env = {}, data }: HostProcessOptions): Promise<HostProcess> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'pressroom-'))
  const args = [MAIN, command, '--port', '0', '--admin-port', '0', '--functions', functions, '--data', folder, ...flags]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd: join(import.meta.dirname, '../..') })
  const lines: string[] = []
  const waiting = new Set<{ fits: (line: string) => boolean; found: (line: string) => void }>()
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const one of waiting) if (one.fits(line)) (waiting.delete(one), one.found(line))
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  const line = (fits: (line: string) => boolean) =>
    new Promise<string>((found) => {
      const past = lines.find(fits)
      if (past === undefined) waiting.add({ fits, found })
      else found(past)
    })
  const serving = line((text) => text.includes('"admin_url"'))
  const first = await Promise.race([serving, exited.then((code) => new Error(`the host ended with ${code}:\n${lines.join('\n')}`))])
  if (first instanceof Error) throw first
  const { url, admin_url: adminUrl } = JSON.parse(first) as { url: string; admin_url: string }
  const stop = async () => {
    child.kill('SIGTERM')
    const code = await exited
    if (data === undefined) rmSync(folder, { recursive: true, force: true })
    return code
  }
  return {
    url,
    adminUrl,
    child,
    lines,
    data: folder,
    line,
    admin: async <T>(path: string) => (await (await fetch(adminUrl + path)).json()) as T,
    stop,
    exited,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop()
    },
  }
}
