import type { ErrorCode } from '../contract/errors.ts'
import type { Invocation, Invoke, Outcome, Run } from '../contract/invocation.ts'
import { startCron, type RunningCron } from '../ingress/cron.ts'
import { Flight } from '../instances/flight.ts'
import { createBudgets } from '../metering/budget.ts'
import { metered } from '../metering/meter.ts'
import type { PriceTable } from '../metering/prices.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeptFunction } from '../ports/deployments.ts'
import type { Instances } from '../ports/instance.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import type { CronTable } from '../routing/cron-table.ts'
import type { RouteTable } from '../routing/route-table.ts'
import { traced } from '../tracing/span.ts'
import { createListeners } from './bucket-triggers.ts'
import { LIVE } from './deploy/alias.ts'
import { createCatalogue, type Upload } from './deploy/catalogue.ts'
import { createChooser } from './deploy/choose.ts'
import type { DeployedFunction } from './deployed.ts'
import { createEvents, type Events } from './events/events.ts'
import { createFinder } from './events/find.ts'
import { createFailureKeeper } from './events/kept.ts'
import { createDeployments, type Shelf } from './deploy/deployments.ts'
import { createOperator } from './operate.ts'
import type { Operator } from './operator.ts'
import { createHostQueues, type HostQueues, type QueueRules } from './queues.ts'
import { count, createPoolMaker, mainRevision } from './serving.ts'
import { dollarsToPico } from './spending.ts'

/** Longest that giving back messages may take when the host leaves. */
const GIVE_BACK_MS = 2_000

/** What a runtime brings to make a host. */
export interface HostParts {
  /** Those of the folder. */
  functions: readonly DeployedFunction[]
  /** What was deployed and set before this start. */
  kept: readonly KeptFunction[]
  /** Every uploaded revision of it. */
  uploads: readonly Upload[]
  /** Called when the files of an uploaded revision are not needed any more. */
  forget(name: string, revision: string): Promise<void>
  /** Default: every queue as production has it. */
  queues?: QueueRules
  /** Cookies that name a caller to an alias with two revisions. */
  stickyCookies: readonly string[]
  instances: Instances
  clock: Clock
  store: Store
  telemetry: Telemetry
  log: Log
  /** Bounds the configured sizes of all live instances together. */
  memoryBytes: number
  cpus: number
  /** Name of this host, kept with its claims and records. */
  name: string
  /** What invocations are charged by. */
  prices: PriceTable
  /** Most that all functions together may cost on one day (UTC); undefined: no limit. */
  budgetUsd: number | undefined
  /** What each function had cost today before this start, in picodollars. */
  spentToday: ReadonlyMap<string, number>
  makeId(): string
}

/** A host at work: the stations joined. */
export interface Host {
  readonly routes: RouteTable
  /** Runs an invocation of any trigger. */
  readonly invoke: Invoke
  readonly operator: Operator
  readonly events: Events
  /** Takes in accepted uploads. */
  readonly shelf: Shelf
  hasAlias(name: string, alias: string): boolean
  /** True until draining begins. */
  accepting(): boolean
  readonly queues: HostQueues
  /** Gives a binding another value, in every function that names it. */
  rebind(name: string, spec: unknown): void
  /** Functions that name a binding. */
  naming(name: string): string[]
  /** The queues that are told of a change of an object. */
  bucketListeners: ReturnType<typeof createListeners>
  /** Starts the schedules and the consumers of queues. */
  startSchedules(): void
  /**
   * Puts other functions, or revisions, in the place of those of the folder; what is in flight ends where it is.
   * @throws PressroomError `bad_config` when they do not fit together; then nothing has changed
   */
  replace(functions: readonly DeployedFunction[]): void
  /** Takes nothing new, finishes what was accepted for at most `graceMs`, then ends every instance. */
  drain(graceMs: number): Promise<void>
}

/**
 * Joins the stations.
 * @throws PressroomError `bad_config` when two functions claim one route or queue, or an expression is not understood
 */
