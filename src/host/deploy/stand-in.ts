import { resolveConfig, type ResolvedConfig } from '../../contract/function-config.ts'
import type { StoredRevision } from '../../ports/deployments.ts'
import type { DeployedFunction } from '../deployed.ts'

/**
 * Stands for an uploaded revision that cannot be served: its callers find its routes and learn what is wrong. Where its config is not
 * understood any more, it has the defaults.
 */
export function standIn({ function: name, revision, handlers, config: raw }: Pick<StoredRevision, 'function' | 'revision' | 'handlers' | 'config'>): DeployedFunction {
  const file = `${name} (uploaded, revision ${revision})`
  const config = understood(name, file, raw, handlers)
  const { memory, outbound, timeout } = config
  return { name, file, revision, handlers, config, code: { name, revision, file: '', memory, native: false, outbound, timeoutMs: timeout * 1000, bindings: {} } }
}

function understood(name: string, file: string, raw: unknown, handlers: StoredRevision['handlers']): ResolvedConfig {
  try {
    return resolveConfig(name, file, raw, handlers)
  } catch {
    return resolveConfig(name, file, {}, handlers)
  }
}
