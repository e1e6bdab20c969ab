import type { Invocation, Run, Settlement } from '../../contract/invocation.ts'
import type { OpenSpan, Telemetry } from '../../ports/telemetry.ts'
import { callerOf } from '../../tracing/trace-context.ts'

/** Telemetry that keeps what it is told. */
export interface MemoryTelemetry extends Telemetry {
  readonly ended: { invocation: Invocation; run: Run; settlement: Settlement }[]
}

/** Makes telemetry of a list: every invocation counts up its ids, and carries on the trace of its caller. */
export function createMemoryTelemetry(): MemoryTelemetry {
  const ended: MemoryTelemetry['ended'] = []
  let last = 0
  return {
    ended,
    open(invocation): OpenSpan {
      const parent = callerOf(invocation)
      const id = (++last).toString(16)
      return {
        context: { traceId: parent?.traceId ?? id.padStart(32, '0'), spanId: id.padStart(16, '0'), flags: parent?.flags ?? 1 },
        end: (run, settlement) => void ended.push({ invocation, run, settlement }),
      }
    },
  }
}
