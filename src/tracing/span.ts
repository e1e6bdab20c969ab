import type { Invoke } from '../contract/invocation.ts'
import type { Telemetry } from '../ports/telemetry.ts'

/**
 * Gives each invocation its place in a trace before anything else sees it, and hands over what it turned out to be when it
 * is settled, whatever woke it. Sampling decides about spans alone: every settled invocation is told.
 * @param memoryOf configured MiB of a function; 0 when it is not served
 */
export function traced(telemetry: Telemetry, memoryOf: (name: string) => number): (next: Invoke) => Invoke {
  return (next) => (invocation) => {
    const span = telemetry.open(invocation, memoryOf(invocation.function))
    invocation.trace = span.context
    const run = next(invocation)
    void run.settled.then((settlement) => span.end(run, settlement))
    return run
  }
}
