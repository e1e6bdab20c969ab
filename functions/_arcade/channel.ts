import { periodOf, topOf, type Entry } from './board.ts'
import { type Game, ranked } from './games.ts'

/** Whoever watches a game. */
export interface Watcher {
  /** It has left. */
  gone: boolean
  /** Takes bytes of an event stream; false where it does not keep up. */
  send(bytes: Uint8Array): boolean
  /** Ends it: it comes again with the last number it had. */
  end(): void
}

interface EventRow {
  seq: number
  player: string
  type: string
  value: number | null
  name: string | null
  at: number
}

const pollMs = 250
const shownTop = 10
/** More news than this at once is told by the board alone. */
const mostNews = 100
const stillHereMs = 15_000
const encoder = new TextEncoder()

/** One message of an event stream (HTML Standard, 9.2): its data is one line of JSON. */
export function message(type: string, data: object, seq?: number): string {
  return `event: ${type}\n${seq === undefined ? '' : `id: ${seq}\n`}data: ${JSON.stringify(data)}\n\n`
}

function newsOf(game: Game, rows: readonly EventRow[]): object {
  return {
    events: rows.slice(-mostNews).map(({ player, type, value, name, at }) => ({
      player, type, ...(value === null ? {} : { score: ranked(game, value) }), ...(name === null ? {} : { achievement: name }), at: new Date(at).toISOString(),
    })),
    ...(rows.length > mostNews ? { left_out: rows.length - mostNews } : {}),
  }
}

/** All watchers of a game in one instance: the database is asked four times a second for all of them, and not at all while there are none. */
export class Channel {
  readonly #db: D1Database
  readonly #name: string
  readonly #game: Game
  readonly #watchers = new Set<Watcher>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #seq = 0
  #top: Entry[] = []
  #period = ''
  #toldAt = 0

  constructor(db: D1Database, name: string, game: Game) {
    this.#db = db
    this.#name = name
    this.#game = game
  }

  /** Adds a watcher: it is told what came after `since`, where that is still known, then the board, then all that comes. */
  async add(watcher: Watcher, since: number | undefined): Promise<void> {
    if (this.#watchers.size === 0) await this.#refresh()
    let told = Math.min(since ?? this.#seq, this.#seq)
    // Others are told more while this one reads what it missed.
    while (told < this.#seq) {
      const until = this.#seq
      const missed = await this.#after(told, mostNews + 1, until)
      if (missed.length > 0) watcher.send(encoder.encode(message('events', newsOf(this.#game, missed), until)))
      told = until
    }
    if (watcher.gone) return
    watcher.send(encoder.encode(message('board', this.#board(), this.#seq)))
    this.#watchers.add(watcher)
    this.#timer ??= setTimeout(() => void this.#poll(), pollMs)
  }

  /** Takes a watcher off. */
  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher)
    if (this.#watchers.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #board(): object {
    return { game: this.#name, window: 'day', period: this.#period.slice('day:'.length), entries: this.#top }
  }

  async #after(seq: number, most: number, until = Number.MAX_SAFE_INTEGER): Promise<EventRow[]> {
    // The newest, where there are more.
    const { results } = await this.#db.prepare(`SELECT * FROM (SELECT seq, player, type, value, name, at FROM event WHERE seq > ?1 AND seq <= ?2 AND game = ?3 ORDER BY seq DESC LIMIT ?4) ORDER BY seq`)
      .bind(seq, until, this.#name, most).all<EventRow>()
    return results
  }

  async #refresh(): Promise<void> {
    const newest = await this.#db.prepare('SELECT max(seq) AS seq FROM event').first<{ seq: number | null }>()
    this.#seq = newest?.seq ?? 0
    this.#period = periodOf('day', Date.now())
    this.#top = await topOf(this.#db, this.#name, this.#game, this.#period, shownTop)
  }

  async #poll(): Promise<void> {
    const began = Date.now()
    try {
      const news = await this.#after(this.#seq, mostNews * 10)
      const period = periodOf('day', began)
      if (news.length > 0 || period !== this.#period) {
        const top = await topOf(this.#db, this.#name, this.#game, period, shownTop)
        const moved = JSON.stringify(top) !== JSON.stringify(this.#top)
        this.#seq = news.at(-1)?.seq ?? this.#seq
        this.#top = top
        this.#period = period
        this.#tell((news.length > 0 ? message('events', newsOf(this.#game, news), this.#seq) : '') + (moved ? message('board', this.#board(), this.#seq) : ''))
      } else if (began - this.#toldAt > stillHereMs) {
        this.#tell(': still here\n\n')
      }
    } catch (error) {
      console.warn(`live: ${this.#name}: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (this.#watchers.size > 0) this.#timer = setTimeout(() => void this.#poll(), Math.max(0, pollMs - (Date.now() - began)))
  }

  #tell(text: string): void {
    if (text === '') return
    this.#toldAt = Date.now()
    const bytes = encoder.encode(text)
    for (const watcher of this.#watchers) {
      if (watcher.send(bytes)) continue
      this.#watchers.delete(watcher)
      watcher.end()
    }
  }
}
