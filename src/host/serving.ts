import type { Settlement } from '../contract/invocation.ts'
import { createMemoryBudget, type MemoryBudget } from '../instances/memory-budget.ts'
import { createPool, type Pool } from '../instances/pool.ts'
import { createStartTurns } from '../instances/start-turns.ts'
import { silent } from '../instances/limits.ts'
import type { Spender } from '../metering/budget.ts'
import { createFairShare } from '../metering/fair-share.ts'
import type { Clock } from '../ports/clock.ts'
import type { AliasState, StoredRevision, Triggers } from '../ports/deployments.ts'
import type { Instances } from '../ports/instance.ts'
import type { Log } from '../ports/log.ts'
import { LIVE } from './deploy/alias.ts'
import type { DeployedFunction } from './deployed.ts'
import type { RunningGate } from './deploy/gate.ts'
import type { FunctionView, InstanceView } from './operator.ts'

/** Instances that may be starting at once, for each CPU. */
const STARTS_PER_CPU = 2

/** One revision of a function that can be called. */
export interface ServedRevision {
  deployed: DeployedFunction
  spender: Spender
  /** Made by its first call; undefined while no alias names it. */
  pool: Pool | undefined
  /** Why it cannot be called; it stands for what was uploaded until it is uploaded again. */
  problem?: string
}

/** An alias at work. */
export interface ServedAlias {
  state: AliasState
  gate: RunningGate | undefined
}

/** One function: its revisions, what its aliases point at, and what it has done so far. */
export interface Serving {
  name: string
  source: 'folder' | 'upload'
  revisions: Map<string, ServedRevision>
  /** What is kept of the uploaded ones; those that cannot be served any more included. */
  stored: Map<string, StoredRevision>
  aliases: Map<string, ServedAlias>
  triggers: Triggers | null
  totals: FunctionView['totals']
}

/** Starts pools that share one memory budget. */
export interface PoolMaker {
  make(deployed: DeployedFunction): Pool
  budget: MemoryBudget
}

/** What the pools of one host share. */
export interface PoolMakerOptions {
  instances: Instances
  clock: Clock
  log: Log
  memoryBytes: number
  cpus: number
  /** Told the load time of an instance that is gone and never served. */
  unbilledInit(deployed: DeployedFunction, ms: number): void
}

/** Makes the pools of one host. */
export function createPoolMaker(options: PoolMakerOptions): PoolMaker {
  const { instances, clock, log } = options
  const budget = createMemoryBudget(options.memoryBytes / 1024 / 1024)
  const startTurns = createStartTurns(STARTS_PER_CPU * options.cpus)
  return {
    budget,
    make(deployed) {
      const { name, revision, code, config } = deployed
      return createPool({
        code,
        unbilledInit: (ms) => options.unbilledInit(deployed, ms),
        limits: {
          memoryBytes: config.memory * 1024 * 1024,
          timeoutMs: config.timeout * 1000,
          blockMs: config.block * 1000,
          cpuMs: config.cpu ?? Infinity,
          concurrency: config.concurrency,
          maxInstances: config.maxInstances,
          maxWaiting: config.maxWaiting,
          idleMs: config.idle * 1000,
        },
        instances,
        clock,
        budget,
        startTurns,
        cpus: options.cpus,
        createRunClock: createFairShare,
        log: (level, message) => log.line({ function: name, revision, invocation: null, level, message }),
      })
    },
  }
}

/** The revision that most calls of `live` go to, at equal weights the one that was there: its triggers are the function's. Undefined while nothing serves. */
export function mainRevision({ aliases, revisions }: Pick<Serving, 'aliases' | 'revisions'>): ServedRevision | undefined {
  const heaviest = aliases.get(LIVE)?.state.revisions.reduce((most, share) => (share.weight >= most.weight ? share : most))
  return heaviest && revisions.get(heaviest.revision)
}

/** Adds one settled invocation to a function's totals. */
export function count(totals: FunctionView['totals'], { outcome, delivered }: Settlement, billedMs: number): void {
  if (outcome === 'throttled' || outcome === 'overloaded') totals.throttled++
  else totals.invocations++
  if (delivered && outcome !== 'ok' && outcome !== 'canceled') totals.errors++
  totals.billed_ms += billedMs
}

/** A function as the operator sees it; undefined while no revision of it can be shown. */
export function toView(at: Serving, clock: Clock): FunctionView | undefined {
  const main = mainRevision(at) ?? [...at.revisions.values()].at(-1)
  if (!main) return undefined
  const now = clock.elapsed()
  const instances = [...at.revisions].flatMap(([revision, { pool }]) =>
    (pool?.members() ?? []).map((member): InstanceView => {
      const busy = member.inFlight.size > 0
      return {
        id: member.instance.id,
        revision,
        pid: member.instance.pid,
        state: member.state === 'ready' ? (silent(member, now) ? 'blocked' : busy ? 'busy' : 'ready') : member.state === 'starting' ? 'starting' : 'draining',
        in_flight: member.inFlight.size,
        memory_mb: Math.round((member.instance.vitals().memoryBytes / 1024 / 1024) * 10) / 10,
        age_s: Math.round((now - member.startedAt) / 100) / 10,
      }
    }),
  )
  const { name, revision, config } = main.deployed
  return {
    name,
    revision,
    source: at.source,
    aliases: Object.fromEntries([...at.aliases].map(([alias, { state, gate }]) => [alias, { revisions: [...state.revisions], gate: gate?.progress().state ?? null }])),
    state: main.problem !== undefined || main.pool?.failing() ? 'failed' : instances.length > 0 ? 'active' : 'idle',
    config: structuredClone(config) as FunctionView['config'],
    routes: [...(at.triggers?.routes ?? config.routes)],
    instances,
    totals: { ...at.totals },
  }
}
