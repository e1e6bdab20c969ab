import { PressroomError } from '../../contract/errors.ts'
import { resolveConfig, type ResolvedConfig } from '../../contract/function-config.ts'
import type { FunctionConfig, HandlerName } from '../../contract/function.ts'

/** What the bundle of a Worker holds of one function. */
export interface BundledFunction {
  name: string
  config?: FunctionConfig
  // What `env` and a queue hold, only the function knows.
  handlers: ExportedHandler<never, never>
}

/** A function that can be called. */
export interface ReadyFunction {
  name: string
  file: string
  config: ResolvedConfig
  handlers: ExportedHandler<Record<string, unknown>, never>
  /** What it gets: all, or the names of its `config.env`. */
  env: Record<string, unknown>
  /** No call has reached it in this isolate yet. */
  cold: boolean
}

const handlerNames: readonly HandlerName[] = ['fetch', 'scheduled', 'queue']

/**
 * Checks what the functions declare and gives each its bindings.
 * @throws PressroomError `bad_config` with a line for each problem: a config that is wrong, or a name of `config.env` that `env` lacks
 */
export function readyFunctions(registry: readonly BundledFunction[], env: Record<string, unknown>): ReadyFunction[] {
  const problems: string[] = []
  const ready = registry.flatMap(({ name, config, handlers }): ReadyFunction[] => {
    const file = `functions/${name}.ts`
    try {
      const resolved = resolveConfig(name, file, config, handlerNames.filter((handler) => handlers[handler] !== undefined))
      return [{ name, file, config: resolved, handlers: handlers as unknown as ReadyFunction['handlers'], env: pick(resolved.env, env, file), cold: true }]
    } catch (error) {
      problems.push((error as Error).message)
      return []
    }
  })
  if (problems.length > 0) throw new PressroomError('bad_config', problems.join('\n'))
  return ready
}

function pick(names: readonly string[] | undefined, env: Record<string, unknown>, file: string): Record<string, unknown> {
  if (names === undefined) return env
  const missing = names.filter((name) => !(name in env))
  if (missing.length > 0) {
    const known = Object.keys(env).join(', ') || 'nothing'
    throw new PressroomError('bad_config', `${file}: config.env: expected a variable, binding or secret of this Worker (${known}), found ${missing.map((name) => `"${name}"`).join(', ')}`)
  }
  return Object.fromEntries(names.map((name) => [name, env[name]]))
}
