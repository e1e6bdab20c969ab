import type { Store } from '../../ports/store.ts'
import type { Clock } from '../../ports/clock.ts'
import { memoryDeployments } from './deployments.ts'
import { memoryFailures } from './failures.ts'
import { memoryLedger, type MemoryLedger } from './ledger.ts'
import { memoryQueues } from './queues.ts'
import { memoryTicks, type MemoryTicks } from './ticks.ts'

/** A store that forgets everything with its process. */
export interface MemoryStore extends Store {
  readonly ticks: MemoryTicks
  readonly ledger: MemoryLedger
}

/**
 * Makes an empty store.
 * @param clock by which what is too old is forgotten; default: the machine's
 */
export function memoryStore(clock: Pick<Clock, 'now'> = { now: Date.now }): MemoryStore {
  return { ticks: memoryTicks(), queues: memoryQueues(), ledger: memoryLedger(), failures: memoryFailures(clock), deployments: memoryDeployments(), async close() {} }
}
