import { PressroomError } from '../contract/errors.ts'
import type { ResolvedSchedule } from '../contract/function-config.ts'
import { type CronExpression, parseCron } from './cron-expression.ts'

/** One schedule of one function, understood. */
export interface CronEntry extends ResolvedSchedule, CronExpression {
  readonly function: string
}

/** Every schedule of every function. */
export interface CronTable {
  readonly entries: readonly CronEntry[]
  /** The soonest moment strictly after `after` at which anything ticks, and what does; null when nothing ever will. */
  next(after: Date): { time: Date; entries: CronEntry[] } | null
  /** The schedules with this expression, spaces aside: all of them, as the `scheduled` event of Workers, or one function's. */
  find(cron: string, name?: string): CronEntry[]
}

/**
 * Reads the schedules of every function.
 * @throws PressroomError `bad_config` with one line per expression that was not understood
 */
export function createCronTable(
  functions: readonly { name: string; file?: string; schedules: readonly ResolvedSchedule[] }[],
): CronTable {
  const problems: string[] = []
  const entries = functions.flatMap(({ name, file = name, schedules }) => schedules.flatMap((schedule): CronEntry[] => {
    try {
      return [{ ...schedule, ...parseCron(schedule.cron, schedule), function: name }]
    } catch (error) {
      problems.push(`${file}: config.schedules: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  }))
  if (problems.length > 0) throw new PressroomError('bad_config', problems.join('\n'))

  return {
    entries,
    next(after) {
      let soonest: { time: Date; entries: CronEntry[] } | null = null
      for (const entry of entries) {
        const [time] = entry.next(after, 1)
        if (!time || (soonest && time > soonest.time)) continue
        if (soonest && time.getTime() === soonest.time.getTime()) soonest.entries.push(entry)
        else soonest = { time, entries: [entry] }
      }
      return soonest
    },
    find: (cron, name) => entries.filter((entry) => spaced(entry.cron) === spaced(cron) && (name === undefined || entry.function === name)),
  }
}

function spaced(cron: string): string {
  return cron.trim().split(/\s+/).join(' ')
}
