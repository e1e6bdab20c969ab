import type { FlatHeaders, ResponseHead, Run, Settlement } from '../contract/invocation.ts'

/** Lets pages of every origin read the host's own errors, which hold nothing of anybody: functions answer for themselves. */
export const readableByAll = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after, pressroom-invocation',
}

/** Headers that belong to one connection and never to a function's answer. */
export const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/** What the host adds to an answer. */
export interface Stamp {
  invocation: string
  /** What is known of it by now. */
  run: Pick<Run, 'settlement' | 'delivery'>
  billedMs(settlement: Settlement): number
}

/** A head that is ready for the wire. */
export interface Outgoing {
  headers: FlatHeaders
  /** Bytes that the body must have; -1 = not declared: chunked. */
  length: number
}

/** Statuses that have no body whatever the function says. */
export function bodiless(status: number, method: string): boolean {
  return method === 'HEAD' || status === 204 || status === 205 || status === 304
}

/**
 * Lays out the headers of an answer as HTTP demands: no hop-by-hop headers, `content-length` true for a whole body, kept
 * as declared for HEAD and streams (the writer holds a stream to it), absent where there is no body; stamped with the
 * invocation, and with as much of the bill as is known.
 */
export function layOut(head: ResponseHead, method: string, stamp: Stamp): Outgoing {
  const headers: FlatHeaders = []
  const empty = bodiless(head.status, method)
  let declared = -1
  for (let i = 0; i < head.headers.length; i += 2) {
    const name = head.headers[i]!
    if (HOP_BY_HOP.has(name)) continue
    if (name === 'content-length') {
      declared = Number(head.headers[i + 1])
      continue
    }
    headers.push(name, head.headers[i + 1]!)
  }
  const whole = head.body === null ? 0 : head.body instanceof Uint8Array ? head.body.length : -1
  let length = whole >= 0 ? whole : declared
  if (method === 'HEAD') length = declared >= 0 ? declared : -1
  if (head.status !== 204 && head.status !== 304 && length >= 0) headers.push('content-length', String(length))
  headers.push('pressroom-invocation', stamp.invocation)
  const timing = serverTiming(stamp)
  if (timing) headers.push('server-timing', timing)
  return { headers, length: empty ? 0 : length }
}

/**
 * `Server-Timing` of one invocation, in milliseconds: the whole bill when all is over, otherwise the queue and the load that
 * came before; undefined for what never reached an instance.
 */
export function serverTiming({ run: { settlement, delivery }, billedMs }: Stamp): string | undefined {
  if (!delivery) return undefined
  const before = `queue;dur=${ms(delivery.queueMs)}, init;dur=${ms(delivery.initMs)}`
  return settlement ? `${before}, run;dur=${ms(settlement.runMs)}, billed;dur=${billedMs(settlement)}` : before
}

function ms(value: number): string {
  return String(Math.round(value * 1000) / 1000)
}
