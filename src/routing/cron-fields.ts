import type { CronDialect } from '../contract/function.ts'

/** A day that depends on the month's calendar. Weekdays count from 0, Sunday. */
export type CalendarDay =
  | { kind: 'last_day' }
  | { kind: 'last_workday' }
  | { kind: 'nearest_workday'; day: number }
  | { kind: 'nth_weekday'; weekday: number; nth: number }
  | { kind: 'last_weekday'; weekday: number }

/** One field, taken apart. `any` is a bare `*`: in a day field it leaves the choice to the other day field. */
export interface CronField {
  any: boolean
  /** Every value the field names, ascending; all of them when `any`. */
  values: number[]
  calendar: CalendarDay[]
}

/** The five fields of an expression, weekdays counted from 0 = Sunday whatever the dialect. */
export interface CronFields {
  minute: CronField
  hour: CronField
  day: CronField
  month: CronField
  weekday: CronField
}

interface FieldRules {
  label: string
  min: number
  max: number
  names: readonly string[]
  /** What a number or name means, before it is counted from `min`. */
  expected: string
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const rules = {
  minute: { label: 'minute', min: 0, max: 59, names: [], expected: '0–59' },
  hour: { label: 'hour', min: 0, max: 23, names: [], expected: '0–23' },
  day: { label: 'day of month', min: 1, max: 31, names: [], expected: '1–31' },
  month: { label: 'month', min: 1, max: 12, names: months, expected: '1–12 or JAN–DEC' },
} as const satisfies Record<string, FieldRules>

const weekdayRules: Record<CronDialect, FieldRules> = {
  cloudflare: { label: 'day of week', min: 1, max: 7, names: weekdays, expected: '1–7 or SUN–SAT' },
  unix: { label: 'day of week', min: 0, max: 7, names: weekdays, expected: '0–7 or SUN–SAT' },
}

/**
 * Takes the five fields of an expression apart. Ranges that wrap (`FRI-MON`, `22-2`) and steps from a value (`5/10`)
 * are Cloudflare's alone, and there `L`, `W` and `#` stand alone in their field.
 * @throws Error with what was expected and found; the caller adds the expression
 */
export function parseFields(parts: readonly [string, string, string, string, string], dialect: CronDialect): CronFields {
  const [minute, hour, day, month, weekday] = parts
  return {
    minute: parseField(minute, rules.minute, dialect),
    hour: parseField(hour, rules.hour, dialect),
    day: parseField(day, rules.day, dialect, dayOfMonth),
    month: parseField(month, rules.month, dialect),
    weekday: countFromSunday(parseField(weekday, weekdayRules[dialect], dialect, dayOfWeek), dialect),
  }
}

type Special = (item: string, field: FieldRules, dialect: CronDialect) => CalendarDay | number | undefined

function parseField(text: string, field: FieldRules, dialect: CronDialect, special: Special = () => undefined): CronField {
  if (text === '*') return { any: true, values: span(field.min, field.max), calendar: [] }
  const values = new Set<number>()
  const calendar: CalendarDay[] = []
  const items = text.split(',')
  for (const item of items) {
    const found = special(item, field, dialect)
    if (typeof found === 'number') values.add(found)
    else if (found) calendar.push(found)
    else for (const value of parseItem(item, field, dialect)) values.add(value)
  }
  if (dialect === 'cloudflare' && calendar.length > 0 && items.length > 1) {
    throw new Error(`${field.label}: Cloudflare takes L, W and # only alone, found "${text}"; write one schedule for each`)
  }
  return { any: false, values: [...values].sort((a, b) => a - b), calendar }
}

/** `5`, `MON`, `1-5`, `*` with a step, `10-30/5` and, for Cloudflare, `5/10`. */
function parseItem(item: string, field: FieldRules, dialect: CronDialect): number[] {
  const [range = '', stepText, ...rest] = item.split('/')
  if (rest.length > 0) throw unexpected(item, field)
  const step = stepText === undefined ? 1 : parseStep(stepText, item, field)
  if (range === '*') {
    if (stepText === undefined) throw new Error(`${field.label}: "*" stands alone, found "${item}" in a list; remove the rest`)
    return everyNth(span(field.min, field.max), step)
  }
  const [firstText = '', lastText, ...more] = range.split('-')
  if (more.length > 0) throw unexpected(item, field)
  const first = parseValue(firstText, item, field)
  if (lastText !== undefined) return everyNth(between(first, parseLast(lastText, first, item, field, dialect), item, field, dialect), step)
  if (stepText === undefined) return [first]
  if (dialect === 'cloudflare') return everyNth(span(first, field.max), step)
  throw new Error(`${field.label}: expected a range before "/", found "${item}"; write ${first}-${field.max}/${step}`)
}

function between(first: number, last: number, item: string, field: FieldRules, dialect: CronDialect): number[] {
  if (first <= last) return span(first, last)
  if (dialect === 'cloudflare') return [...span(first, field.max), ...span(field.min, last)]
  throw new Error(`${field.label}: expected a range that goes up, found "${item}"; write ${first}-${field.max},${field.min}-${last}`)
}

/** In unix dialect Sunday ends a week as well as it begins one: `FRI-SUN` is 5–7. */
function parseLast(text: string, first: number, item: string, field: FieldRules, dialect: CronDialect): number {
  const last = parseValue(text, item, field)
  return dialect === 'unix' && field.names === weekdays && last === 0 && first > 0 ? 7 : last
}

function parseStep(text: string, item: string, field: FieldRules): number {
  const most = field.max - field.min
  const step = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (step >= 1 && step <= most) return step
  throw new Error(`${field.label}: expected a step of 1–${most} after "/", found "${item}"`)
}

function parseValue(text: string, item: string, field: FieldRules): number {
  const name = field.names.indexOf(text.toUpperCase())
  if (name !== -1) return (field.names === weekdays && field.min === 0 ? 0 : 1) + name
  const value = /^\d{1,2}$/.test(text) ? Number(text) : -1
  if (value >= field.min && value <= field.max) return value
  throw unexpected(item, field)
}

function unexpected(item: string, field: FieldRules): Error {
  const hint = item === '?' ? '; write "*"' : cloudflareHasNoZero(item, field) ? cloudflareZeroHint : ''
  return new Error(`${field.label}: expected ${field.expected}, found "${item}"${hint}`)
}

const cloudflareZeroHint = '; Cloudflare counts weekdays from 1 = Sunday: write SUN (names mean the same everywhere), or set dialect: "unix"'

function cloudflareHasNoZero(item: string, field: FieldRules): boolean {
  return field.names === weekdays && field.min === 1 && /(^|-)0/.test(item)
}

const dayOfMonth: Special = (item, field) => {
  if (/^L$/i.test(item)) return { kind: 'last_day' }
  if (/^LW$/i.test(item)) return { kind: 'last_workday' }
  if (/^L-/i.test(item)) throw new Error(`${field.label}: days counted back from the last are not supported, found "${item}"; write L or LW`)
  const nearest = /^(\d{1,2})W$/i.exec(item)
  return nearest?.[1] ? { kind: 'nearest_workday', day: parseValue(nearest[1], item, field) } : undefined
}

const dayOfWeek: Special = (item, field, dialect) => {
  if (/^L$/i.test(item)) {
    if (dialect === 'cloudflare') return field.max
    throw new Error(`${field.label}: expected a weekday before L, found "${item}"; write 5L for the last Friday of the month`)
  }
  const last = /^(\d+|[a-z]{3})L$/i.exec(item)
  if (last?.[1]) return { kind: 'last_weekday', weekday: parseValue(last[1], item, field) }
  const nth = /^(\d+|[a-z]{3})#(.*)$/i.exec(item)
  if (!nth?.[1]) return undefined
  if (!/^[1-5]$/.test(nth[2] ?? '')) throw new Error(`${field.label}: expected 1–5 after "#", found "${item}"`)
  return { kind: 'nth_weekday', weekday: parseValue(nth[1], item, field), nth: Number(nth[2]) }
}

function countFromSunday(field: CronField, dialect: CronDialect): CronField {
  const recount = (value: number): number => (dialect === 'cloudflare' ? value - 1 : value % 7)
  const values = [...new Set(field.values.map(recount))].sort((a, b) => a - b)
  const calendar = field.calendar.map((day) => ('weekday' in day ? { ...day, weekday: recount(day.weekday) } : day))
  return { any: field.any, values, calendar }
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function everyNth(values: readonly number[], step: number): number[] {
  return values.filter((_, index) => index % step === 0)
}
