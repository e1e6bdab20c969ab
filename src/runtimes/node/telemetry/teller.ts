const EVERY_MS = 60_000

/** Tells of losses at once the first time, then at most once a minute per kind, with how many there were. */
export interface Teller {
  (kind: 'dropped' | 'warning', count: number, reason: string): void
  /** Tells what has not been told yet. */
  rest(): void
}

/** Makes a teller. */
export function createTeller(warn: (message: string) => void): Teller {
  const kinds = new Map<string, { count: number; reason: string; timer: NodeJS.Timeout | undefined }>()
  const tell = (kind: string) => {
    const at = kinds.get(kind)!
    at.timer = undefined
    if (at.count === 0) return
    warn(kind === 'dropped' ? `telemetry: ${at.count} spans were dropped: ${at.reason}` : `telemetry: ${at.reason}${at.count > 1 ? ` (one of ${at.count} messages)` : ''}`)
    at.count = 0
    at.timer = setTimeout(tell, EVERY_MS, kind).unref()
  }
  const teller = (kind: 'dropped' | 'warning', count: number, reason: string) => {
    const at = kinds.get(kind) ?? { count: 0, reason, timer: undefined }
    kinds.set(kind, at)
    at.count += count
    at.reason = reason
    if (at.timer === undefined) tell(kind)
  }
  return Object.assign(teller, { rest: () => [...kinds.keys()].forEach(tell) })
}
