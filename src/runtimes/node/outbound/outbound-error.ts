/** Why an outgoing request was stopped: not allowed, over its bytes, over its time, one too many for its invocation. */
export type OutboundCode = 'outbound_refused' | 'outbound_too_large' | 'outbound_timeout' | 'outbound_too_many'

/** The `cause` of a `fetch` that the guard stopped; recognised by `code`, never by `instanceof` across processes. */
export class OutboundError extends Error {
  readonly code: OutboundCode
  constructor(code: OutboundCode, message: string) {
    super(message)
    this.name = 'OutboundError'
    this.code = code
  }
}
