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

/** What happened in a game: the newest events, the oldest first, and how many before them are not told. */
interface News {
  rows: readonly EventRow[]
  leftOut: number
}

function newsOf(game: Game, { rows, leftOut }: News): object {
  return {
    events: rows.map(({ player, type, value, name, at }) => ({
      player, type, ...(value === null ? {} : { score: ranked(game, value) }), ...(name === null ? {} : { achievement: name }), at: new Date(at).toISOString(),
    })),
    ...(leftOut > 0 ? { left_out: leftOut } : {}),
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
      const missed = await this.#after(told, until)
      if (missed.rows.length > 0) watcher.send(encoder.encode(message('events', newsOf(this.#game, missed), until)))
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

  async #after(seq: number, until = Number.MAX_SAFE_INTEGER): Promise<News> {
    const between = 'FROM event WHERE game = ?1 AND seq > ?2 AND seq <= ?3'
    const { results } = await this.#db.prepare(`SELECT seq, player, type, value, name, at ${between} ORDER BY seq DESC LIMIT ?4`).bind(this.#name, seq, until, mostNews).all<EventRow>()
    const rows = results.toReversed()
    if (rows.length < mostNews) return { rows, leftOut: 0 }
    const before = await this.#db.prepare(`SELECT count(*) AS events ${between}`).bind(this.#name, seq, rows[0]!.seq - 1).first<{ events: number }>()
    return { rows, leftOut: before?.events ?? 0 }
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
      const news = await this.#after(this.#seq)
      const period = periodOf('day', began)
      if (news.rows.length > 0 || period !== this.#period) {
        const top = await topOf(this.#db, this.#name, this.#game, period, shownTop)
        const moved = JSON.stringify(top) !== JSON.stringify(this.#top)
        this.#seq = news.rows.at(-1)?.seq ?? this.#seq
        this.#top = top
        this.#period = period
        this.#tell((news.rows.length > 0 ? message('events', newsOf(this.#game, news), this.#seq) : '') + (moved ? message('board', this.#board(), this.#seq) : ''))
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
