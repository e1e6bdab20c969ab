import { fromBase64Url, toBase64Url } from './identity.ts'
import { badRequest } from './problems.ts'

/** Packs the place where a page ended. */
export function writeCursor(place: (number | string)[]): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(place)))
}

/**
 * Unpacks a cursor of `kinds.length` values.
 * @throws Problem 400 where it is not one that this function gave.
 */
export function readCursor(cursor: string, kinds: ('number' | 'string')[]): (number | string)[] {
  let place: unknown
  try {
    place = JSON.parse(new TextDecoder().decode(fromBase64Url(cursor)))
  } catch {
    place = undefined
  }
  const values: unknown[] = Array.isArray(place) ? place : []
  const fits = values.length === kinds.length && kinds.every((kind, index) => typeof values[index] === kind)
  if (!fits) throw badRequest('cursor: expected the "next" of an earlier answer, unchanged')
  return place as (number | string)[]
}

/**
 * Reads `limit` of a query string: 1–100, 20 where absent.
 * @throws Problem 400.
 */
export function readLimit(text: string | undefined): number {
  if (text === undefined) return 20
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > 100) throw badRequest(`limit: expected a whole number from 1 to 100, found ${JSON.stringify(text.slice(0, 20))}`)
  return limit
}
