/** Every error the host makes: code → HTTP status, what the caller reads, whether the invocation is billed. */
export const errors = {
  bad_request: { status: 400, message: 'the request is malformed', billed: false },
  unauthorized: { status: 401, message: 'a valid token is needed', billed: false },
  no_route: { status: 404, message: 'no function answers this path', billed: false },
  not_found: { status: 404, message: 'there is nothing by that name', billed: false },
  method_not_allowed: { status: 405, message: 'no function answers this method here', billed: false },
  request_timeout: { status: 408, message: 'the request did not arrive in time', billed: false },
  conflict: { status: 409, message: 'this does not fit what is there', billed: false },
  body_too_large: { status: 413, message: 'the body is larger than this host accepts', billed: false },
  unsupported_media_type: { status: 415, message: 'changes need content-type: application/json', billed: false },
  expectation_failed: { status: 417, message: 'the only expectation met here is 100-continue', billed: false },
  wrong_host: { status: 421, message: 'this host name is not served here', billed: false },
  revision_refused: { status: 422, message: 'this code cannot be served', billed: false },
  throttled: { status: 429, message: 'the waiting line of this function is full', billed: false },
  budget_exceeded: { status: 429, message: 'the budget of this day is spent', billed: false },
  queue_full: { status: 429, message: 'the queue holds as many messages as it may', billed: false },
  headers_too_large: { status: 431, message: 'the headers are larger than this host accepts', billed: false },
  exception: { status: 500, message: 'the function failed', billed: true },
  memory_exceeded: { status: 502, message: 'the function exceeded its memory', billed: true },
  exited: { status: 502, message: 'the function ended its process', billed: true },
  init_failed: { status: 502, message: 'the function could not be started', billed: false },
  overloaded: { status: 503, message: 'the host cannot take this call now', billed: false },
  storage_failed: { status: 503, message: 'the host cannot keep its records now', billed: false },
  timeout: { status: 504, message: 'the function took longer than its timeout', billed: true },
  cpu_exceeded: { status: 504, message: 'the function used more CPU than its limit', billed: true },
  loop_detected: { status: 508, message: 'a function called its own host too many times in a row', billed: false },
} as const satisfies Record<string, { status: number; message: string; billed: boolean }>

/** A code of the catalogue. */
export type ErrorCode = keyof typeof errors

/** The body of every error answer, on both ports. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string; function: string | null; invocation: string | null; detail?: string; stack?: string; log?: string }
}

/** An error with a code of the catalogue; recognised by `code`, never by `instanceof`. */
export class PressroomError extends Error {
  readonly code: string
  constructor(code: ErrorCode | 'bad_config' | 'locked' | 'bad_option', message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'PressroomError'
    this.code = code
  }
}
