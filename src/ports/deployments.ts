import type { HandlerName } from '../contract/function.ts'

/** One uploaded revision of a function, as it is kept. */
export interface StoredRevision {
  function: string
  /** 12 hexadecimal digits: the beginning of `sha256`. */
  revision: string
  /** When it was accepted, milliseconds since 1970. */
  at: number
  /** Of the upload's canonical form. */
  sha256: string
  bytes: number
  /** Path of the module that has the handlers. */
  main: string
  handlers: readonly HandlerName[]
  /** As the module exports it and the upload outweighs it; unchecked. */
  config: unknown
}

/** A part of the calls of an alias. */
export interface Share {
  revision: string
  /** Whole per cent. */
  weight: number
}
