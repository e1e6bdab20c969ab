import { oldestMs, type GameEvent } from './event.ts'

const day = 86_400_000
/** Ids are remembered beyond the age at which an event is refused. */
const rememberedMs = oldestMs + day
/** Day boards are kept for so long, week boards for five times that. */
const boardDays = 9
/** Rows that one transaction forgets, and how long a tick goes on with it. */
const bite = 1000
const forgettingMs = 30_000

// What was just stored stands at the end, and is found there: by an index, all there ever was would be gone through.
const stored = (most: number) => `event NOT INDEXED WHERE seq > (SELECT max(seq) FROM event) - ${most} AND batch = ?1`
/** The three periods a moment belongs to: for ever, its day, and the week that began on Monday. */
const periods = `json_each(json_array('all', 'day:' || date(at / 1000, 'unixepoch'), 'week:' || date(at / 1000, 'unixepoch', '-6 days', 'weekday 1'))) AS period`

/**
 * Stores events and moves players and boards by those that are new, in one transaction: an id that counted already, in this call or in any
 * before, changes nothing. In what order events come makes no difference to where the boards end. Answers how many were new.
 */
export async function takeEvents(db: D1Database, events: readonly GameEvent[]): Promise<number> {
  if (events.length === 0) return 0
  const batch = Math.floor(Math.random() * 2 ** 52)
  const totals = [...new Set(events.filter(({ total }) => total).map(({ game }) => game))]
  const list = JSON.stringify(events.map(({ game, id, player, type, value, name, at }) => [game, id, player, type, value, name, at]))
  const own = stored(events.length)
  const scores = (which: string) => `
    SELECT game, period.value AS period, player, event.value, at FROM (SELECT * FROM ${own} AND type = 'score' AND game ${which} (SELECT value FROM json_each(?2))) AS event JOIN ${periods}`
  const [inserted] = await db.batch([
    db.prepare(`INSERT INTO event (game, id, player, type, value, name, at, batch)
      SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, ?1 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`).bind(batch, list),
    // The best of a player; of two as good the earlier.
    db.prepare(`INSERT INTO score (game, period, player, score, at)
      SELECT game, period, player, value, at FROM (
        SELECT *, row_number() OVER (PARTITION BY game, period, player ORDER BY value DESC, at) AS place FROM (${scores('NOT IN')})) WHERE place = 1
      ON CONFLICT DO UPDATE SET score = excluded.score, at = excluded.at WHERE excluded.score > score.score OR (excluded.score = score.score AND excluded.at < score.at)`).bind(batch, JSON.stringify(totals)),
    db.prepare(`INSERT INTO score (game, period, player, score, at)
      SELECT game, period, player, sum(value), max(at) FROM (${scores('IN')}) WHERE true GROUP BY game, period, player
      ON CONFLICT DO UPDATE SET score = score.score + excluded.score, at = max(score.at, excluded.at)`).bind(batch, JSON.stringify(totals)),
    db.prepare(`INSERT INTO achievement (player, game, name, at) SELECT player, game, name, min(at) FROM ${own} AND type = 'achievement' GROUP BY player, game, name
      ON CONFLICT DO UPDATE SET at = min(achievement.at, excluded.at)`).bind(batch),
    db.prepare(`INSERT INTO player (player, game, events, first_at, last_at) SELECT player, game, count(*), min(at), max(at) FROM ${own} GROUP BY player, game
      ON CONFLICT DO UPDATE SET events = player.events + excluded.events, first_at = min(player.first_at, excluded.first_at), last_at = max(player.last_at, excluded.last_at)`).bind(batch),
    // Of a join and a leave at the same moment, the leave is later.
    db.prepare(`UPDATE player SET playing = latest.joined, presence_at = latest.at FROM (
        SELECT player, game, type = 'join' AS joined, at, row_number() OVER (PARTITION BY player, game ORDER BY at DESC, type DESC) AS place FROM ${own} AND type IN ('join', 'leave')) AS latest
      WHERE latest.place = 1 AND player.player = latest.player AND player.game = latest.game
        AND (latest.at > player.presence_at OR (latest.at = player.presence_at AND latest.joined = 0))`).bind(batch),
  ])
  return inserted!.meta.changes
}

/**
 * Forgets events whose ids can never come again, and boards of days and weeks that are over: all of them, or as many as there is time for.
 * A bite is a transaction of its own, so that no event waits long for it.
 */
export async function forgetOld(db: D1Database, now: number): Promise<void> {
  const until = Date.now() + forgettingMs
  const clear = async (query: string, ...values: unknown[]) => {
    const statement = db.prepare(query).bind(...values, bite)
    while (Date.now() < until) if ((await statement.run()).meta.changes === 0) return true
    return false
  }
  await clear('DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE at < ?1 LIMIT ?2)', now - rememberedMs)
  const date = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  // What boards there are is read where they are few: of each player, `score` has a row.
  const { results } = await db.prepare("SELECT DISTINCT game, period FROM tally WHERE (period >= 'day:' AND period < ?1) OR (period >= 'week:' AND period < ?2)")
    .bind(`day:${date(now - boardDays * day)}`, `week:${date(now - 5 * boardDays * day)}`).all<{ game: string; period: string }>()
  for (const { game, period } of results) {
    const gone = await clear('DELETE FROM score WHERE game = ?1 AND period = ?2 AND player IN (SELECT player FROM score WHERE game = ?1 AND period = ?2 LIMIT ?3)', game, period)
    if (gone) await db.prepare('DELETE FROM tally WHERE game = ?1 AND period = ?2').bind(game, period).run()
  }
}
