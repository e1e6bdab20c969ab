import { isObject, refuseUnknown } from '../_news/body.ts'
import { badRequest, Problem } from '../_news/problems.ts'
import { type Game, ranked } from './games.ts'

/** An event of a game as it is queued and stored; `value` as it ranks. `at`: milliseconds since 1970. */
export interface GameEvent {
  game: string
  id: string
  player: string
  type: 'score' | 'achievement' | 'join' | 'leave'
  value: number | null
  name: string | null
  at: number
  /** The board adds scores up. */
  total: boolean
}

const types = ['score', 'achievement', 'join', 'leave'] as const
const mostEvents = 1000
/** An event may be so old, and no older: its id is remembered for longer, so that it never counts twice. */
export const oldestMs = 7 * 24 * 3_600_000
/** How far a clock elsewhere may be ahead. */
const aheadMs = 5 * 60_000

/**
 * Reads the body of a request: one JSON object, or as many lines of them (NDJSON), 1,000 at most.
 * @throws Problem 400 naming the line and the field; 422 `impossible_score` for what the rules of the game refuse. Nothing is taken then.
 */
export function readEvents(text: string, name: string, game: Game, now: number): GameEvent[] {
  const one = parsed(text)
  if (one !== undefined) return [readEvent(one, 'event', name, game, now)]
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), index })).filter(({ line }) => line !== '')
  if (lines.length === 0 || lines.length > mostEvents) throw badRequest(`body: expected 1–${mostEvents} events, one JSON object or lines of them (NDJSON), found ${lines.length}`)
  return lines.map(({ line, index }) => {
    const where = `line ${index + 1}`
    const value = parsed(line)
    if (value === undefined) throw badRequest(`${where}: expected a JSON object`)
    return readEvent(value, where, name, game, now)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readEvent(raw: unknown, where: string, name: string, game: Game, now: number): GameEvent {
  if (!isObject(raw)) throw badRequest(`${where}: expected a JSON object`)
  refuseUnknown(raw, ['id', 'player', 'type', 'value', 'at'], `${where}: `)
  const type = types.find((known) => known === raw['type'])
  if (type === undefined) throw badRequest(`${where}: type: expected one of ${types.join(', ')}`)
  const event = { game: name, id: nameIn(raw['id'], `${where}: id`), player: nameIn(raw['player'], `${where}: player`), type, at: timeIn(raw['at'], where, now), total: game.board === 'total' }
  if (type === 'score') return { ...event, value: ranked(game, scoreIn(raw['value'], where, name, game)), name: null }
  if (type === 'achievement') return { ...event, value: null, name: achievementIn(raw['value'], where, name, game) }
  if (raw['value'] !== undefined) throw badRequest(`${where}: value: ${type} has none`)
  return { ...event, value: null, name: null }
}

/** Letters, marks, digits, signs, spaces and whole emoji; what joins letters in some scripts (U+200C, U+200D), and nothing else that is invisible. */
const nameShape = /^(?:\p{RGI_Emoji}|[^\p{C}\u2028\u2029]|[\u200c\u200d])+$/v
const visible = /[^\s\u200c\u200d]/

/**
 * A name of a player or an event: 64 UTF-16 units at most, in normal form C. `.` and `..` are none, since no address could hold them.
 * @throws Problem 400
 */
export function nameIn(value: unknown, where: string): string {
  const name = typeof value === 'string' ? value.normalize('NFC') : ''
  if (name.length <= 64 && visible.test(name) && nameShape.test(name) && name !== '.' && name !== '..') return name
  throw badRequest(`${where}: expected a text of 1–64 characters, without control characters`)
}

/** ISO 8601 with its offset: without one, the time would be that of wherever this runs. */
const timeShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/

function timeIn(value: unknown, where: string, now: number): number {
  if (value === undefined) return now
  const at = typeof value === 'string' && timeShape.test(value) ? Date.parse(value) : typeof value === 'number' ? Math.round(value) : Number.NaN
  if (!Number.isFinite(at)) throw badRequest(`${where}: at: expected a time in ISO 8601 with its offset, or milliseconds since 1970`)
  if (at > now + aheadMs) throw badRequest(`${where}: at: ${JSON.stringify(value)} is yet to come`)
  if (at < now - oldestMs) throw badRequest(`${where}: at: an event older than ${oldestMs / 86_400_000} days is not taken any more`)
  // What a clock ahead calls later is now.
  return Math.min(at, now)
}

function scoreIn(value: unknown, where: string, name: string, { score: { min, max, whole, unit } }: Game): number {
  if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  const found = typeof value === 'number' ? String(value) : value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60)
  if (typeof value !== 'number') throw badRequest(`${where}: value: expected a number of ${unit}, found ${found}`)
  throw new Problem(422, 'impossible_score', `${where}: value: ${name} has ${whole ? 'whole ' : ''}scores of ${min}–${max} ${unit}, found ${found}`)
}

function achievementIn(value: unknown, where: string, name: string, { achievements }: Game): string {
  const known = achievements.find((one) => one === value)
  if (known === undefined) throw new Problem(422, 'impossible_score', `${where}: value: ${name} has the achievements ${achievements.join(', ')}, found ${value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60)}`)
  return known
}
