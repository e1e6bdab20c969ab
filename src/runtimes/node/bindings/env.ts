import { AssetFetcher } from './assets/fetcher.ts'
import { D1Database } from './d1/database.ts'
import { KvNamespace } from './kv/namespace.ts'
import type { CallHost } from './host-calls.ts'
import { QueueProducer } from './queue.ts'
import { Bucket } from './r2/bucket.ts'
import type { BindingSpec } from './spec.ts'

/**
 * Makes the `env` of a function. `call` asks the host for what only the host can do. Databases are opened, and the packages behind them loaded, at the first use of a binding.
 * Runs inside the instance.
 */
export function createEnv(specs: Record<string, BindingSpec>, call: CallHost): Record<string, unknown> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, createBinding(name, spec, call)]))
}

function createBinding(name: string, spec: BindingSpec, call: CallHost): unknown {
  switch (spec.type) {
    case 'var':
      return structuredClone(spec.value)
    case 'kv':
      return new KvNamespace(async () => (await import('./kv/store.ts')).openKvStore(spec.file))
    case 'd1':
      return new D1Database(spec.file)
    case 'assets':
      return new AssetFetcher(spec)
    case 'secret':
      return spec.value
    case 'bucket':
      return new Bucket((operation, args, body) => call(name, operation, args, body))
    case 'queue':
      return new QueueProducer(spec, (operation, args, body) => call(name, operation, args, body))
  }
}
