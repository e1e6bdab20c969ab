import type { FinishedTick, TickResult, Ticks } from '../../ports/ticks.ts'

/** A claimed tick; `result` is null while it runs. */
export interface ClaimedTick {
  function: string
  cron: string
  scheduledTime: number
  host: string
  result: TickResult | null
}

/** Ticks that are remembered as long as the process lives, in order of their claims. */
export interface MemoryTicks extends Ticks {
  readonly claimed: readonly ClaimedTick[]
}

/** Makes an empty memory of ticks. */
export function memoryTicks(): MemoryTicks {
  const claimed: ClaimedTick[] = []
  const of = (name: string, cron: string): ClaimedTick[] => claimed.filter((tick) => tick.function === name && tick.cron === cron)
  const at = (name: string, cron: string, time: number): ClaimedTick | undefined => {
    return claimed.findLast((tick) => tick.scheduledTime === time && tick.function === name && tick.cron === cron)
  }
  return {
    claimed,
    async claim(name, cron, scheduledTime, host) {
      if (at(name, cron, scheduledTime)) return false
      claimed.push({ function: name, cron, scheduledTime, host, result: null })
      return true
    },
    async finish(name, cron, scheduledTime, result) {
      const tick = at(name, cron, scheduledTime)
      if (tick) tick.result = result
    },
    async last(name, cron) {
      const finished = of(name, cron).flatMap(({ scheduledTime, result }): FinishedTick[] => (result ? [{ time: scheduledTime, ...result }] : []))
      return finished.sort((a, b) => b.time - a.time)[0] ?? null
    },
    async lastClaimed(name, cron) {
      const times = of(name, cron).map((tick) => tick.scheduledTime)
      return times.length === 0 ? null : Math.max(...times)
    },
  }
}
