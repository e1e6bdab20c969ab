import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'src/cli/main.ts')
/** The line that says where the host serves; JSON in `start`, text in `dev`. */
const SERVING = /serving \d+ functions? at (?<url>http:\S+?), operator at (?<adminUrl>http:\S+?);/

/** A command of the host in a process of its own, as an operator would start it. */
export interface CommandProcess {
  child: ChildProcess
  /** Every line of its output so far. */
  lines: string[]
  /** Resolves with the first line, past or to come, that fits; rejects when it ends without one. */
  line(fits: (line: string) => boolean): Promise<string>
  /** Resolves with the exit code, null after a signal, when its output is complete. */
  exited: Promise<number | null>
}

/** A host that serves. */
export interface HostProcess extends CommandProcess {
  url: string
  adminUrl: string
  data: string
  admin<T>(path: string): Promise<T>
  /** Ends it by SIGTERM; answers its exit code. */
  stop(): Promise<number | null>
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
  /** Where it is started, so which `wrangler.toml` it finds; default: the project. */
  cwd?: string
  /** What is run; default: the source, by this Node. */
  program?: [command: string, ...args: string[]]
}

/** Runs one command line of `pressroom`; the process does not outlive this one. */
export function runCommand(
  args: string[], { env = {}, cwd = ROOT, program: [command, ...before] = [process.execPath, MAIN] }: Pick<HostProcessOptions, 'env' | 'cwd' | 'program'> = {},
): CommandProcess {
  const child = spawn(command, [...before, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd })
  const orphan = () => void child.kill('SIGKILL')
  process.once('exit', orphan)
  const lines: string[] = []
  const waiting = new Set<(line: string | undefined) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const hear of waiting) hear(line)
    })
  }
  let over = false
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => {
    over = true
    process.removeListener('exit', orphan)
    for (const hear of waiting) hear(undefined)
    resolve(code)
  }))
  const line = (fits: (line: string) => boolean) =>
    new Promise<string>((found, failed) => {
      const hear = (text: string | undefined) => {
        if (text !== undefined && !fits(text)) return
        waiting.delete(hear)
        if (text === undefined) failed(new Error(`ended without the line waited for:\n${lines.join('\n')}`))
        else found(text)
      }
      const past = lines.find(fits)
      if (past === undefined && !over) waiting.add(hear)
      else hear(past)
    })
  return { child, lines, line, exited }
}

/** Starts `pressroom start` on free ports and waits until it serves; rejects with its output when it ends before. */
export async function startHost({ functions, command = 'start', flags = [], data, ...how }: HostProcessOptions): Promise<HostProcess> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'pressroom-'))
  const ports = ['--port', '--admin-port'].flatMap((flag) => (flags.includes(flag) ? [] : [flag, '0']))
  const process = runCommand([command, ...ports, '--functions', functions, '--data', folder, ...flags], how)
  const { url, adminUrl } = SERVING.exec(await process.line((text) => SERVING.test(text)))!.groups as { url: string; adminUrl: string }
  const stop = async () => {
    process.child.kill('SIGTERM')
    const code = await process.exited
    if (data === undefined) rmSync(folder, { recursive: true, force: true })
    return code
  }
  return {
    ...process,
    url,
    adminUrl,
    data: folder,
    admin: async <T>(path: string) => (await (await fetch(adminUrl + path)).json()) as T,
    stop,
    async [Symbol.asyncDispose]() {
      if (process.child.exitCode === null && process.child.signalCode === null) await stop()
    },
  }
}

/** Asks again, with short pauses, until the answer is something; rejects with `what` after `withinMs`, default 20 s. */
export async function until<T>(what: string, ask: () => T | undefined | false | Promise<T | undefined | false>, withinMs = 20_000): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`waited ${withinMs / 1000} s in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
