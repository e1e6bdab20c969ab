import { PressroomError } from '../../contract/errors.ts'
import { createCronTable, type CronTable } from '../../routing/cron-table.ts'
import { createRouteTable, type RouteTable } from '../../routing/route-table.ts'
import type { DeployedFunction } from '../deployed.ts'

/** What keeps these functions from being served together, in words; empty when nothing does. */
export function checkTogether(functions: readonly DeployedFunction[]): string[] {
  return [tableOfRoutes, tableOfSchedules, oneConsumerEach].flatMap((check) => {
    try {
      check(functions)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
}

/** @throws PressroomError `bad_config` when two functions claim one route */
export function tableOfRoutes(functions: readonly DeployedFunction[]): RouteTable {
  return createRouteTable(functions.map(({ name, file, config }) => ({ name, file, routes: config.routes })))
}

/** @throws PressroomError `bad_config` when an expression is not understood */
export function tableOfSchedules(functions: readonly DeployedFunction[]): CronTable {
  return createCronTable(functions.map(({ name, file, config }) => ({ name, file, schedules: config.schedules })))
}

/** @throws PressroomError `bad_config` when two functions consume one queue */
function oneConsumerEach(functions: readonly DeployedFunction[]) {
  const consumers = new Map<string, DeployedFunction>()
  for (const deployed of functions) {
    for (const queue of deployed.config.queues) {
      const other = consumers.get(queue)
      if (other) throw new PressroomError('bad_config', `${deployed.file}: config.queues: expected one function per queue, found "${queue}" also in ${other.file}`)
      consumers.set(queue, deployed)
    }
  }
}
