import type { CalendarDay, CronField, CronFields } from './cron-fields.ts'

const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const monthNames = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
]
const ordinals = ['zeroth', 'first', 'second', 'third', 'fourth', 'fifth']

/** More times than this are told as minutes and hours, not one by one. */
const MOST_TIMES = 6

/** Says in plain English when an expression ticks: `At 09:00 on Monday to Friday (UTC)`. */
export function explainFields(fields: CronFields, timeZone: string): string {
  const days = explainDays(fields.day, fields.weekday)
  const months = fields.month.any ? '' : ` in ${series(fields.month.values, (month) => monthNames[month - 1] ?? '')}`
  const time = explainTime(fields.minute, fields.hour)
  const daily = days === '' && time.startsWith('At ') && fields.hour.values.length < 24 ? ' every day' : ''
  return `${time}${daily}${days}${months} (${timeZone})`
}

function explainTime(minute: CronField, hour: CronField): string {
  const everyMinute = minute.values.length === 60
  const everyHour = hour.values.length === 24
  if (everyMinute && everyHour) return 'Every minute'
  if (everyMinute) return `At every minute of ${plural(hour.values.length, 'hour')} ${series(hour.values, twoDigits)}`
  if (everyHour) {
    const [first = 0, second] = minute.values
    if (second === undefined) return first === 0 ? 'Every hour, on the hour' : `Every hour, at minute ${first}`
    const step = second - first
    if (first === 0 && 60 % step === 0 && minute.values.length === 60 / step) return `Every ${step} minutes`
    return `At minutes ${series(minute.values, String)} of every hour`
  }
  const times = hour.values.flatMap((h) => minute.values.map((m) => `${twoDigits(h)}:${twoDigits(m)}`))
  if (times.length <= MOST_TIMES) return `At ${join(times)}`
  const minutes = `${plural(minute.values.length, 'minute')} ${series(minute.values, String)}`
  return `At ${minutes} of ${plural(hour.values.length, 'hour')} ${series(hour.values, twoDigits)}`
}

function explainDays(day: CronField, weekday: CronField): string {
  const parts: string[] = []
  if (!day.any) parts.push(daysOfMonth(day))
  if (!weekday.any) parts.push(daysOfWeek(weekday))
  return parts.length === 0 ? '' : ` on ${parts.join(', and also on ')}`
}

function daysOfMonth(day: CronField): string {
  const numbered = day.values.length === 0 ? [] : [`${plural(day.values.length, 'day')} ${series(day.values, String)} of the month`]
  return join([...numbered, ...day.calendar.map(calendarDay)])
}

function daysOfWeek(weekday: CronField): string {
  const named = weekday.values.length === 0 ? [] : [series(weekday.values, (value) => weekdayNames[value] ?? '')]
  return join([...named, ...weekday.calendar.map(calendarDay)])
}

function calendarDay(day: CalendarDay): string {
  switch (day.kind) {
    case 'last_day': return 'the last day of the month'
    case 'last_workday': return 'the last day of the month that is Monday to Friday'
    case 'nearest_workday': return `the day from Monday to Friday nearest to day ${day.day} of the month`
    case 'nth_weekday': return `the ${ordinals[day.nth] ?? ''} ${weekdayNames[day.weekday] ?? ''} of the month`
    case 'last_weekday': return `the last ${weekdayNames[day.weekday] ?? ''} of the month`
  }
}

/** Three or more values in a row become a range: `Monday to Friday`, `1, 3 and 5 to 9`. */
function series(values: readonly number[], show: (value: number) => string): string {
  const runs: number[][] = []
  for (const value of values) {
    const run = runs.at(-1)
    if (run && run.at(-1) === value - 1) run.push(value)
    else runs.push([value])
  }
  return join(runs.flatMap((run) => (run.length > 2 ? [`${show(run[0] ?? 0)} to ${show(run.at(-1) ?? 0)}`] : run.map(show))))
}

function join(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
