import { readCursor, writeCursor } from '../cursor.ts'
import { fromBase64Url, toBase64Url } from '../identity.ts'
import { badRequest } from '../problems.ts'
import type { Place } from './edition.ts'

/**
 * The place that a cursor tells; undefined where there is none.
 * @throws Problem 400 where it is not one that `writePlace` gave
 */
export function readPlace(cursor: string | undefined, now: number): Place | undefined {
  if (cursor === undefined) return undefined
  const [at, marks] = readCursor(cursor, ['number', 'string']) as [number, string]
  if (at > now) throw badRequest('cursor: it is of a time to come; expected the "next" of an earlier answer, unchanged')
  try {
    return { at, shown: new Set(new Uint32Array(fromBase64Url(marks).slice().buffer)) }
  } catch {
    throw badRequest('cursor: expected the "next" of an earlier answer, unchanged')
  }
}

/** Packs the place where a page of an edition ended. */
export function writePlace({ at, shown }: Place): string {
  return writeCursor([at, toBase64Url(new Uint8Array(Uint32Array.from(shown).buffer))])
}