export function createHost(parts: HostParts): Host {
  const { clock, log, store, prices } = parts
  let cron: RunningCron | undefined
  let consuming: HostQueues | undefined
  let accepting = true
  let ready = false
  const pools = createPoolMaker({
    ...parts,
    unbilledInit({ name, config }, ms) {
      store.ledger.unbilledInit(name, config.memory, ms, clock.now())
      const at = catalogue.serving.get(name)
      if (at) at.totals.unbilled_init_ms += ms
    },
  })
  const catalogue = createCatalogue({ ...parts, makePool: pools.make, rescheduled, tell: (message, name) => log.error(message, { function: name }) })
  const { serving, revisionOf } = catalogue
  function rescheduled(table: CronTable) {
    cron?.replace(table)
    consuming?.changed()
  }
  const deployments = createDeployments({
    serving,
    clock,
    store: store.deployments,
    misfits: catalogue.misfits,
    served: catalogue.served,
    forget: parts.forget,
    log: (level, message, name) => log[level](message, { function: name }),
  })

  /** An invocation that ends before it began. */
  const refuse = (invocation: Invocation, code: ErrorCode, outcome: Outcome, detail: string, retryAfter?: number): Run => {
    const flight = new Flight(invocation, clock.elapsed())
    // A tick has no caller that could try again: its next one is on its way anyhow.
    flight.fail(code, invocation.trigger === 'timer' ? 'skipped' : outcome, detail, retryAfter === undefined ? {} : { retryAfter })
    return flight
  }
  const dispatch: Invoke = (invocation) => {
    const unwritten = store.ledger.failing()
    if (unwritten !== undefined) return refuse(invocation, 'storage_failed', 'overloaded', `the ledger cannot be written: ${unwritten}`, 5)
    const pool = catalogue.poolOf(invocation)
    if (pool) return pool.invoke(invocation)
    const { function: name, alias = LIVE, revision } = invocation
    // Removed between routing and here, or while its tick was being claimed.
    if (!serving.has(name)) return refuse(invocation, 'no_route', 'skipped', `the function ${name} is not served any more`)
    if (revision === undefined) return refuse(invocation, 'not_found', 'skipped', `${name} has no alias ${alias}`)
    return refuse(invocation, 'init_failed', 'init_failed', revisionOf(invocation)?.problem ?? `revision ${revision} of ${name} was removed`)
  }
  const budgets = createBudgets({
    clock,
    prices,
    hostPico: parts.budgetUsd === undefined ? undefined : dollarsToPico(parts.budgetUsd),
    spender(name, revision) {
      const at = serving.get(name)
      return at && (revision === undefined ? mainRevision(at) : at.revisions.get(revision))?.spender
    },
    spentToday: parts.spentToday,
    reached(name, percent, limitPico) {
      const whose = name === null ? 'the budget of this host' : `the budget of ${name}`
      const told = percent < 100 ? `${percent} % of ${whose} is spent` : `${whose} is spent: calls are refused until midnight UTC`
      log.warn(told, { function: name, budget_usd: limitPico / 1e12 })
    },
    refuse: (invocation, detail, retryAfter) => refuse(invocation, 'budget_exceeded', 'throttled', detail, retryAfter),
  })
  const memoryOf = (invocation: Invocation) => revisionOf(invocation)?.deployed.config.memory ?? 0
  const keeper = createFailureKeeper({ failures: store.failures, clock })
  // Everything that wraps an invocation, outermost first, whatever woke it.
  const wrappers = [
    traced(parts.telemetry, memoryOf),
    metered({
      clock,
      ledger: store.ledger,
      prices,
      host: parts.name,
      memoryOf,
      settled(invocation, settlement, { billedMs }, { memoryMib, status }) {
        const { outcome, runMs } = settlement
        keeper.settled(invocation, settlement)
        const at = serving.get(invocation.function)
        if (!at) return
        count(at.totals, settlement, billedMs)
        deployments.note(at, invocation, settlement, status)
        log.report({
          invocation: invocation.id,
          function: invocation.function,
          outcome,
          runMs,
          billedMs,
          memoryMib,
          maxMemoryBytes: settlement.maxMemoryBytes,
          initMs: settlement.cold ? settlement.initMs : undefined,
          detail: settlement.detail,
        })
      },
    }),
    budgets.wrap,
    keeper.wrap,
  ]
  const wrapped = wrappers.reduceRight((next, wrap) => wrap(next), dispatch)
  const choose = createChooser(serving, { cookies: parts.stickyCookies, random: Math.random })
  const invoke: Invoke = (invocation) => {
    choose(invocation)
    return wrapped(invocation)
  }

  const queues = (consuming = createHostQueues({ ...parts, rules: parts.queues ?? {}, serving, invoke }))
  const events = createEvents({
    invoke, store, clock, log,
    host: parts.name,
    makeId: parts.makeId,
    accepting: () => accepting,
    find: createFinder(serving),
    wakeQueue: queues.wake,
  })
  const operator = createOperator({
    queues: queues.views,
    serving, store, clock, budgets, deployments,
    schedules: () => catalogue.schedules,
    cron: () => (accepting ? cron : undefined),
    ready: () => ready && accepting,
  })

  return {
    get routes() {
      return catalogue.routes
    },
    invoke,
    operator,
    events,
    queues,
    shelf: deployments,
    rebind: catalogue.rebind,
    naming: catalogue.naming,
    bucketListeners: createListeners(serving),
    hasAlias: (name, alias) => serving.get(name)?.aliases.has(alias) ?? false,
    accepting: () => accepting,
    startSchedules() {
      ready = true
      events.start()
      cron = startCron({
        table: catalogue.schedules,
        clock,
        ticks: store.ticks,
        invoke,
        host: parts.name,
        makeId: parts.makeId,
        log: (level, message, fields) => log[level](message, fields),
      })
      queues.start()
    },
    replace: catalogue.replaceFolder,
    async drain(graceMs) {
      accepting = false
      const stopped = Promise.all([cron?.stop(), events.stop(), queues.stop()])
      const drained = catalogue.drain()
      const grace = new AbortController()
      const late = clock.wait(graceMs, grace.signal).then(
        () => {
          log.warn(`shutdown: not all work ended within ${graceMs / 1000} s; the rest is cut off`)
          catalogue.kill()
        },
        () => {},
      )
      await Promise.race([Promise.all([stopped, drained]), late])
      grace.abort()
      await parts.instances.close()
      // What was cut off has ended now: it is given back before the store closes.
      const giving = new AbortController()
      await Promise.race([stopped, clock.wait(GIVE_BACK_MS, giving.signal).catch(() => {})])
      giving.abort()
    },
  }
}
