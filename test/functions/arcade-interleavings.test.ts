import assert from 'node:assert/strict'
import { test } from 'node:test'
import { around, periodOf, topOf, type Window } from '../../functions/_arcade/board.ts'
import type { GameEvent } from '../../functions/_arcade/event.ts'
import { games } from '../../functions/_arcade/games.ts'
import { playerOf } from '../../functions/_arcade/player.ts'
import { forgetOld, takeEvents } from '../../functions/_arcade/take.ts'
import { ArcadeModel } from './arcade-model.ts'
import { chance, eventAt, openArcade, seed, shuffled } from './arcade-world.ts'

const long = Boolean(process.env['PRESSROOM_TEST_LONG'])
const INTERLEAVINGS = long ? 10_000 : 150
const now = Date.parse('2026-11-25T12:00:00Z')
const hour = 3_600_000
const windows = ['day', 'week', 'all'] as const satisfies Window[]

async function clear(db: D1Database): Promise<void> {
  await db.batch(['event', 'score', 'tally', 'player', 'achievement'].map((table) => db.prepare(`DELETE FROM ${table}`)))
}

test(`${INTERLEAVINGS} interleavings of late, repeated and contradicted events end as a plain model of them does (seed ${seed})`, { timeout: 1_800_000 }, async (t) => {
  const random = chance(seed)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const make = (id: string): GameEvent => {
    const game = pick(Object.keys(games))
    const type = pick(['score', 'score', 'score', 'achievement', 'join', 'leave'] as const)
    // Few values and moments, so that many are equal; midnights and Mondays among them.
    const at = now - Math.floor(random() * 14) * 12 * hour - pick([0, 0, 1])
    const value = type === 'score' ? (game === 'sprint' ? -1 : 1) * (10 + Math.floor(random() * 5)) : null
    return eventAt(game, id, pick(['ada', 'bob', 'cleo', 'dan', 'eve']), at, { type, value, name: type === 'achievement' ? pick(games[game]!.achievements) : null })
  }
  const db = openArcade(t)
  for (let round = 0; round < INTERLEAVINGS; round++) {
    await clear(db)
    const model = new ArcadeModel()
    const events = Array.from({ length: 5 + Math.floor(random() * 40) }, (_, index) => make(`e${index}`))
    const repeated = events.filter(() => random() < 0.3)
    const contradicted = events.filter(() => random() < 0.1).map(({ game, id }) => ({ ...make(id), game, total: games[game]!.board === 'total' }))
    const sent = shuffled([...events, ...repeated, ...contradicted], random)
    while (sent.length > 0) {
      const batch = sent.splice(0, 1 + Math.floor(random() * 20))
      // Those that come again after a crash stand in a batch of others.
      await takeEvents(db, random() < 0.1 ? [...batch, ...batch] : batch)
      for (const one of batch) model.take(one)
      if (random() < 0.1) await forgetOld(db, now)
    }
    const told = `seed ${seed}, interleaving ${round}`
    for (const [name, game] of Object.entries(games)) {
      for (const window of windows) {
        const period = periodOf(window, now)
        const shown = model.shown(name, period)
        assert.deepEqual(await topOf(db, name, game, period, 100), shown, `${told}: ${name} ${window}`)
        const one = pick(['ada', 'bob', 'cleo', 'dan', 'eve'])
        const limit = 1 + Math.floor(random() * 5)
        const place = shown.findIndex(({ player }) => player === one)
        const first = Math.max(0, place - Math.floor((limit - 1) / 2))
        assert.deepEqual(await around(db, name, game, period, one, limit), place < 0 ? undefined : shown.slice(first, first + limit), `${told}: ${limit} around ${one} of ${name} ${window}`)
      }
    }
    const counted = await db.prepare('SELECT game, period, player, score, at FROM score').all()
    assert.equal(counted.results.length, [...model.boards.values()].reduce((sum, board) => sum + board.size, 0), `${told}: standings of all days`)
    for (const player of ['ada', 'bob']) {
      const found = (await playerOf(db, player, now)).map(({ achievements, ...rest }) => ({ ...rest, achievements: Object.fromEntries(achievements.map(({ name, at }) => [name, at])) }))
      const expected = Object.keys(games).flatMap((game) => {
        const played = model.players.get(`${player} ${game}`)
        if (played === undefined) return []
        const scores = windows.flatMap((window) => model.shown(game, periodOf(window, now)).filter((entry) => entry.player === player).map(({ score, rank }) => ({ window, score, rank })))
        const iso = (ms: number) => new Date(ms).toISOString()
        const achievements = Object.fromEntries([...played.achievements].map(([name, at]) => [name, iso(at)]))
        return { game, title: games[game]!.title, playing: played.presence?.playing ?? false, events: played.events, first_at: iso(played.first), last_at: iso(played.last), scores, achievements }
      })
      const byGame = (list: readonly { game: string }[]) => Object.fromEntries(list.map((one) => [one.game, one]))
      assert.deepEqual(byGame(found), byGame(expected), `${told}: ${player}`)
    }
  }
})
