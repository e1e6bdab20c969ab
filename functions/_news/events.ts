import { isObject, refuseUnknown, type JsonObject } from './body.ts'
import { badRequest } from './problems.ts'
import type { NewEvent } from './reader-data.ts'

const types = ['open', 'like', 'unlike', 'hide', 'unhide']
const maxEvents = 100
// Further back, an app's clock is more likely wrong than its reader offline.
const maxAgeMs = 30 * 24 * 3600 * 1000

function text(object: JsonObject, field: string, prefix: string): string {
  const value = object[field]
  if (typeof value !== 'string' || value === '' || value.length > 100) {
    throw badRequest(`${prefix}${field}: expected a text of 1–100 characters`)
  }
  return value
}

function timeOf(value: unknown, prefix: string, now: number, before: number): number {
  if (value === undefined) return now - before
  const at = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN
  if (!Number.isFinite(at)) throw badRequest(`${prefix}at: expected a time in ISO 8601, such as ${new Date(now).toISOString()}`)
  return Math.min(Math.max(at, now - maxAgeMs), now)
}

/**
 * Reads the events of a request. A time in the future counts as now, one older than 30 days as 30 days ago. Those without a time are of
 * now, a millisecond apart in the order of the list: a story that is liked and then not is not liked.
 * @throws Problem 400 that names the field.
 */
export function readEvents(body: JsonObject, now: number): NewEvent[] {
  refuseUnknown(body, ['events'])
  const { events } = body
  if (!Array.isArray(events)) throw badRequest('events: expected a list')
  if (events.length === 0 || events.length > maxEvents) throw badRequest(`events: expected 1–${maxEvents} events, found ${events.length}`)
  return events.map((event: unknown, index) => {
    const prefix = `events[${index}].`
    if (!isObject(event)) throw badRequest(`events[${index}]: expected an object`)
    refuseUnknown(event, ['id', 'type', 'story', 'at'], prefix)
    const type = text(event, 'type', prefix)
    if (!types.includes(type)) throw badRequest(`${prefix}type: expected one of ${types.join(', ')}, found ${JSON.stringify(type)}`)
    return { id: text(event, 'id', prefix), type, story: text(event, 'story', prefix), at: timeOf(event.at, prefix, now, events.length - 1 - index) }
  })
}
