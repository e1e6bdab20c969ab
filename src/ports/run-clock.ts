/** Shares one instance's passing time among the invocations in flight on it; all times in milliseconds with fractions. */
export interface RunClock {
  /** Notes the start of one more invocation. */
  begin(): Share
}

/** The share of one invocation. */
export interface Share {
  soFar(): number
  /** Ends it; later calls answer the same. */
  end(): number
}
