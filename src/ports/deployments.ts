import type { FunctionConfig, HandlerName } from '../contract/function.ts'

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

/** When the one of an alias' two revisions that is on trial is taken back: after `calls` of it, if it does worse than the other by more than allowed. */
export interface Gate {
  /** Calls of the revision on trial before it is judged. */
  calls: number
  /** How much larger its share of failed calls may be: 0.01 is one call in a hundred. */
  errorRate?: number
  /** How many times the other's its 99th percentile of run time may be. */
  p99?: number
  /** How many times the other's its cost per call may be. */
  cost?: number
}

/** What an alias points at, since when and why. */
export interface AliasState {
  /** One, or two: first the one on trial. */
  revisions: readonly Share[]
  gate: Gate | null
  /** Milliseconds since 1970. */
  at: number
  why: string
}

/** What wakes a function, in the place of what its config says. */
export type Triggers = Required<Pick<FunctionConfig, 'routes' | 'schedules' | 'queues' | 'buckets'>>

/** All that is kept of one function. */
export interface KeptFunction {
  name: string
  /** Oldest first; empty for a function of the folder. */
  revisions: readonly StoredRevision[]
  aliases: ReadonlyMap<string, AliasState>
  /** null: its config says. */
  triggers: Triggers | null
}

/** Remembers what was deployed. Each change is durable when its promise resolves, and whole or not there at all. */
export interface Deployments {
  read(): Promise<KeptFunction[]>
  addRevision(revision: StoredRevision): Promise<void>
  removeRevision(name: string, revision: string): Promise<void>
  setAlias(name: string, alias: string, state: AliasState): Promise<void>
  /** Its history goes with it. */
  removeAlias(name: string, alias: string): Promise<void>
  /** null: what its config says again. */
  setTriggers(name: string, triggers: Triggers | null): Promise<void>
  /** What an alias pointed at, newest first, its present state included; the last hundred. */
  history(name: string, alias: string): Promise<AliasState[]>
}
