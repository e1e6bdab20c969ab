import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const MIGRATIONS = 'functions/_arcade/migrations'

/** What is sent to the game `quest`. */
export interface ScoreEvent {
  id: string
  player: string
  type: 'score'
  value: number
  at: number
}

let made = 0
/** An event of one of so many players, with an id of its own. */
export function eventOf(players: number): ScoreEvent {
  made++
  return { id: `e${made}`, player: `p${Math.floor(Math.random() * players)}`, type: 'score', value: 1 + (made % 100), at: Date.now() }
}

/**
 * The plainest thing that keeps the same boards: one transaction and one sync for each event, in one process. Fills the file with so many
 * players first, where it is new.
 * @returns events a second
 */
export function countPlainly(file: string, players: number, seconds: number): number {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  const fresh = database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'event'").get() as { tables: number }
  if (fresh.tables === 0) for (const migration of readdirSync(MIGRATIONS).toSorted()) database.exec(readFileSync(join(MIGRATIONS, migration), 'utf8'))
  const keep = database.prepare("INSERT INTO event (game, id, player, type, value, at, batch) VALUES ('quest', ?, ?, 'score', ?, ?, 0) ON CONFLICT DO NOTHING")
  const move = database.prepare("INSERT INTO score (game, period, player, score, at) VALUES ('quest', ?, ?, ?, ?) ON CONFLICT DO UPDATE SET score = score + excluded.score, at = max(at, excluded.at)")
  const meet = database.prepare("INSERT INTO player (player, game, events, first_at, last_at) VALUES (?, 'quest', 1, ?, ?) ON CONFLICT DO UPDATE SET events = events + 1, first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)")
  const count = ({ id, player, value, at }: ScoreEvent, periods: readonly string[]) => {
    if (keep.run(id, player, value, at).changes === 0) return
    for (const period of periods) move.run(period, player, value, at)
    meet.run(player, at, at)
  }
  const today = new Date().toISOString().slice(0, 10)
  const periods = ['all', `day:${today}`, `week:${today}`]
  const known = database.prepare('SELECT count(*) AS players FROM player').get() as { players: number }
  if (known.players < players) {
    database.exec('BEGIN')
    for (let index = 0; index < players; index++) count({ ...eventOf(players), player: `p${index}` }, periods)
    database.exec('COMMIT')
  }
  const began = performance.now()
  let written = 0
  for (; performance.now() - began < seconds * 1000; written++) {
    database.exec('BEGIN IMMEDIATE')
    count(eventOf(players), periods)
    database.exec('COMMIT')
  }
  const took = performance.now() - began
  database.close()
  return (written / took) * 1000
}
