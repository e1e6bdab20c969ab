import type { Outcome } from '../contract/invocation.ts'

/** How a tick ended. */
export interface TickResult {
  outcome: Outcome
  /** Id of the invocation; null when the tick was skipped. */
  invocation: string | null
}

/** A tick that ended. */
export interface FinishedTick extends TickResult {
  /** Its scheduled time, milliseconds since 1970. */
  time: number
}

/** Remembers ticks, so that each runs once however many hosts look at the same clock, and however that clock jumps. */
export interface Ticks {
  /** True for the first caller with this function, cron and scheduled time; false for everyone after, other hosts included. */
  claim(name: string, cron: string, scheduledTime: number, host: string): Promise<boolean>
  /** Records how a claimed tick ended; a second result replaces the first. */
  finish(name: string, cron: string, scheduledTime: number, result: TickResult): Promise<void>
  /** The finished tick with the latest scheduled time. */
  last(name: string, cron: string): Promise<FinishedTick | null>
  /** The latest scheduled time ever claimed, finished or not; milliseconds since 1970. */
  lastClaimed(name: string, cron: string): Promise<number | null>
}
