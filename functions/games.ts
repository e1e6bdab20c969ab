import type { FunctionConfig } from 'pressroom'
import { around, periodOf, topOf, type Window } from './_arcade/board.ts'
import type { ArcadeEnv } from './_arcade/env.ts'
import { nameIn, readEvents, type GameEvent } from './_arcade/event.ts'
import { gameOf, games, type Game } from './_arcade/games.ts'
import { Held } from './_arcade/held.ts'
import { pack } from './_arcade/parcel.ts'
import { playerOf } from './_arcade/player.ts'
import { newsApp } from './_news/app.ts'
import { readText } from './_news/body.ts'
import { readLimit } from './_news/cursor.ts'
import { badRequest, Problem, reason } from './_news/problems.ts'

export const config = {
  routes: [
    'GET /games', 'OPTIONS /games', 'POST /games/:game/events', 'OPTIONS /games/:game/events', 'GET /games/:game/leaderboard', 'OPTIONS /games/:game/leaderboard',
    'GET /players/:id', 'OPTIONS /players/:id',
  ],
  memory: 128,
  env: ['ARCADE', 'ARCADE_EVENTS', 'ARCADE_KEY', 'CORS_ORIGINS'],
} satisfies FunctionConfig

const held = new Held()

const app = newsApp<ArcadeEnv>()

function known(name: string): { name: string; game: Game } {
  const game = gameOf(name)
  if (game === undefined) throw new Problem(404, 'not_found', `there is no game ${JSON.stringify(name.slice(0, 60))}; expected one of ${Object.keys(games).join(', ')}`)
  return { name, game }
}

function checkKey(header: string | undefined, key: string | undefined): void {
  if (key === undefined || key === '' || header === `Bearer ${key}`) return
  throw new Problem(401, 'unauthorized', 'authorization: expected "Bearer" and the key of ARCADE_KEY')
}

function windowOf(text: string | undefined): Window {
  if (text === undefined || text === 'all' || text === 'day' || text === 'week') return text ?? 'all'
  throw badRequest('window: expected day, week or all')
}

async function idsKnown(db: D1Database, name: string, ids: readonly string[]): Promise<Set<string>> {
  const { results } = await db.prepare('SELECT id FROM event WHERE game = ?1 AND id IN (SELECT value FROM json_each(?2))').bind(name, JSON.stringify(ids)).all<{ id: string }>()
  return new Set(results.map(({ id }) => id))
}

app.get('/games', (c) => c.json({ games: Object.entries(games).map(([name, game]) => ({ name, ...game })) }))

app.post('/games/:game/events', async (c) => {
  const { name, game } = known(c.req.param('game'))
  checkKey(c.req.header('authorization'), c.env.ARCADE_KEY)
  const events = readEvents(await readText(c.req.raw), name, game, Date.now())
  const once = new Map<string, GameEvent>()
  for (const event of events) if (!once.has(event.id)) once.set(event.id, event)
  const unheld = [...once.values()].filter(({ id }) => !held.has(name, id))
  const counted = unheld.length === 0 ? new Set() : await idsKnown(c.env.ARCADE, name, unheld.map(({ id }) => id))
  const fresh = unheld.filter(({ id }) => !counted.has(id))
  try {
    for (const messages of pack(fresh)) {
      await c.env.ARCADE_EVENTS.sendBatch(messages)
      for (const { body } of messages) for (const { id } of body) held.add(name, id)
    }
  } catch (error) {
    // What part of the body is kept already counts once, however often the body comes.
    if (!reason(error).startsWith('queue_full')) throw error
    return c.json({ error: { code: 'queue_full', message: 'more events are waiting than the queue holds; send them again, with the same ids' } }, 429, { 'retry-after': '1' })
  }
  return c.json({ accepted: fresh.length, duplicates: events.length - fresh.length }, 202)
})

app.get('/games/:game/leaderboard', async (c) => {
  const { name, game } = known(c.req.param('game'))
  const window = windowOf(c.req.query('window'))
  const limit = readLimit(c.req.query('limit'))
  const period = periodOf(window, Date.now())
  const player = c.req.query('around')
  const named = { game: name, window, ...(window === 'all' ? {} : { period: period.slice(window.length + 1) }) }
  if (player === undefined) return c.json({ ...named, entries: await topOf(c.env.ARCADE, name, game, period, limit) })
  const entries = await around(c.env.ARCADE, name, game, period, nameIn(player, 'around'), limit)
  if (entries === undefined) throw new Problem(404, 'not_found', `around: ${JSON.stringify(player.slice(0, 64))} has no score on this board`)
  return c.json({ ...named, entries })
})

app.get('/players/:id', async (c) => {
  const id = nameIn(c.req.param('id'), 'id')
  const played = await playerOf(c.env.ARCADE, id, Date.now())
  if (played.length === 0) throw new Problem(404, 'not_found', `player ${JSON.stringify(id)}: nobody of this name ever played`)
  return c.json({ id, games: played })
})

export default app
