/** The largest step a zone's clock makes when its offset changes, with room to spare; also more than any real offset change. */
const NEAR_MS = 86_400_000

/** A time zone's clock on the wall. Local times are milliseconds since 1970 as if the zone were UTC. */
export interface WallClock {
  /** The local time at an instant. */
  local(instant: number): number
  /** The instants at which the clock shows a local time: none in a gap, two in an overlap, ascending. */
  instants(local: number): number[]
}

/**
 * Makes the wall clock of an IANA time zone.
 * @throws RangeError when there is no such zone
 */
export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  })
  if (['UTC', 'Etc/UTC'].includes(format.resolvedOptions().timeZone)) return { local: (instant) => instant, instants: (local) => [local] }

  const local = (instant: number): number => {
    const shown: Record<string, number> = {}
    for (const part of format.formatToParts(instant)) shown[part.type] = Number(part.value)
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1000) + 1000) % 1000)
  }
  return {
    local,
    instants(time) {
      // A change of offset within a day either side shows in one of the two candidates; only those that show `time` exist.
      const before = time - (local(time - NEAR_MS) - (time - NEAR_MS))
      const after = time - (local(time + NEAR_MS) - (time + NEAR_MS))
      const candidates = before === after ? [before] : [before, after].sort((a, b) => a - b)
      return candidates.filter((instant) => local(instant) === time)
    },
  }
}
