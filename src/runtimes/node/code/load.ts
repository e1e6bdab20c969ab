import { readFile } from 'node:fs/promises'
import { PressroomError } from '../../../contract/errors.ts'
import { resolveConfig } from '../../../contract/function-config.ts'
import type { DeployedFunction } from '../../../host/deployed.ts'
import type { Instances } from '../../../ports/instance.ts'
import { bundle } from './bundle.ts'
import type { SourceFile } from './discover.ts'
import type { Knowledge, Revisions } from './revisions.ts'

/** Longest that a module never seen before may take to load. */
const LOAD_MS = 10_000
/** Functions that are bundled and loaded at once. */
const AT_ONCE = 4

/** Where functions come from and what they are given. */
export interface LoadOptions {
  revisions: Revisions
  instances: Instances
  /** `[triggers] crons` of `wrangler.toml`. */
  crons: readonly string[]
  /** Variables and bindings for a function's `env` list; undefined: all. */
  bindings(names: readonly string[] | undefined, file: string): Record<string, unknown>
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
 * process never runs function code) unless this revision is known already, and checks the config.
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
  const { name, file } = source
  // Where a module's addons lie must be known before it is bundled, so before its config can be asked for.
  const native = /\bnative\s*:\s*true\b/.test(await readFile(file, 'utf8'))
  const bundled = await bundle(source, native)
  const { revision, inputs } = bundled
  const path = await options.revisions.save(bundled)
  let knowledge = await options.revisions.recall(name, revision)
  if (!knowledge) {
    knowledge = await probe({ name, revision, path, native }, options.instances)
    // Checked before it is remembered: a bad config must be refused at every start.
    resolveConfig(name, file, knowledge.config, knowledge.handlers, options.crons)
    await options.revisions.remember(name, revision, knowledge)
  }
  const config = resolveConfig(name, file, knowledge.config, knowledge.handlers, options.crons)
  const bindings = options.bindings(config.env, file)
  const { memory, outbound, timeout } = config
  return {
    inputs,
    deployed: { name, file, revision, handlers: knowledge.handlers, config, code: { name, revision, file: path, memory, native, outbound, timeoutMs: timeout * 1000, bindings } },
  }
}

/** Loads a module once, in an instance that ends right after. */
async function probe({ name, revision, path, native }: { name: string; revision: string; path: string; native: boolean }, instances: Instances): Promise<Knowledge> {
  const instance = instances.start({ name, revision, file: path, memory: 128, native, outbound: 'none', timeoutMs: LOAD_MS, bindings: {} })
  const timer = setTimeout(() => instance.kill(), LOAD_MS)
  const began = performance.now()
  try {
    const { handlers, config } = await instance.loaded
    return { handlers, config }
  } catch (error) {
    const late = performance.now() - began >= LOAD_MS
    throw new PressroomError('init_failed', late ? `did not load within ${LOAD_MS / 1000} s: is there an endless loop at top level?` : `did not load: ${ownStack(error as Error, path)}`)
  } finally {
    clearTimeout(timer)
    instance.kill()
  }
}

/** The lines of a stack that lie in the function's own code; those of the host tell its author nothing. */
function ownStack({ stack, message }: Error, path: string): string {
  const lines = (stack ?? message).split('\n')
  return lines.filter((line) => !/^\s+at /.test(line) || line.includes(path)).join('\n')
}
