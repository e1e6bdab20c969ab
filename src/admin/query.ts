import { PressroomError } from '../contract/errors.ts'

/**
 * Reads a whole number of a query between two bounds, both included; undefined when it is not there.
 * @throws PressroomError `bad_request`
 */
export function readWholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (number >= min && number <= max) return number
  throw new PressroomError('bad_request', `${name}: expected a whole number from ${min} to ${max}, found "${text}"`)
}

/**
 * Reads a moment of a query, a day (its start in UTC) or ISO 8601 with a zone, as milliseconds since 1970; undefined when it is not there.
 * @throws PressroomError `bad_request`
 */
export function readMoment(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const known = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const day = text.slice(0, 10)
  const start = known ? Date.parse(day) : Number.NaN
  // The parser takes 30 February for 2 March.
  const moment = !Number.isNaN(start) && new Date(start).toISOString().startsWith(day) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(moment)) return moment
  throw new PressroomError('bad_request', `${name}: expected a day such as 2026-01-31, or ISO 8601 with a zone, found "${text}"`)
}

/**
 * Refuses a query that asks for what is not known: a mistyped filter would answer with everything.
 * @throws PressroomError `bad_request`
 */
export function onlyKnown(query: Record<string, string>, known: readonly string[]): void {
  const strange = Object.keys(query).find((name) => !known.includes(name))
  if (strange !== undefined) throw new PressroomError('bad_request', `${strange}: expected one of ${known.join(', ')}`)
}
