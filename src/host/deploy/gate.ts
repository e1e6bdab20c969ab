import type { Gate } from '../../ports/deployments.ts'

/** How one call went. */
export interface GatedCall {
  failed: boolean
  runMs: number
  costPico: number
}

/** What the gate says after a call: go on, the newer revision has passed, or why it is taken back. */
export type GateVerdict = { kind: 'waiting' } | { kind: 'passed' } | { kind: 'failed'; why: string }

/** How far a gate is. */
export interface GateProgress {
  state: 'waiting' | 'passed'
  /** Calls so far of the newer revision, and of the other. */
  calls: number
  otherCalls: number
}

/** Compares two revisions while both serve. */
export interface RunningGate {
  note(who: 'newer' | 'other', call: GatedCall): GateVerdict
  progress(): GateProgress
}

/** Most run times that are kept of the other revision: its latest. */
const MOST_KEPT = 10_000
/** The other revision is known well enough after this share of the newer one's calls. */
const OTHER_SHARE = 0.1

class Tally {
  calls = 0
  failed = 0
  costPico = 0
  readonly #runs: number[] = []
  add({ failed, runMs, costPico }: GatedCall) {
    this.#runs[this.calls % MOST_KEPT] = runMs
    this.calls++
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

/** Starts a gate: it judges once, when the newer revision has had its calls and the other a tenth as many. */
export function createGate(gate: Gate): RunningGate {
  const tallies = { newer: new Tally(), other: new Tally() }
  let passed = false
  return {
    note(who, call) {
      if (passed) return { kind: 'waiting' }
      const { newer, other } = tallies
      tallies[who].add(call)
      if (newer.calls < gate.calls || other.calls < Math.ceil(gate.calls * OTHER_SHARE)) return { kind: 'waiting' }
      const why = worse(gate, newer, other)
      if (why !== undefined) return { kind: 'failed', why }
      passed = true
      return { kind: 'passed' }
    },
    progress: () => ({ state: passed ? 'passed' : 'waiting', calls: tallies.newer.calls, otherCalls: tallies.other.calls }),
  }
}

function worse({ errorRate, p99, cost }: Gate, newer: Tally, other: Tally): string | undefined {
  const over = `over ${newer.calls} calls against ${other.calls}`
  if (errorRate !== undefined && newer.errorRate - other.errorRate > errorRate) {
    return `gate: ${percent(newer.errorRate)} of its calls failed, ${percent(other.errorRate)} of the other's, ${over}; allowed: ${percent(errorRate)} more`
  }
  if (p99 !== undefined && newer.p99 > other.p99 * p99) {
    return `gate: p99 of run time ${newer.p99.toFixed(1)} ms, the other's ${other.p99.toFixed(1)} ms, ${over}; allowed: ${p99} times`
  }
  if (cost !== undefined && newer.cost > other.cost * cost) {
    return `gate: ${dollars(newer.cost)} per call, the other's ${dollars(other.cost)}, ${over}; allowed: ${cost} times`
  }
  return undefined
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function dollars(pico: number): string {
  return `$${(pico / 1e12).toFixed(9)}`
}
