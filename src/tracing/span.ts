import type { Invocation, Invoke } from '../contract/invocation.ts'
import type { Telemetry } from '../ports/telemetry.ts'

/**
 * Gives each invocation its place in a trace before anything else sees it, and hands over what it turned out to be when it
 * is settled, whatever woke it. Sampling decides about spans alone: every settled invocation is told.
 * @param memoryOf configured MiB of the revision that runs it; 0 when there is none
 */
export function traced(telemetry: Telemetry, memoryOf: (invocation: Invocation) => number): (next: Invoke) => Invoke {
  return (next) => (invocation) => {
    const span = telemetry.open(invocation, memoryOf(invocation))
    invocation.trace = span.context
    const run = next(invocation)
    void run.settled.then((settlement) => span.end(run, settlement))
    return run
  }
}
