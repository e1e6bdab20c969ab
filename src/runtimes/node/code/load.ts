import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PressroomError } from '../../../contract/errors.ts'
import type { DeployedFunction } from '../../../host/deployed.ts'
import type { FunctionCode, Instances } from '../../../ports/instance.ts'
import { bundle } from './bundle.ts'
import { checkConfig, type Surroundings } from './check-config.ts'
import type { SourceFile } from './discover.ts'
import type { Knowledge, Revisions } from './revisions.ts'

/** Longest that a process may take to start, and then a module never seen before to load. */
const START_MS = 60_000
const LOAD_MS = 10_000
/** How often the memory of a module that loads is looked at. */
const WATCH_MS = 50
/** Functions that are bundled and loaded at once. */
const AT_ONCE = 4
/** The host's own code. */
const OWN = resolve(import.meta.dirname, '../../..') + sep

/** Where functions come from and what they are given. */
export interface LoadOptions extends Surroundings {
  revisions: Revisions
  instances: Instances
}

/** A function ready to serve, and the files it was made of. */
export interface LoadedFunction {
  deployed: DeployedFunction
  inputs: string[]
}

/** A function that cannot be served, in words for its author. */
export interface LoadProblem {
  name: string
  file: string
  message: string
}

/**
 * Turns source files into functions: bundles each, learns `config` and handlers from an instance that loaded it (the host
 * process never runs function code) unless this revision is known already, and checks the config. Every problem of every
 * function is answered, those of files that cannot be functions too.
 */
export async function loadFunctions(files: readonly SourceFile[], options: LoadOptions): Promise<{ loaded: LoadedFunction[]; problems: LoadProblem[] }> {
  const loaded: LoadedFunction[] = []
  const problems: LoadProblem[] = []
  const rest = [...files]
  const work = async () => {
    for (let source = rest.shift(); source; source = rest.shift()) {
      const { name, file } = source
      try {
        loaded.push(await loadFunction(source, options))
      } catch (error) {
        problems.push({ name, file, message: (error as Error).message })
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
  return { loaded: loaded.sort((a, b) => byName(a.deployed, b.deployed)), problems: problems.sort(byName) }
}

async function loadFunction(source: SourceFile, options: LoadOptions): Promise<LoadedFunction> {
  const { name, file, problem } = source
  if (problem !== undefined) throw new PressroomError('bad_config', problem)
  // Where a module's addons lie must be known before it is bundled, so before its config can be asked for.
  const native = /\bnative\s*:\s*true\b/.test(await readFile(file, 'utf8'))
  const bundled = await bundle(source, native)
  const { revision, inputs } = bundled
  const path = await options.revisions.save(bundled)
  const remembered = await options.revisions.recall(name, revision)
  const knowledge = remembered ?? (await probe({ name, revision, path, native }, options.instances))
  const { config, bindings } = checkConfig(name, file, knowledge, options)
  if (remembered === undefined) await options.revisions.remember(name, revision, knowledge)
  const { memory, outbound, timeout } = config
  return {
    inputs,
    deployed: { name, file, revision, handlers: knowledge.handlers, config, code: { name, revision, file: path, memory, native, outbound, timeoutMs: timeout * 1000, bindings } },
  }
}

/** A module to be tried. */
export interface Trial {
  name: string
  revision: string
  path: string
  native: boolean
  /** MiB; default 128. */
  memory?: number
  /** Ends it. */
  signal?: AbortSignal
  /** Told as soon as there is an instance: what lines it will write are found by this. */
  started?(code: FunctionCode): void
}

/**
 * Loads a module once, in an instance of its own that has ended when this settles; without bindings and without any network.
 * @throws PressroomError `init_failed` with the reason: it threw, exports no handlers, took too long, used too much memory, or ended its process
 */
export async function probe({ name, revision, path, native, memory = 128, signal, started }: Trial, instances: Instances): Promise<Knowledge> {
  const code: FunctionCode = { name, revision, file: path, memory, native, outbound: 'none', timeoutMs: LOAD_MS, bindings: {} }
  const instance = instances.start(code)
  started?.(code)
  let late: string | undefined
  const end = (why: string) => {
    late ??= why
    instance.kill()
  }
  let timer = setTimeout(() => end(`no process after ${START_MS / 1000} s; the machine is overloaded`), START_MS)
  const watch = setInterval(() => {
    const used = Math.round(instance.vitals().memoryBytes / 1024 / 1024)
    if (used > memory) end(`did not load: it used ${used} MiB of memory, more than ${memory}`)
  }, WATCH_MS)
  const leave = () => end('the host is shutting down')
  signal?.addEventListener('abort', leave)
  if (signal?.aborted === true) leave()
  try {
    await instance.ready
    clearTimeout(timer)
    timer = setTimeout(() => end(`did not load within ${LOAD_MS / 1000} s: ${whyStuck(instance.pid)}`), LOAD_MS)
    const { handlers, config } = await instance.loaded
    return { handlers, config }
  } catch (error) {
    throw new PressroomError('init_failed', late ?? `did not load: ${ownStack(error as Error)}`)
  } finally {
    clearTimeout(timer)
    clearInterval(watch)
    signal?.removeEventListener('abort', leave)
    instance.kill()
    // Its last words have been read then.
    await instance.exited
  }
}

/** Tells a module that computes from one that waits, by what its process is doing; on systems that do not tell, names both. */
function whyStuck(pid: number | null): string {
  const [loop, wait] = ['an endless loop', 'an `await` that never settles'] as const
  try {
    // The name in parentheses may hold anything; the state follows the last of them. R: it runs, or would if it had a CPU.
    const state = /\) (\w)[^)]*$/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]
    return state === 'R' ? `it still computes; is there ${loop} at top level?` : `it waits for something; is there ${wait} at top level?`
  } catch {
    return `is there ${loop}, or ${wait}, at top level?`
  }
}

/** The lines of a stack that lie in the author's files, which the source map named; those of the host and of Node tell nothing here. */
function ownStack({ stack, message }: Error): string {
  const foreign = ['node:', OWN, pathToFileURL(OWN).href]
  const lines = (stack ?? message).split('\n')
  return lines.filter((line) => !/^\s+at /.test(line) || !foreign.some((place) => line.includes(place))).join('\n')
}
