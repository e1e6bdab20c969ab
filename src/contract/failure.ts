import { errors, type ErrorBody, type ErrorCode } from './errors.ts'

/** What an error answer may tell beside its code; `detail` and `stack` only in `dev`. */
export interface FailureAbout {
  function?: string | undefined
  invocation?: string | undefined
  detail?: string | undefined
  stack?: string | undefined
  /** What the function wrote, for its author. */
  log?: string | undefined
}

/** Makes the body of an error answer. */
export function failureBody(code: ErrorCode, about: FailureAbout = {}): ErrorBody {
  const { detail, stack, log } = about
  return {
    error: {
      code,
      message: errors[code].message,
      function: about.function ?? null,
      invocation: about.invocation ?? null,
      ...(detail === undefined ? {} : { detail }),
      ...(stack === undefined ? {} : { stack }),
      ...(log === undefined ? {} : { log }),
    },
  }
}
