import type { HandlerName } from '../contract/function.ts'
import type { Head, Invocation, Outcome } from '../contract/invocation.ts'

/** What an instance needs to become a function. */
export interface FunctionCode {
  name: string
  revision: string
  /** Where the runtime finds the module. */
  file: string
  /** MiB. */
  memory: number
  /** May load native addons. */
  native: boolean
  outbound: 'public' | 'none'
  /** Longest that an invocation may take; its own calls may take as long. */
  timeoutMs: number
  /** Variables and bindings, as data; the runtime's instance makes `env` of it. */
  bindings: Record<string, unknown>
}

/** What a function turned out to be once its module was loaded. */
export interface Loaded {
  initMs: number
  handlers: HandlerName[]
  /** The `config` export as it stands, unchecked. */
  config: unknown
}

/** How one invocation went inside the instance. */
export interface Report {
  outcome: Extract<Outcome, 'ok' | 'exception' | 'canceled'>
  detail?: string
  stack?: string
  /** CPU time of the invocation's share of the instance's main thread. */
  cpuMs: number
  /** Bytes of bodies in and out, its own calls included. */
  netBytes?: number
  /** What the function put on the invocation's span; opaque to the host. */
  notes?: string
}

/** Receives what happens to one delivered invocation: a head at most once, a report exactly once unless the instance dies. */
export interface Delivered {
  onHead(head: Head): void
  onSettled(report: Report): void
}

/** The state of an instance as last measured. */
export interface Vitals {
  /** Own (anonymous) memory now; 0 where it cannot be measured. */
  memoryBytes: number
  /** CPU time of the main thread since its start; 0 where it cannot be measured. */
  cpuMs: number
}

/** Why an instance is gone. */
export interface Exit {
  cause: Extract<Outcome, 'exited' | 'memory_exceeded'>
  detail: string
}

/** What an instance tells about itself while it works. */
export interface Pulse {
  /** Share of the time its event loop was busy, 0–1. */
  utilization: number
  /** How late its event loop is. */
  delayMs: number
}

/** One isolated running copy of a function. */
export interface Instance {
  readonly id: string
  readonly pid: number | null
  /** Resolves when its process is there and the module begins to load; what comes before is the machine's time. */
  readonly ready: Promise<void>
  /** Rejects with an error whose `message` (and `stack`) is the function's own when its module does not load. */
  readonly loaded: Promise<Loaded>
  /** Resolves once, when it is gone for whatever reason. */
  readonly exited: Promise<Exit>
  /** Called on every heartbeat while there is work. */
  onPulse: (pulse: Pulse) => void
  /** Called when an error that belongs to no invocation left it in doubt: it should be replaced. */
  onTainted: (detail: string) => void
  /** Hands over one invocation; the answer aborts it (its signal fires, its body is cut). */
  deliver(invocation: Invocation, delivered: Delivered): (reason: 'canceled' | 'timeout' | 'cpu_exceeded') => void
  vitals(): Vitals
  /** Highest own memory since the last call with `reset`, spikes between two readings included. */
  peakMemoryBytes(reset: boolean): number
  /** Ends it at once, whatever it is doing. */
  kill(): void
}

/** Starts instances; the only thing that a runtime must bring to isolate functions. */
export interface Instances {
  /** Starts one, from a warm cell where there is one. */
  start(code: FunctionCode): Instance
  /** Ends warm cells and helpers; started instances are their owner's. */
  close(): Promise<void>
}
