import { PressroomError } from '../../contract/errors.ts'

/** The fields of an object that came as JSON. */
export type Fields = Readonly<Record<string, unknown>>

/**
 * Reads an object that has no other fields than these; `undefined` for any.
 * @throws PressroomError `bad_request`
 */
export function readRecord(raw: unknown, at: string, known: readonly string[] | undefined, expected = 'an object'): Fields {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw refuse(at, expected, raw)
  const strange = known && Object.keys(raw).find((name) => !known.includes(name))
  if (strange !== undefined) throw refuse(`${at}.${strange}`, `one of ${known!.join(', ')}`, strange)
  return raw as Fields
}

/**
 * Reads `body` (text) or `bodyBase64` as bytes; undefined when neither is there.
 * @throws PressroomError `bad_request`
 */
export function readBody({ body, bodyBase64 }: Fields, at: string): Uint8Array | undefined {
  if (body !== undefined && bodyBase64 !== undefined) throw refuse(at, 'body or bodyBase64, not both', ['body', 'bodyBase64'])
  if (body !== undefined) {
    if (typeof body !== 'string') throw refuse(`${at}.body`, 'a string (JSON goes in as its text)', body)
    return new TextEncoder().encode(body)
  }
  if (bodyBase64 === undefined) return undefined
  if (typeof bodyBase64 !== 'string') throw refuse(`${at}.bodyBase64`, 'a string of base64', bodyBase64)
  try {
    return Uint8Array.fromBase64(bodyBase64)
  } catch {
    throw refuse(`${at}.bodyBase64`, 'base64', bodyBase64)
  }
}

/**
 * Reads a moment, ISO 8601 with a zone or milliseconds since 1970, as the latter; undefined when it is not there.
 * @throws PressroomError `bad_request`
 */
export function readMoment(raw: unknown, at: string): number | undefined {
  if (raw === undefined) return undefined
  const iso = typeof raw === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(raw)
  const moment = iso ? Date.parse(raw) : typeof raw === 'number' ? raw : Number.NaN
  if (Number.isInteger(moment) && Math.abs(moment) <= 8.64e15) return moment
  throw refuse(at, 'ISO 8601 with a zone, or milliseconds since 1970', raw)
}

/** Makes the error of one field: where, what was expected, what was found. */
export function refuse(at: string, expected: string, found: unknown): PressroomError {
  const text = found === undefined ? 'nothing' : JSON.stringify(found)
  return new PressroomError('bad_request', `${at}: expected ${expected}, found ${text.length > 80 ? `${text.slice(0, 77)}…` : text}`)
}
