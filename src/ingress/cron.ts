import { PressroomError } from '../contract/errors.ts'
import type { Invoke, Outcome } from '../contract/invocation.ts'
import type { Clock } from '../ports/clock.ts'
import type { LogFields } from '../ports/log.ts'
import type { TickResult, Ticks } from '../ports/ticks.ts'
import { latestTick, nextTick } from './missed-tick.ts'

/** Sleeping in pieces notices a wall clock that was set, or a machine that slept, within a minute. */
const LONGEST_SLEEP_MS = 60_000

/** A wall clock that goes back less than this is being adjusted, not set. */
const CLOCK_SET_BACK_MS = 1_000

/** When the ticks cannot be claimed: how long to wait before each further try. */
const CLAIM_RETRIES_MS = [1_000, 5_000]

/** What the timer needs to know of a schedule. */
export interface TimedSchedule {
  readonly function: string
  readonly cron: string
  readonly timeZone: string
  readonly dialect: string
  readonly overlap: 'skip' | 'allow'
  readonly atStart: boolean
  next(after: Date, count: number): Date[]
}

/** What the timer needs to run. */
export interface CronOptions {
  table: { readonly entries: readonly TimedSchedule[] }
  clock: Clock
  ticks: Ticks
  invoke: Invoke
  /** Name of this host, kept with its claims. */
  host: string
  /** Makes the id of an invocation. */
  makeId: () => string
  log: (level: 'info' | 'warn' | 'error', message: string, fields: LogFields) => void
}

/** A timer at work. */
export interface RunningCron {
  /** Starts no more ticks; resolves when those in flight have settled. */
  stop(): Promise<void>
  /** Takes over another table. Schedules in both keep their place; `atStart` is not run again. */
  replace(table: CronOptions['table']): void
  /**
   * Runs one tick now, whatever the table says of its time and of overlaps, and answers when it is settled. While it runs,
   * later ticks overlap with it.
   * @param scheduledTime milliseconds since 1970; default now. A tick of the future is not recorded.
   * @throws PressroomError `not_found` when the function has no such schedule
   */
  fire(name: string, cron: string, scheduledTime?: number): Promise<{ invocation: string; outcome: Outcome }>
}

/** A schedule and where the timer is with it. */
interface Place {
  schedule: TimedSchedule
  /** Scheduled time of the tick it waits for; `Infinity` when there is none. */
  nextTime: number
  /** Ticks in flight. */
  running: number
}

/**
 * Runs every schedule at its times. After a time in which no tick could run — the host was down, the machine slept, the
 * clock was set forward — each schedule catches up on its latest missed tick alone, and after a start only if the schedule
 * has ever run. A clock set back repeats no tick: each is claimed by function, cron and scheduled time.
 */
