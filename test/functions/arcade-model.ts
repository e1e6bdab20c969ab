import { periodOf } from '../../functions/_arcade/board.ts'
import type { GameEvent } from '../../functions/_arcade/event.ts'
import { games, ranked } from '../../functions/_arcade/games.ts'

/** Where a player stands on a board: the score as it ranks, and when it was reached. */
export interface Standing {
  player: string
  score: number
  at: number
}

interface Played {
  events: number
  first: number
  last: number
  presence: { at: number; playing: boolean } | undefined
  achievements: Map<string, number>
}

/** What an arcade should know after some events, said as plainly as can be: maps in memory, one event at a time. */
export class ArcadeModel {
  readonly #ids = new Set<string>()
  readonly boards = new Map<string, Map<string, Standing>>()
  readonly players = new Map<string, Played>()

  /** Counts an event, unless its id has counted in its game. */
  take(event: GameEvent): void {
    const { game, id, player, type, at } = event
    if (this.#ids.has(`${game} ${id}`)) return
    this.#ids.add(`${game} ${id}`)
    const played = this.players.get(`${player} ${game}`) ?? { events: 0, first: at, last: at, presence: undefined, achievements: new Map<string, number>() }
    this.players.set(`${player} ${game}`, played)
    played.events++
    played.first = Math.min(played.first, at)
    played.last = Math.max(played.last, at)
    if (type === 'achievement') played.achievements.set(event.name!, Math.min(played.achievements.get(event.name!) ?? at, at))
    if (type === 'join' || type === 'leave') {
      const before = played.presence
      if (before === undefined || at > before.at || (at === before.at && type === 'leave')) played.presence = { at, playing: type === 'join' }
    }
    if (type === 'score') for (const window of ['all', 'day', 'week'] as const) this.#score(game, periodOf(window, at), player, event.value!, at)
  }

  #score(game: string, period: string, player: string, score: number, at: number): void {
    const board = this.boards.get(`${game} ${period}`) ?? new Map<string, Standing>()
    this.boards.set(`${game} ${period}`, board)
    const before = board.get(player)
    if (before === undefined) board.set(player, { player, score, at })
    else if (games[game]!.board === 'total') board.set(player, { player, score: before.score + score, at: Math.max(before.at, at) })
    else if (score > before.score || (score === before.score && at < before.at)) board.set(player, { player, score, at })
  }

  /** A board as it is shown, best first; the same score is the same rank. */
  shown(game: string, period: string): { rank: number; player: string; score: number; at: string }[] {
    const standings = [...(this.boards.get(`${game} ${period}`)?.values() ?? [])]
    const sorted = standings.toSorted((a, b) => b.score - a.score || a.at - b.at || (a.player < b.player ? -1 : 1))
    return sorted.map(({ player, score, at }) => ({
      rank: 1 + standings.filter((other) => other.score > score).length, player, score: ranked(games[game]!, score), at: new Date(at).toISOString(),
    }))
  }
}
