import { type Game, ranked } from './games.ts'

/** A time over which a board counts. */
export type Window = 'day' | 'week' | 'all'

/** A player on a board. Players with the same score share a rank. */
export interface Entry {
  rank: number
  player: string
  score: number
  /** When it was reached, ISO 8601. */
  at: string
}

interface Row {
  player: string
  score: number
  at: number
}

/** The name of the period that a window means at a moment: days and weeks (from Monday) of UTC. */
export function periodOf(window: Window, now: number): string {
  if (window === 'all') return 'all'
  const today = new Date(now)
  if (window === 'week') today.setUTCDate(today.getUTCDate() - ((today.getUTCDay() + 6) % 7))
  return `${window}:${today.toISOString().slice(0, 10)}`
}

/** The best `limit` of a game, best first. */
export async function topOf(db: D1Database, name: string, game: Game, period: string, limit: number): Promise<Entry[]> {
  const { results } = await db.prepare('SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 ORDER BY score DESC, at, player LIMIT ?3').bind(name, period, limit).all<Row>()
  return entries(game, results, 0, 0)
}

/** The player with `limit` places around, half of them better; undefined where the player has no score there. */
export async function around(db: D1Database, name: string, game: Game, period: string, player: string, limit: number): Promise<Entry[] | undefined> {
  const own = await db.prepare('SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND player = ?3').bind(name, period, player).first<Row>()
  if (own === null) return undefined
  const half = Math.floor((limit - 1) / 2)
  const place = [name, period, own.score, own.at, own.player]
  const [above, below] = await db.batch<Row>([
    // Two halves of one order: those with a better score, and those as good who were there before.
    db.prepare(`SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score = ?3 AND (at, player) < (?4, ?5) ORDER BY at DESC, player DESC LIMIT ?6)
      UNION ALL SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score > ?3 ORDER BY score, at DESC, player DESC LIMIT ?6)`).bind(...place, half),
    db.prepare(`SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score = ?3 AND (at, player) > (?4, ?5) ORDER BY at, player LIMIT ?6)
      UNION ALL SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score < ?3 ORDER BY score DESC, at, player LIMIT ?6)`).bind(...place, limit),
  ])
  const before = above!.results.slice(0, half).toReversed()
  const rows = [...before, own, ...below!.results].slice(0, limit)
  const first = rows[0]!
  const better = await countBetter(db, name, period, first.score)
  const equal = await db.prepare('SELECT count(*) AS before FROM score WHERE game = ?1 AND period = ?2 AND score = ?3 AND (at, player) < (?4, ?5)')
    .bind(name, period, first.score, first.at, first.player).first<{ before: number }>()
  return entries(game, rows, better, better + (equal?.before ?? 0))
}

/** How many players have a better score. */
export async function countBetter(db: D1Database, name: string, period: string, score: number): Promise<number> {
  const row = await db.prepare('SELECT count(*) AS better FROM score WHERE game = ?1 AND period = ?2 AND score > ?3').bind(name, period, score).first<{ better: number }>()
  return row?.better ?? 0
}

/** Gives ranks to rows that follow each other: so many are better than the first, and so many stand before it. */
function entries(game: Game, rows: readonly Row[], better: number, before: number): Entry[] {
  let rank = better + 1
  return rows.map(({ player, score, at }, index) => {
    if (index > 0 && score !== rows[index - 1]!.score) rank = before + index + 1
    return { rank, player, score: ranked(game, score), at: new Date(at).toISOString() }
  })
}