export function startCron(options: CronOptions): RunningCron {
  const { clock, ticks, invoke, host, makeId, log } = options
  const inFlight = new Set<Promise<void>>()
  const stopping = new AbortController()
  let places = new Map<string, Place>()
  let cancelSleep = (): void => {}
  let lastWake = clock.now()

  const place = (schedule: TimedSchedule): Place => ({ schedule, nextTime: nextTick(schedule, clock.now()), running: 0 })

  const sleep = (): void => {
    cancelSleep()
    if (stopping.signal.aborted || places.size === 0) return
    const soonest = Math.min(...[...places.values()].map(({ nextTime }) => nextTime))
    cancelSleep = clock.after(Math.min(Math.max(soonest - clock.now(), 0), LONGEST_SLEEP_MS), wake)
  }

  const wake = (): void => {
    const now = clock.now()
    const setBack = now < lastWake - CLOCK_SET_BACK_MS
    if (setBack) log('warn', 'the clock was set back; ticks that ran already are not repeated', { by_ms: lastWake - now })
    lastWake = now
    for (const at of places.values()) {
      if (setBack) at.nextTime = nextTick(at.schedule, now)
      if (at.nextTime > now) continue
      const latest = latestTick(at.schedule, at.nextTime - 1, now) ?? at.nextTime
      if (latest > at.nextTime) log('warn', 'ticks were missed; only the latest runs', { ...named(at), first: at.nextTime, latest })
      at.nextTime = nextTick(at.schedule, now)
      track(tick(at, latest))
    }
    sleep()
  }

  const track = (work: Promise<unknown>): void => {
    const settled: Promise<void> = work
      .then(() => {}, (error: unknown) => log('error', 'a tick could not be run', { error: String(error) }))
      .finally(() => inFlight.delete(settled))
    inFlight.add(settled)
  }

  const tick = async (at: Place, scheduledTime: number): Promise<void> => {
    const overlaps = at.running > 0
    at.running++
    try {
      if (!await claim(at, scheduledTime)) return
      if (overlaps && at.schedule.overlap === 'skip') {
        log('warn', 'a tick was skipped: the one before it still runs', { ...named(at), scheduled_time: scheduledTime })
        await finish(at.schedule, scheduledTime, { outcome: 'skipped', invocation: null })
      } else {
        await finish(at.schedule, scheduledTime, await run(at.schedule, scheduledTime))
      }
    } finally {
      at.running--
    }
  }

  const claim = async (at: Place, scheduledTime: number): Promise<boolean> => {
    for (const retry of [...CLAIM_RETRIES_MS, null]) {
      try {
        return await ticks.claim(at.schedule.function, at.schedule.cron, scheduledTime, host)
      } catch (error) {
        log('error', 'a tick could not be claimed', { ...named(at), scheduled_time: scheduledTime, error: String(error), retry_ms: retry })
        if (retry === null) return false
        await clock.wait(retry, stopping.signal).catch(() => {})
      }
    }
    return false
  }

  const run = async (schedule: TimedSchedule, scheduledTime: number): Promise<{ invocation: string; outcome: Outcome }> => {
    const invocation = makeId()
    const { settled } = invoke({
      id: invocation, function: schedule.function, trigger: 'timer', event: { type: 'scheduled', cron: schedule.cron, scheduledTime },
    })
    return { invocation, outcome: (await settled).outcome }
  }

  const finish = async (schedule: TimedSchedule, scheduledTime: number, result: TickResult): Promise<void> => {
    try {
      await ticks.finish(schedule.function, schedule.cron, scheduledTime, result)
    } catch (error) {
      log('error', 'the result of a tick could not be recorded', { function: schedule.function, cron: schedule.cron, ...result, error: String(error) })
    }
  }

  const fire = async (at: Place, scheduledTime: number): Promise<{ invocation: string; outcome: Outcome }> => {
    at.running++
    try {
      // A claim in the future would make every tick until then look as if it had run.
      const recorded = scheduledTime <= clock.now()
      if (recorded) await claim(at, scheduledTime)
      const result = await run(at.schedule, scheduledTime)
      if (recorded) await finish(at.schedule, scheduledTime, result)
      return result
    } finally {
      at.running--
    }
  }

  const start = async (at: Place, now: number): Promise<void> => {
    if (at.schedule.atStart) return tick(at, now)
    const last = await ticks.lastClaimed(at.schedule.function, at.schedule.cron)
    const missed = last === null ? null : latestTick(at.schedule, last, now)
    if (missed === null || stopping.signal.aborted) return
    log('info', 'catching up on the latest tick missed while the host was down', { ...named(at), scheduled_time: missed })
    await tick(at, missed)
  }

  for (const schedule of options.table.entries) places.set(key(schedule), place(schedule))
  for (const at of places.values()) track(start(at, lastWake))
  sleep()

  return {
    async stop() {
      stopping.abort()
      cancelSleep()
      await Promise.all(inFlight)
    },
    replace(table) {
      const before = places
      places = new Map(table.entries.map((schedule) => {
        const at = before.get(key(schedule)) ?? place(schedule)
        at.schedule = schedule
        return [key(schedule), at]
      }))
      sleep()
    },
    async fire(name, cron, scheduledTime = clock.now()) {
      const found = [...places.values()].find(({ schedule }) => schedule.function === name && spaced(schedule.cron) === spaced(cron))
      if (!found) throw new PressroomError('not_found', `function "${name}" has no schedule "${cron}"; GET /schedules lists them`)
      const fired = fire(found, scheduledTime)
      track(fired)
      return fired
    },
  }
}

function key({ function: name, cron, timeZone, dialect }: TimedSchedule): string {
  return [name, cron, timeZone, dialect].join('\n')
}

function named({ schedule }: Place): { function: string; cron: string } {
  return { function: schedule.function, cron: schedule.cron }
}

function spaced(cron: string): string {
  return cron.trim().split(/\s+/).join(' ')
}
