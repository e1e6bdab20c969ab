import { PressroomError } from '../../contract/errors.ts'
import { resolveConfig } from '../../contract/function-config.ts'
import type { Triggers } from '../../ports/deployments.ts'
import type { DeployedFunction } from '../deployed.ts'
import { mainRevision, type Serving } from '../serving.ts'

const FIELDS = ['routes', 'schedules', 'queues', 'buckets'] as const

/**
 * Reads what is to wake a function. Fields that are left out stay what they are now; `null`: what its config says.
 * @throws PressroomError `bad_request` naming field, expected and found
 */
export function readTriggers(at: Serving, raw: unknown): Triggers {
  const { config } = withTriggers(at) ?? nothing(at)
  const now: Triggers = { routes: [...config.routes], schedules: config.schedules.map((schedule) => ({ ...schedule })), queues: [...config.queues], buckets: config.buckets.map((trigger) => ({ ...trigger, events: [...trigger.events] })) }
  if (raw === null) return now
  if (typeof raw !== 'object' || Array.isArray(raw)) throw new PressroomError('bad_request', `body: expected {"routes"?,"schedules"?,"queues"?,"buckets"?} or null, found ${JSON.stringify(raw)}`)
  const unknown = Object.keys(raw!).find((key) => !(FIELDS as readonly string[]).includes(key))
  if (unknown !== undefined) throw new PressroomError('bad_request', `${unknown}: expected one of ${FIELDS.join(', ')}`)
  const triggers = { ...now, ...raw } as Triggers
  try {
    resolve(at, triggers)
  } catch (error) {
    throw new PressroomError('bad_request', (error as Error).message, { cause: error })
  }
  return triggers
}

/**
 * The revision that brings a function's triggers, with those that were set apart from its code; undefined while nothing serves.
 * @throws PressroomError `bad_config` when the triggers that were set do not fit the code
 */
export function withTriggers(at: Serving): DeployedFunction | undefined {
  const main = mainRevision(at)?.deployed
  if (!main || at.triggers === null) return main
  try {
    return { ...main, config: { ...main.config, ...resolve(at, at.triggers) } }
  } catch (error) {
    const way = `the triggers that were set for ${at.name} do not fit its code; DELETE /functions/${at.name}/triggers goes back to those of its config`
    throw new PressroomError('bad_config', `${(error as Error).message} (${way})`, { cause: error })
  }
}

function resolve(at: Serving, triggers: Triggers) {
  const { file, handlers } = mainRevision(at)?.deployed ?? nothing(at)
  const { routes, schedules, queues, buckets } = resolveConfig(at.name, file, triggers, handlers)
  return { routes, schedules, queues, buckets }
}

function nothing({ name, revisions }: Serving): DeployedFunction {
  const any = [...revisions.values()].at(-1)?.deployed
  if (!any) throw new PressroomError('conflict', `${name}: none of its revisions can be served; deploy one first`)
  return any
}
