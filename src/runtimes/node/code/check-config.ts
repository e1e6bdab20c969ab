import { PressroomError } from '../../../contract/errors.ts'
import { resolveConfig, type ResolvedConfig, type ResolvedSchedule } from '../../../contract/function-config.ts'
import { createCronTable } from '../../../routing/cron-table.ts'
import { createRouteTable } from '../../../routing/route-table.ts'
import type { Knowledge } from './revisions.ts'

/** What a config is checked against. */
export interface Surroundings {
  /** `[triggers] crons` of `wrangler.toml`. */
  crons: readonly string[]
  /** Variables and bindings for a function's `env` list; undefined: all. Throws for a name that nobody knows. */
  bindings(names: readonly string[] | undefined, file: string): Record<string, unknown>
}

/** The parts of a config that are understood elsewhere than its fields. */
type Parts = Pick<ResolvedConfig, 'routes' | 'schedules' | 'env'>

/**
 * Checks all of a function's config: its fields, and its route patterns, cron expressions, time zones and names of `env`.
 * What is well-formed is read even where other fields are not, so that one start tells everything.
 * @throws PressroomError `bad_config` with one line per problem
 */
export function checkConfig(
  name: string, file: string, { config: raw, handlers }: Knowledge, { crons, bindings }: Surroundings,
): { config: ResolvedConfig; bindings: Record<string, unknown> } {
  const problems: string[] = []
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      problems.push((error as Error).message)
      return undefined
    }
  }
  const config = attempt(() => resolveConfig(name, file, raw, handlers, crons))
  const { routes, schedules, env }: Parts = config ?? wellFormed(raw)
  attempt(() => createRouteTable([{ name, file, routes }]))
  attempt(() => createCronTable([{ name, file, schedules }]))
  // One by one: each unknown name is told.
  for (const wanted of env ?? []) attempt(() => bindings([wanted], file))
  if (config === undefined || problems.length > 0) throw new PressroomError('bad_config', problems.join('\n'))
  return { config, bindings: bindings(config.env, file) }
}

/** Those routes, schedules and names of a config with problems that have none themselves. */
function wellFormed(raw: unknown): Parts {
  const alone = (field: keyof Parts): ResolvedConfig[] => {
    const value: unknown = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[field] : undefined
    return (Array.isArray(value) ? value : []).flatMap((entry: unknown) => {
      try {
        return [resolveConfig('function', '', { routes: [], [field]: [entry] }, ['fetch', 'scheduled'])]
      } catch {
        return []
      }
    })
  }
  const schedules: ResolvedSchedule[] = alone('schedules').flatMap((config) => config.schedules)
  return { routes: alone('routes').flatMap(({ routes }) => routes), schedules, env: alone('env').flatMap(({ env }) => env ?? []) }
}
