import { trace } from '@opentelemetry/api'
import { PressroomError } from '../contract/errors.ts'
import type { Invoke } from '../contract/invocation.ts'
import { startCron, type RunningCron } from '../ingress/cron.ts'
import { Flight } from '../instances/flight.ts'
import { chargeable, metered } from '../metering/meter.ts'
import type { Clock } from '../ports/clock.ts'
import type { Instances } from '../ports/instance.ts'
import type { Log } from '../ports/log.ts'
import type { Ticks } from '../ports/ticks.ts'
import { createCronTable, type CronTable } from '../routing/cron-table.ts'
import { createRouteTable, type RouteTable } from '../routing/route-table.ts'
import { traced } from '../tracing/span.ts'
import type { DeployedFunction } from './deployed.ts'
import type { Operator } from './operator.ts'
import { count, createPoolMaker, toView, type Serving } from './serving.ts'

/** What a runtime brings to make a host. */
export interface HostParts {
  functions: readonly DeployedFunction[]
  instances: Instances
  clock: Clock
  ticks: Ticks
  log: Log
  /** Bounds the configured sizes of all live instances together. */
  memoryBytes: number
  cpus: number
  /** Name of this host, kept with its claims. */
  name: string
  makeId(): string
}

/** A host at work: the stations joined. */
export interface Host {
  readonly routes: RouteTable
  /** Runs an invocation of any trigger. */
  readonly invoke: Invoke
  readonly operator: Operator
  /** True until draining begins. */
  accepting(): boolean
  /** Starts the schedules. */
  startSchedules(): void
  /**
   * Puts other revisions, or functions, in the place of the present ones; what is in flight ends where it is.
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
  const { clock, log } = parts
  const pools = createPoolMaker(parts)
  const serving = new Map<string, Serving>()
  const leaving = new Set<Promise<void>>()
  let routes: RouteTable
  let schedules: CronTable
  let cron: RunningCron | undefined
  let accepting = true
  let ready = false
  replace(parts.functions)

  const dispatch: Invoke = (invocation) => {
    const at = serving.get(invocation.function)
    if (at) return at.pool.invoke(invocation)
    // Removed between routing and here, or while its tick was being claimed.
    const flight = new Flight(invocation, clock.elapsed())
    flight.fail('no_route', 'skipped', `the function ${invocation.function} is not served any more`)
    return flight
  }
  // Everything that wraps an invocation, outermost first, whatever woke it.
  const wrappers = [
    traced(trace.getTracer('pressroom'), { billedMs: chargeable }),
    metered((invocation, settlement, { billedMs }) => {
      const at = serving.get(invocation.function)
      if (!at) return
      count(at.totals, settlement, billedMs)
      log.report({
        invocation: invocation.id,
        function: invocation.function,
        outcome: settlement.outcome,
        runMs: settlement.runMs,
        billedMs,
        memoryMib: at.deployed.config.memory,
        maxMemoryBytes: settlement.maxMemoryBytes,
        initMs: settlement.cold ? settlement.initMs : undefined,
        detail: settlement.detail,
      })
    }),
  ]
  const invoke = wrappers.reduceRight((next, wrap) => wrap(next), dispatch)

  function replace(functions: readonly DeployedFunction[]) {
    const misfits = checkTogether(functions)
    if (misfits.length > 0) throw new PressroomError('bad_config', misfits.join('\n'))
    routes = tableOfRoutes(functions)
    schedules = tableOfSchedules(functions)
    const names = new Set(functions.map(({ name }) => name))
    for (const [name, { pool }] of serving) {
      if (!names.has(name)) {
        serving.delete(name)
        leave(pool.drain())
      }
    }
    for (const deployed of functions) {
      const before = serving.get(deployed.name)
      if (before?.deployed.revision === deployed.revision) continue
      const totals = before?.totals ?? { invocations: 0, errors: 0, throttled: 0, billed_ms: 0 }
      serving.set(deployed.name, { deployed, pool: pools.make(deployed), totals })
      if (before) leave(before.pool.drain())
    }
    cron?.replace(schedules)
  }
  function leave(drained: Promise<void>) {
    const gone: Promise<void> = drained.finally(() => leaving.delete(gone))
    leaving.add(gone)
  }

  const operator: Operator = {
    functions: () => [...serving.values()].map((at) => toView(at, clock)),
    schedules: () =>
      Promise.all(
        schedules.entries.map(async (entry) => {
          const last = await parts.ticks.last(entry.function, entry.cron)
          return {
            function: entry.function,
            cron: entry.cron,
            time_zone: entry.timeZone,
            dialect: entry.dialect,
            next: entry.next(new Date(clock.now()), 10).map((time) => time.toISOString()),
            last: last && { time: new Date(last.time).toISOString(), outcome: last.outcome, invocation: last.invocation },
          }
        }),
      ),
    fire(name, expression, scheduledTime) {
      if (!cron || !accepting) throw new PressroomError('overloaded', 'the host is starting or shutting down')
      return cron.fire(name, expression, scheduledTime)
    },
    ready: () => ready && accepting,
  }

  return {
    get routes() {
      return routes
    },
    invoke,
    operator,
    accepting: () => accepting,
    startSchedules() {
      ready = true
      cron = startCron({
        table: schedules,
        clock,
        ticks: parts.ticks,
        invoke,
        host: parts.name,
        makeId: parts.makeId,
        log: (level, message, fields) => log[level](message, fields),
      })
    },
    replace,
    async drain(graceMs) {
      accepting = false
      const stopped = cron?.stop()
      const all = [...serving.values()].map(({ pool }) => pool.drain())
      const grace = new AbortController()
      const late = clock.wait(graceMs, grace.signal).then(
        () => {
          log.warn(`shutdown: not all work ended within ${graceMs / 1000} s; the rest is cut off`)
          for (const { pool } of serving.values()) pool.kill()
        },
        () => {},
      )
      await Promise.race([Promise.all([stopped, ...all, ...leaving]), late])
      grace.abort()
      await parts.instances.close()
    },
  }
}

/** What keeps these functions from being served together, in words; empty when nothing does. */
export function checkTogether(functions: readonly DeployedFunction[]): string[] {
  return [tableOfRoutes, tableOfSchedules, oneConsumerEach].flatMap((check) => {
    try {
      check(functions)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
}

function tableOfRoutes(functions: readonly DeployedFunction[]): RouteTable {
  return createRouteTable(functions.map(({ name, file, config }) => ({ name, file, routes: config.routes })))
}

function tableOfSchedules(functions: readonly DeployedFunction[]): CronTable {
  return createCronTable(functions.map(({ name, file, config }) => ({ name, file, schedules: config.schedules })))
}

/** @throws PressroomError `bad_config` when two functions consume one queue */
function oneConsumerEach(functions: readonly DeployedFunction[]) {
  const consumers = new Map<string, DeployedFunction>()
  for (const deployed of functions) {
    for (const queue of deployed.config.queues) {
      const other = consumers.get(queue)
      if (other) throw new PressroomError('bad_config', `${deployed.file}: config.queues: expected one function per queue, found "${queue}" also in ${other.file}`)
      consumers.set(queue, deployed)
    }
  }
}
