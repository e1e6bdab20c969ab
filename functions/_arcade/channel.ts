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

/**
 * All watchers of a game in one instance: the database is asked four times a second for all of them, and not at all while there are none.
 * Looks follow each other, so that each event is told once; the newest events stay in memory for those who come again.
 */
export class Channel {
  readonly #db: D1Database
  readonly #name: string
  readonly #game: Game
  readonly #watchers = new Set<Watcher>()
  /** Of the next look, while anybody watches. */
  #timer: ReturnType<typeof setTimeout> | undefined
  #looking: Promise<void> | undefined
  /** The newest event that was seen. */
  #seq = 0
  /** The newest events, none left out, the oldest first. */
  #recent: EventRow[] = []
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
    if (this.#timer === undefined) await this.#look()
    // It was told more by another instance. A look that is under way may have begun too early.
    for (let looks = 0; looks < 2 && since !== undefined && since > this.#seq; looks++) await this.#look()
    let told = Math.min(since ?? this.#seq, this.#seq)
    // Others are told more while this one waits for what it missed.
    while (told < this.#seq && !watcher.gone) {
      const until = this.#seq
      const missed = await this.#since(told)
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
  }

  #board(): object {
    return { game: this.#name, window: 'day', period: this.#period.slice('day:'.length), entries: this.#top }
  }

  async #poll(): Promise<void> {
    if (this.#watchers.size === 0) {
      this.#timer = undefined
      return
    }
    const began = Date.now()
    try {
      await this.#look()
    } catch (error) {
      console.warn(`live: ${this.#name}: ${error instanceof Error ? error.message : String(error)}`)
    }
    this.#timer = setTimeout(() => void this.#poll(), Math.max(0, pollMs - (Date.now() - began)))
  }

  /** Looks what is new and tells it; whoever asks meanwhile waits for the same look. */
  #look(): Promise<void> {
    return (this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined
    }))
  }

  async #lookOnce(): Promise<void> {
    const now = Date.now()
    const period = periodOf('day', now)
    const { results } = await this.#db.prepare('SELECT seq, player, type, value, name, at FROM event WHERE game = ?1 AND seq > ?2 ORDER BY seq DESC LIMIT ?3')
      .bind(this.#name, this.#seq, mostNews).all<EventRow>()
    if (results.length === 0 && period === this.#period) {
      if (now - this.#toldAt > stillHereMs) this.#tell(': still here\n\n')
      return
    }
    const rows = results.toReversed()
    const leftOut = rows.length === mostNews && this.#watchers.size > 0 ? await this.#count(this.#seq, rows[0]!.seq) : 0
    const top = await topOf(this.#db, this.#name, this.#game, period, shownTop)
    const moved = JSON.stringify(top) !== JSON.stringify(this.#top) || period !== this.#period
    this.#seq = rows.at(-1)?.seq ?? this.#seq
    this.#recent = [...this.#recent, ...rows].slice(-mostNews)
    this.#top = top
    this.#period = period
    this.#tell((rows.length > 0 ? message('events', newsOf(this.#game, { rows, leftOut }), this.#seq) : '') + (moved ? message('board', this.#board(), this.#seq) : ''))
  }

  /** What came after an event, as far as it was seen. */
  async #since(seq: number): Promise<News> {
    const rows = this.#recent.filter((row) => row.seq > seq)
    return { rows, leftOut: rows.length === mostNews ? await this.#count(seq, rows[0]!.seq) : 0 }
  }

  /** How many events stand between two. */
  async #count(after: number, before: number): Promise<number> {
    const counted = await this.#db.prepare('SELECT count(*) AS events FROM event WHERE game = ?1 AND seq > ?2 AND seq < ?3').bind(this.#name, after, before).first<{ events: number }>()
    return counted?.events ?? 0
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
