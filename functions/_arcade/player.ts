import { better, periodOf } from './board.ts'
import { games, ranked } from './games.ts'

/** What is known of a player in one game. Times in ISO 8601; scores and ranks only where there are any. */
export interface PlayerGame {
  game: string
  title: string
  playing: boolean
  events: number
  first_at: string
  last_at: string
  scores: { window: 'day' | 'week' | 'all'; score: number; rank: number }[]
  achievements: { name: string; at: string }[]
}

interface PlayerRow {
  game: string
  events: number
  first_at: number
  last_at: number
  playing: number
}

/** Reads what is known of a player, game by game; none where nobody of that name ever played. */
export async function playerOf(db: D1Database, player: string, now: number): Promise<PlayerGame[]> {
  const windows = (['day', 'week', 'all'] as const).map((window) => ({ window, period: periodOf(window, now) }))
  const [rows, scores, achievements] = await db.batch([
    db.prepare('SELECT game, events, first_at, last_at, playing FROM player WHERE player = ?1 ORDER BY last_at DESC').bind(player),
    db.prepare(`SELECT game, period, score, ${better('score.game', 'score.period', 'score.score')} + 1 AS rank
      FROM json_each(?2) JOIN score ON score.game = value ->> 0 AND score.period = value ->> 1 AND score.player = ?1`)
      .bind(player, JSON.stringify(Object.keys(games).flatMap((game) => windows.map(({ period }) => [game, period])))),
    db.prepare('SELECT game, name, at FROM achievement WHERE player = ?1 ORDER BY at').bind(player),
  ])
  const iso = (ms: number) => new Date(ms).toISOString()
  return (rows!.results as unknown as PlayerRow[]).flatMap(({ game, events, first_at: first, last_at: last, playing }) => {
    const rules = games[game]
    if (rules === undefined) return []
    const own = (scores!.results as unknown as { game: string; period: string; score: number; rank: number }[]).filter((row) => row.game === game)
    return [{
      game, title: rules.title, playing: playing === 1, events, first_at: iso(first), last_at: iso(last),
      scores: windows.flatMap(({ window, period }) => own.filter((row) => row.period === period).map(({ score, rank }) => ({ window, score: ranked(rules, score), rank }))),
      achievements: (achievements!.results as unknown as { game: string; name: string; at: number }[]).filter((row) => row.game === game).map(({ name, at }) => ({ name, at: iso(at) })),
    }]
  })
}
