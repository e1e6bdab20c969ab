import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context, ContextManager, Span } from '@opentelemetry/api'

/** Under this key every copy of OpenTelemetry's API keeps the active span. */
export const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN')

/** Values that go along with the running code; never changed, only replaced. */
export class Values implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>
  constructor(values: Iterable<readonly [symbol, unknown]> = []) {
    this.#values = new Map(values)
  }
  getValue(key: symbol): unknown {
    return this.#values.get(key)
  }
  setValue(key: symbol, value: unknown): Context {
    return new Values([...this.#values, [key, value]])
  }
  deleteValue(key: symbol): Context {
    return new Values([...this.#values].filter(([name]) => name !== key))
  }
}

const active = new AsyncLocalStorage<Context>()

/** The span that the running code works under, if it said so itself. */
export function spanOf(context: Context | undefined): Span | undefined {
  return context?.getValue(SPAN_KEY) as Span | undefined
}

/** The context that the running code was put in by itself; undefined: that of its invocation. */
export function activeContext(): Context | undefined {
  return active.getStore()
}

/**
 * Makes the manager that OpenTelemetry's API asks which context is active.
 * @param ofInvocation the context of code that has chosen none
 */
export function createContextManager(ofInvocation: () => Context): ContextManager {
  const manager: ContextManager = {
    active: () => active.getStore() ?? ofInvocation(),
    with: (context, fn, thisArg, ...args) => active.run(context, () => fn.apply(thisArg as ThisParameterType<typeof fn>, args)),
    bind: <T>(context: Context, target: T): T => {
      if (typeof target !== 'function') return target
      return ((...args: unknown[]) => active.run(context, () => (target as (...all: unknown[]) => unknown)(...args))) as T
    },
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
