import type { GameEvent } from './event.ts'

/** The bindings and variables of the arcade. */
export interface ArcadeEnv {
  ARCADE: D1Database
  /** Events of games, some to a message: its consumer is `arcade`. */
  ARCADE_EVENTS: Queue<GameEvent[]>
  /** Who sends events shows it as a bearer token; empty: anybody may send. */
  ARCADE_KEY?: string
  /** Origins of apps served elsewhere, separated by spaces or commas. */
  CORS_ORIGINS?: string
}
