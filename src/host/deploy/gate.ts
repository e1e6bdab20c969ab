import type { Gate } from '../../ports/deployments.ts'

/** How one call went. */
export interface GatedCall {
  failed: boolean
  /** undefined: it could not be started. */
  runMs: number | undefined
  costPico: number
}

/** What the gate says after a call: go on, the revision on trial has passed, or why it is taken back. */
export type GateVerdict = { kind: 'waiting' } | { kind: 'passed' } | { kind: 'failed'; why: string }

/** How far a gate is. */
export interface GateProgress {
  state: 'waiting' | 'passed'
  /** Calls so far of the revision on trial, and of the other. */
  calls: number
  otherCalls: number
}

/** Compares the revision on trial with the other while both serve. */
export interface RunningGate {
  note(who: 'trial' | 'other', call: GatedCall): GateVerdict
  progress(): GateProgress
}

/** Most run times that are kept of a revision: its latest. */
const MOST_KEPT = 10_000
/** Shares that differ by less are the same. */
const ROUNDING = 1e-9
/** The other revision is known well enough after this share of the calls on trial. */
const OTHER_SHARE = 0.1

class Tally {
  calls = 0
  failed = 0
  started = 0
  costPico = 0
  readonly #runs: number[] = []
  add({ failed, runMs, costPico }: GatedCall) {
    this.calls++
    if (runMs !== undefined) this.#runs[this.started++ % MOST_KEPT] = runMs
    if (failed) this.failed++
    this.costPico += costPico
  }
  get errorRate(): number {
    return this.failed / this.calls
  }
  get cost(): number {
    return this.costPico / this.calls
  }
  /** Nearest rank. */
  get p99(): number {
    const sorted = [...this.#runs].sort((a, b) => a - b)
    return sorted[Math.ceil(sorted.length * 0.99) - 1]!
  }
}

/** Starts a gate: it judges when the revision on trial has had its calls and the other a tenth as many; one that has passed is not judged again. */
export function createGate(gate: Gate): RunningGate {
  const tallies = { trial: new Tally(), other: new Tally() }
  let passed = false
  return {
    note(who, call) {
      if (passed) return { kind: 'waiting' }
      const { trial, other } = tallies
      tallies[who].add(call)
      if (trial.calls < gate.calls || other.calls < Math.ceil(gate.calls * OTHER_SHARE)) return { kind: 'waiting' }
      const why = worse(gate, trial, other)
      if (why !== undefined) return { kind: 'failed', why }
      passed = true
      return { kind: 'passed' }
    },
    progress: () => ({ state: passed ? 'passed' : 'waiting', calls: tallies.trial.calls, otherCalls: tallies.other.calls }),
  }
}

function worse({ errorRate, p99, cost }: Gate, trial: Tally, other: Tally): string | undefined {
  const over = `over ${trial.calls} calls against ${other.calls}`
  if (trial.started === 0 && other.started > 0) return `gate: none of its calls could be started, ${over}`
  if (errorRate !== undefined && trial.errorRate - other.errorRate > errorRate + ROUNDING) {
    return `gate: ${percent(trial.errorRate)} of its calls failed, ${percent(other.errorRate)} of the other's, ${over}; allowed: ${percent(errorRate)} more`
  }
  if (p99 !== undefined && trial.p99 > other.p99 * p99) {
    return `gate: p99 of run time ${trial.p99.toFixed(1)} ms, the other's ${other.p99.toFixed(1)} ms, ${over}; allowed: ${p99} times`
  }
  if (cost !== undefined && trial.cost > other.cost * cost) {
    return `gate: ${dollars(trial.cost)} per call, the other's ${dollars(other.cost)}, ${over}; allowed: ${cost} times`
  }
  return undefined
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function dollars(pico: number): string {
  return `$${(pico / 1e12).toFixed(9)}`
}
