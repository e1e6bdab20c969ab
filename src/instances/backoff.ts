const FIRST_MS = 500
const LONGEST_MS = 30_000

/** Growing pauses for a function that crashes at every start, so that it does not fork forever. */
export interface Backoff {
  failed(detail: string): void
  succeeded(): void
  /** Milliseconds until the next start may be tried; 0 = now. */
  left(): number
  /** What went wrong last. */
  readonly detail: string
}

/** 0.5 s after the first failure, doubled with each further one, at most 30 s. */
export function createBackoff(elapsed: () => number): Backoff {
  let failures = 0
  let until = 0
  let detail = ''
  return {
    failed(why) {
      detail = why
      until = elapsed() + Math.min(LONGEST_MS, FIRST_MS * 2 ** failures++)
    },
    succeeded() {
      failures = 0
      until = 0
    },
    left: () => Math.max(0, until - elapsed()),
    get detail() {
      return detail
    },
  }
}
