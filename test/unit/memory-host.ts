import { resolveConfig } from '../../src/contract/function-config.ts'
import type { FunctionConfig, HandlerName } from '../../src/contract/function.ts'
import type { Invocation } from '../../src/contract/invocation.ts'
import type { Upload } from '../../src/host/deploy/catalogue.ts'
import { createHost, type Host } from '../../src/host/host.ts'
import { priceTables, type PriceTable } from '../../src/metering/prices.ts'
import type { KeptFunction } from '../../src/ports/deployments.ts'
import type { InvocationReport, Log } from '../../src/ports/log.ts'
import { handMovedClock, type HandMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryInstances, type MemoryFunction, type MemoryInstances } from '../../src/runtimes/memory/instance.ts'
import { createMemoryTelemetry } from '../../src/runtimes/memory/telemetry.ts'
import { memoryStore, type MemoryStore } from '../../src/runtimes/memory/store.ts'

/** A function of a host in this process. */
export interface Made extends MemoryFunction {
  config?: FunctionConfig
}

/** A host in this process with a clock that is moved by hand, and what it wrote down. */
export interface MemoryHost {
  host: Host
  clock: HandMovedClock
  instances: MemoryInstances
  store: MemoryStore
  reports: InvocationReport[]
  warnings: string[]
  errors: string[]
  /** Makes an HTTP invocation. */
  call(name: string): Invocation
}

/** Joins the stations over the runtime in memory. */
export function memoryHost(
  functions: Record<string, Made>,
  { prices = priceTables['aws-x86'], budgetUsd, spentToday = new Map<string, number>(), start = 0, uploads = {}, before }: {
    prices?: PriceTable; budgetUsd?: number; spentToday?: ReadonlyMap<string, number>; start?: number
    /** Code of revisions that are uploaded later, as `name@revision`. */
    uploads?: Record<string, Made>
    /** What a host before this one has left. */
    before?: { store: MemoryStore; kept: readonly KeptFunction[]; uploads: readonly Upload[] }
  } = {},
): MemoryHost {
  const clock = handMovedClock(start)
  const instances = memoryInstances({ ...functions, ...uploads }, clock)
  const store = before?.store ?? memoryStore(clock)
  const reports: InvocationReport[] = []
  const warnings: string[] = []
  const errors: string[] = []
  const log: Log = {
    info() {}, line() {},
    error: (message) => errors.push(message),
    warn: (message) => warnings.push(message),
    report: (report) => reports.push(report),
  }
  let ids = 0
  const makeId = () => `id-${++ids}`
  const host = createHost({
    functions: Object.entries(functions).map(([name, made]) => {
      const handlers = (['fetch', 'scheduled', 'queue'] as const).filter((handler) => made.handlers[handler]) satisfies HandlerName[]
      const config = resolveConfig(name, `${name}.ts`, made.config, handlers)
      const code = { name, revision: 'r1', file: '', memory: config.memory, native: false, outbound: 'public', timeoutMs: config.timeout * 1000, bindings: {} } as const
      return { name, file: `${name}.ts`, revision: 'r1', handlers, config, code }
    }),
    kept: before?.kept ?? [], uploads: before?.uploads ?? [], forget: async () => {}, stickyCookies: ['who'],
    instances, clock, store, telemetry: createMemoryTelemetry(), log, memoryBytes: 2 ** 40, cpus: 4, name: 'host-a', prices, budgetUsd, spentToday, makeId,
  })
  return {
    host, clock, instances, store, reports, warnings, errors,
    call: (name) => ({ id: makeId(), function: name, trigger: 'http', event: { type: 'fetch', method: 'GET', url: `http://host/${name}`, headers: [], body: null } }),
  }
}
