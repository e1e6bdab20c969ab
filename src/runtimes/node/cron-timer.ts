import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { ResolvedSchedule } from '../../contract/function-config.ts'
import type { CronDialect } from '../../contract/function.ts'
import { type CronOptions, type RunningCron, startCron } from '../../ingress/cron.ts'
import { type CronReading, parseCron } from '../../routing/cron-expression.ts'
import { createCronTable } from '../../routing/cron-table.ts'
import { nodeClock } from './clock.ts'

/** What this machine's timer needs; the rest it brings itself. */
export interface CronTimerOptions extends Pick<CronOptions, 'ticks' | 'invoke' | 'log'>, Partial<Pick<CronOptions, 'host' | 'makeId' | 'clock'>> {
  functions: readonly { name: string; file?: string; schedules: readonly ResolvedSchedule[] }[]
}

/**
 * Runs the schedules of all functions by this machine's clock, named by its host name, with random ids.
 * @throws PressroomError `bad_config` with one line per expression that was not understood
 */
export function startCronTimer({ functions, host = hostname(), makeId = randomUUID, clock = nodeClock, ...rest }: CronTimerOptions): RunningCron {
  return startCron({ ...rest, table: createCronTable(functions), clock, host, makeId })
}

/** What an expression means and when it ticks next. */
export interface CronPreview {
  cron: string
  time_zone: string
  dialect: CronDialect
  explanation: string
  /** ISO 8601 UTC with milliseconds. */
  next: string[]
}

/**
 * Reads an expression as the timer would.
 * @param count how many ticks to foretell; default 10
 * @throws PressroomError `bad_config` when the expression is not understood
 */
export function previewCron(cron: string, { timeZone = 'UTC', dialect = 'cloudflare' }: CronReading = {}, count = 10): CronPreview {
  const expression = parseCron(cron, { timeZone, dialect })
  const next = expression.next(new Date(nodeClock.now()), count).map((time) => time.toISOString())
  return { cron, time_zone: timeZone, dialect, explanation: expression.explain(), next }
}
