const EVERY_MS = 250

/** Beats while there is work, so that the host can tell a blocked event loop from a waiting one; the answer starts it. */
export function createPulse(busy: () => boolean, beat: (utilization: number, delayMs: number) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let expected = 0
  let before = performance.eventLoopUtilization()
  const turn = () => {
    const now = performance.now()
    const after = performance.eventLoopUtilization()
    beat(performance.eventLoopUtilization(after, before).utilization, Math.max(0, now - expected))
    before = after
    expected = now + EVERY_MS
    if (!busy()) {
      clearInterval(timer)
      timer = undefined
    }
  }
  return () => {
    if (timer) return
    before = performance.eventLoopUtilization()
    expected = performance.now() + EVERY_MS
    timer = setInterval(turn, EVERY_MS)
  }
}
