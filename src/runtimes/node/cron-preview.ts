import type { CronDialect } from '../../contract/function.ts'
import { type CronReading, parseCron } from '../../routing/cron-expression.ts'
import { nodeClock } from './clock.ts'

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
 * Reads an expression as a host on this machine would, now.
 * @param count how many ticks to foretell; default 10
 * @throws PressroomError `bad_config` when the expression is not understood
 */
export function previewCron(cron: string, { timeZone = 'UTC', dialect = 'cloudflare' }: CronReading = {}, count = 10): CronPreview {
  const expression = parseCron(cron, { timeZone, dialect })
  const next = expression.next(new Date(nodeClock.now()), count).map((time) => time.toISOString())
  return { cron, time_zone: timeZone, dialect, explanation: expression.explain(), next }
}
