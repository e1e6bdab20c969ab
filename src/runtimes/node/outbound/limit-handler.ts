import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../../ports/clock.ts'
import { OutboundError } from './outbound-error.ts'

/** Bounds of one `fetch`, redirects and body included. */
export interface OutboundLimits {
  /** Milliseconds from the call to the last byte of the body; default 60,000. */
  totalMs: number
  /** Bytes of a response body, counted as received and again as decompressed; default 100 MiB. */
  maxBytes: number
}

/** What `fetch` gets when the instance's owner states nothing else. */
export const DEFAULT_LIMITS: OutboundLimits = { totalMs: 60_000, maxBytes: 100 * 1024 * 1024 }

/** The moment at which a whole `fetch` must be over; redirects share it. */
export interface Deadline {
  /** On the clock's `elapsed`; undefined until the first request goes out: waiting for a turn does not count. */
  at: number | undefined
  totalMs: number
}

/** Cuts one response at its deadline or after too many bytes on the wire, and passes everything else on. */
export class LimitHandler implements Dispatcher.DispatchHandler {
  readonly #next: Dispatcher.DispatchHandler
  readonly #clock: Pick<Clock, 'elapsed' | 'after'>
  readonly #deadline: Deadline
  readonly #maxBytes: number
  readonly #target: string
  readonly #answered: () => void
  readonly #count: (bytes: number) => void
  #bytes = 0
  #cancelTimer: () => void = () => {}

  /**
   * @param answered called when the head has come, or nothing will: perhaps more than once
   * @param count told of bytes of bodies, both ways
   */
  constructor(
    next: Dispatcher.DispatchHandler,
    clock: Pick<Clock, 'elapsed' | 'after'>,
    deadline: Deadline,
    maxBytes: number,
    target: string,
    answered: () => void,
    count: (bytes: number) => void,
  ) {
    this.#next = next
    this.#clock = clock
    this.#deadline = deadline
    this.#maxBytes = maxBytes
    this.#target = target
    this.#answered = answered
    this.#count = count
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    // A request that undici sends again on a new connection starts twice.
    this.#cancelTimer()
    this.#bytes = 0
    this.#next.onRequestStart?.(controller, context)
    const left = this.#deadline.at! - this.#clock.elapsed()
    const message = `fetch: ${this.#target} took longer than ${this.#deadline.totalMs} ms, redirects and body included`
    const cut = () => controller.abort(new OutboundError('outbound_timeout', message))
    if (left > 0) this.#cancelTimer = this.#clock.after(left, cut)
    else cut()
  }

  onRequestUpgrade(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    // A WebSocket lives as long as its owner.
    this.#cancelTimer()
    this.#answered()
    this.#next.onRequestUpgrade?.(controller, status, headers, socket)
  }

  onResponseStarted(): void {
    this.#next.onResponseStarted?.()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, message?: string): void {
    this.#answered()
    this.#next.onResponseStart?.(controller, status, headers, message)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#count(chunk.length)
    if (this.#bytes > this.#maxBytes) return controller.abort(tooLarge(this.#target, this.#maxBytes, 'received'))
    this.#next.onResponseData?.(controller, chunk)
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#cancelTimer()
    this.#answered()
    this.#next.onResponseEnd?.(controller, trailers)
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#cancelTimer()
    this.#answered()
    this.#next.onResponseError?.(controller, error)
  }

  onBodySent(chunk: Buffer): void {
    this.#count(chunk.length)
    this.#next.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    this.#next.onRequestSent?.()
  }
}

/** The error of a body over its limit. */
export function tooLarge(target: string, maxBytes: number, how: 'received' | 'decompressed'): OutboundError {
  const message = `fetch: the body of ${target} is over ${maxBytes} bytes ${how}; ask for less, or for a part with a range header`
  return new OutboundError('outbound_too_large', message)
}
