import type { Outcome } from '../../../contract/invocation.ts'

/** What a Tail Worker is told of one call, as far as it is read here (Cloudflare's `TraceItem`). */
export interface TraceItem {
  scriptName?: string | null
  /** Milliseconds since 1970. */
  eventTimestamp?: number | null
  outcome: string
  /** Milliseconds. */
  cpuTime?: number
  wallTime?: number
  logs: readonly { message?: unknown }[]
}

/** One call, or several that one tick woke together, with what only the platform knows. */
export interface BilledCall {
  /** ISO 8601 UTC, to the minute. */
  minute: string
  /** Functions that shared the call, with `+` between; the script's name where the call ended before it was told. */
  function: string
  outcome: string
  /** Milliseconds of CPU and in all. */
  cpuMs: number
  wallMs: number
}

/** What the platform calls an end, in our words; any other of its words stands as it is. */
const outcomes: Readonly<Record<string, Outcome>> = {
  ok: 'ok',
  exception: 'exception',
  exceededCpu: 'cpu_exceeded',
  exceededMemory: 'memory_exceeded',
  exceededWallTime: 'timeout',
  canceled: 'canceled',
  responseStreamDisconnected: 'canceled',
  loadShed: 'overloaded',
}

/**
 * Reads what the platform told of one call. Which function it was is in the REPORT line that the call wrote; what the function itself
 * made of it (a timeout of ours, an exception that was answered) outweighs an `ok` of the platform.
 */
export function readTraceItem(item: TraceItem): BilledCall {
  const reports = item.logs.flatMap(({ message }) => readReport(message))
  const told = reports.find(({ outcome }) => outcome !== 'ok')?.outcome
  const outcome = outcomes[item.outcome] ?? item.outcome
  return {
    minute: `${new Date(item.eventTimestamp ?? 0).toISOString().slice(0, 16)}Z`,
    function: [...new Set(reports.map((report) => report.function))].join('+') || (item.scriptName ?? 'unknown'),
    outcome: outcome === 'ok' && told !== undefined ? told : outcome,
    cpuMs: item.cpuTime ?? 0,
    wallMs: item.wallTime ?? 0,
  }
}

function readReport(message: unknown): { function: string; outcome: string }[] {
  const text: unknown = Array.isArray(message) ? message[0] : message
  if (typeof text !== 'string' || !text.startsWith('{"type":"REPORT"')) return []
  try {
    const { function: name, outcome } = JSON.parse(text) as { function?: unknown; outcome?: unknown }
    return typeof name === 'string' && typeof outcome === 'string' ? [{ function: name, outcome }] : []
  } catch {
    // A line that was cut.
    return []
  }
}
