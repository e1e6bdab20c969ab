import { Cron } from 'croner'
import { PressroomError } from '../contract/errors.ts'
import type { CronDialect } from '../contract/function.ts'
import { explainFields } from './cron-explain.ts'
import { type CalendarDay, type CronField, type CronFields, parseFields } from './cron-fields.ts'
import { type WallClock, wallClock } from './wall-clock.ts'

/** A cron expression that was understood. */
export interface CronExpression {
  /** The first `count` ticks strictly after a moment, ascending; whole minutes of the zone's clock. */
  next(after: Date, count: number): Date[]
  /** In plain English, with the time zone. */
  explain(): string
}

/** How to read an expression. */
export interface CronReading {
  /** Default `cloudflare`. */
  dialect?: CronDialect
  /** IANA name; default `UTC`. */
  timeZone?: string
}

/** The first overlap after an instant can repeat no more local time than this. */
const LONGEST_OVERLAP_MS = 3 * 3_600_000

/**
 * Reads five fields: minute, hour, day of month, month, day of week. Where both day fields are restricted a day of either
 * ticks, in both dialects. A local time that a clock change leaves out is skipped, and one that it repeats ticks once, the
 * first time; an expression for every hour of the day names no time of day and ticks through both.
 * @throws PressroomError `bad_config` naming the expression, the field, what was expected and found
 */
export function parseCron(expression: string, reading: CronReading = {}): CronExpression {
  const { dialect = 'cloudflare', timeZone = 'UTC' } = reading
  const fields = readFields(expression, dialect)
  const clock = readTimeZone(expression, timeZone)
  // Croner counts local times as if they were UTC; clock changes are applied here, since its own rules differ per expression.
  const pattern = new Cron(cronerPattern(fields), { mode: '5-part', utcOffset: 0, paused: true })
  if (!pattern.nextRun(new Date(0))) throw bad(expression, 'no date ever matches it; check the day against the month')
  const everyHour = fields.hour.values.length === 24
  return {
    next(after, count) {
      const ticks: Date[] = []
      for (let last = after.getTime(); ticks.length < count;) {
        const tick = nextTick(pattern, clock, everyHour, last)
        if (tick === undefined) break
        ticks.push(new Date(tick))
        last = tick
      }
      return ticks
    },
    explain: () => explainFields(fields, timeZone),
  }
}

function readFields(expression: string, dialect: CronDialect): CronFields {
  const trimmed = expression.trim()
  if (trimmed.startsWith('@')) throw bad(expression, 'nicknames are not supported; write five fields, such as "0 0 * * *" for @daily')
  const [minute, hour, day, month, weekday, ...rest] = trimmed.split(/\s+/)
  if (!minute || !hour || !day || !month || !weekday || rest.length > 0) {
    const found = trimmed === '' ? 0 : trimmed.split(/\s+/).length
    const hint = found > 5 ? '; seconds and years are not supported, leave them out' : ''
    throw bad(expression, `expected five fields (minute, hour, day of month, month, day of week), found ${found}${hint}`)
  }
  try {
    return parseFields([minute, hour, day, month, weekday], dialect)
  } catch (error) {
    throw bad(expression, error instanceof Error ? error.message : String(error), error)
  }
}

function readTimeZone(expression: string, timeZone: string): WallClock {
  try {
    return wallClock(timeZone)
  } catch (error) {
    throw bad(expression, `expected an IANA time zone such as "Europe/Berlin", found "${timeZone}"`, error)
  }
}

function bad(expression: string, problem: string, cause?: unknown): PressroomError {
  return new PressroomError('bad_config', `cron "${expression}": ${problem}`, cause === undefined ? undefined : { cause })
}

/** Milliseconds since 1970, or undefined when there is no further tick. */
function nextTick(pattern: Cron, clock: WallClock, everyHour: boolean, after: number): number | undefined {
  const now = clock.local(after)
  const repeated = everyHour ? Math.max(0, now + LONGEST_OVERLAP_MS - clock.local(after + LONGEST_OVERLAP_MS)) : 0
  let soonest: number | undefined
  // Local times about to be shown a second time are looked at as well, and may come before the next new one.
  for (let local = pattern.nextRun(new Date(now - repeated)); local; local = pattern.nextRun(local)) {
    const instants = clock.instants(local.getTime())
    const tick = (everyHour ? instants : instants.slice(0, 1)).find((instant) => instant > after)
    if (tick !== undefined && (soonest === undefined || tick < soonest)) soonest = tick
    if (soonest !== undefined && local.getTime() > now) return soonest
  }
  return soonest
}

function cronerPattern(fields: CronFields): string {
  const { minute, hour, day, month, weekday } = fields
  return [minute, hour, day, month, weekday].map(cronerField).join(' ')
}

function cronerField(field: CronField): string {
  return field.any ? '*' : [...field.values, ...field.calendar.map(cronerDay)].join(',')
}

function cronerDay(day: CalendarDay): string {
  switch (day.kind) {
    case 'last_day': return 'L'
    case 'last_workday': return 'LW'
    case 'nearest_workday': return `${day.day}W`
    case 'nth_weekday': return `${day.weekday}#${day.nth}`
    case 'last_weekday': return `${day.weekday}L`
  }
}
