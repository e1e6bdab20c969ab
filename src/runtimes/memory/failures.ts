import { failureLimits, type Failure, type Failures } from '../../ports/failures.ts'
import type { Clock } from '../../ports/clock.ts'

/** Makes a memory of failures that lasts as long as the process. */
export function memoryFailures(clock: Pick<Clock, 'now'>): Failures {
  let kept: { seq: number; failure: Failure }[] = []
  let last = 0
  const forget = () => {
    const oldest = clock.now() - failureLimits.ageMs
    let bytes = 0
    kept = kept
      .toReversed()
      .filter(({ failure }, index) => (bytes += failure.event.length) <= failureLimits.bytes && index < failureLimits.count && failure.at >= oldest)
      .reverse()
  }
  return {
    keep(make) {
      kept.push({ seq: ++last, failure: make() })
      forget()
    },
    async list({ function: name, limit, cursor = Infinity }) {
      forget()
      const fits = kept.filter(({ seq, failure }) => seq < cursor && (name === undefined || failure.function === name)).reverse()
      const page = fits.slice(0, limit)
      return { failures: page.map(({ failure }) => withoutEvent(failure)), next: fits.length > limit ? (page.at(-1)?.seq ?? null) : null }
    },
    async get(invocation) {
      forget()
      return kept.findLast(({ failure }) => failure.invocation === invocation)?.failure
    },
  }
}

/** A failure as a list tells it. */
function withoutEvent(failure: Failure): Omit<Failure, 'event'> {
  const { event: _event, ...rest } = failure
  return rest
}
