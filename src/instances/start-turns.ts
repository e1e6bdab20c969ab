/**
 * Turns to start an instance, shared by the pools of a host. A start is paid in CPU: a hundred at once on two CPUs end none in time
 * (measured), a few at once serve the same calls within a second or two, since a place is taken again as soon as it is free.
 */
export interface StartTurns {
  /** False when as many starts are under way as may be: then `again` is called, once, when one of them has ended. */
  take(again: () => void): boolean
  /** The start has ended, well or not. */
  give(): void
  /** True when `take` would answer false. */
  readonly none: boolean
}

/** Makes the turns of one host; at most `most` starts are under way at once. */
export function createStartTurns(most: number): StartTurns {
  const waiting = new Set<() => void>()
  let underWay = 0
  return {
    take(again) {
      if (underWay < most) {
        underWay++
        return true
      }
      waiting.add(again)
      return false
    },
    give() {
      underWay--
      for (const again of [...waiting]) {
        if (underWay >= most) return
        waiting.delete(again)
        again()
      }
    },
    get none() {
      return underWay >= most
    },
  }
}
