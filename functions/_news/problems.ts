/** A refusal that the caller can act on: status, code and a message that names the thing and the way out. */
export class Problem extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422
  readonly code: string
  constructor(status: Problem['status'], code: string, message: string) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.code = code
  }
}

/** A 400 `bad_request`. The message starts with the name of the field. */
export function badRequest(message: string): Problem {
  return new Problem(400, 'bad_request', message)
}

/** Words for any thrown thing, without a stack. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
