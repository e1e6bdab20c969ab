import type { EventEmitter } from 'node:events'

/** Ends what runs, gracefully; the reason is for the log. */
export type Close = (reason: string) => Promise<void>

/** Something that can ask a host to end, perhaps before it has started. */
export interface EndRequest {
  /** Tells how to end; a request that came before is acted on now. */
  ready(close: Close): void
}

/** Within this time after the first Ctrl-C a second one is its echo: a terminal and npm both pass it on. */
const ECHO_MS = 500
const FORCED_EXIT_CODE = 130

/**
 * Turns SIGTERM and SIGINT into one graceful end. A second Ctrl-C half a second or more after the first ends the process at once with
 * code 130; further SIGTERMs change nothing. During start a signal is kept until the host can close.
 */
export function endOnSignals(
  source: EventEmitter,
  now: () => number = () => performance.now(),
  exit: (code: number) => void = (code) => process.exit(code),
): EndRequest {
  const request = createEndRequest()
  let interruptedAt: number | undefined
  source.on('SIGTERM', () => request.end('SIGTERM'))
  source.on('SIGINT', () => {
    interruptedAt ??= now()
    if (now() - interruptedAt >= ECHO_MS) exit(FORCED_EXIT_CODE)
    else request.end('SIGINT')
  })
  return request
}

/** Joins the moment somebody asks for the end and the moment the host knows how to. */
export function createEndRequest(): EndRequest & { end(reason: string): void } {
  let asked: string | undefined
  let close: Close | undefined
  const act = () => {
    if (asked !== undefined && close) void close(asked)
  }
  return {
    end(reason) {
      if (asked !== undefined) return
      asked = reason
      act()
    },
    ready(how) {
      close = how
      act()
    },
  }
}
