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
  const [ahead, below] = await db.batch<Row>([
    // Two halves of one order: those with a better score, and those as good who were there before.
    db.prepare(`SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score = ?3 AND (at, player) < (?4, ?5) ORDER BY at DESC, player DESC LIMIT ?6)
      UNION ALL SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score > ?3 ORDER BY score, at DESC, player DESC LIMIT ?6)`).bind(...place, half),
    db.prepare(`SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score = ?3 AND (at, player) > (?4, ?5) ORDER BY at, player LIMIT ?6)
      UNION ALL SELECT * FROM (SELECT player, score, at FROM score WHERE game = ?1 AND period = ?2 AND score < ?3 ORDER BY score DESC, at, player LIMIT ?6)`).bind(...place, limit),
  ])
  const before = ahead!.results.slice(0, half).toReversed()
  const rows = [...before, own, ...below!.results].slice(0, limit)
  const first = rows[0]!
  const counts = await db.prepare(`SELECT ${better('?1', '?2', '?3')} AS better, (SELECT count(*) FROM score WHERE game = ?1 AND period = ?2 AND score = ?3 AND (at, player) < (?4, ?5)) AS equal`)
    .bind(name, period, first.score, first.at, first.player).first<{ better: number; equal: number }>()
  const { better: above, equal } = counts ?? { better: 0, equal: 0 }
  return entries(game, rows, above, above + equal)
}

/**
 * SQL for how many players of a board have a better score; the arguments are SQL, too. Scores of another size are counted by the table `tally`,
 * those of about the same size one by one.
 */
export function better(game: string, period: string, score: string): string {
  const about = `CAST(printf('%.2e', ${score}) AS REAL)`
  // A little more than half of the third digit: the last number of 1.23e+04 is 12,350.
  const half = `CAST('0.0051' || substr(printf('%.2e', abs(${score})), 5) AS REAL)`
  return `((SELECT coalesce(sum(players), 0) FROM tally WHERE tally.game = ${game} AND tally.period = ${period} AND about > ${about})
    + (SELECT count(*) FROM score AS other WHERE other.game = ${game} AND other.period = ${period} AND other.score > ${score}
      AND other.score <= ${about} + ${half} AND CAST(printf('%.2e', other.score) AS REAL) = ${about}))`
}

/** Gives ranks to rows that follow each other: so many are better than the first, and so many stand before it. */
function entries(game: Game, rows: readonly Row[], above: number, before: number): Entry[] {
  let rank = above + 1
  return rows.map(({ player, score, at }, index) => {
    if (index > 0 && score !== rows[index - 1]!.score) rank = before + index + 1
    return { rank, player, score: ranked(game, score), at: new Date(at).toISOString() }
  })
}
