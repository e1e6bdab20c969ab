import { AsyncLocalStorage } from 'node:async_hooks'

/** What the code that runs now belongs to. */
export interface Current {
  /** Number of the invocation on the wire. */
  slot: number
  /** Id of the invocation. */
  id: string
  /** How many functions called each other to get here. */
  hops: number
  /** Its place in a trace: `traceparent` and `tracestate` for what is below it. */
  trace?: string | undefined
  traceState?: string | undefined
  /** Bytes of bodies that its own calls have moved. */
  bytes: number
  /** Fires when the invocation is cut: its own calls end with it. */
  signal?: AbortSignal
}

/** Tells which invocation the running code belongs to, across awaits. */
export const current = new AsyncLocalStorage<Current>()
