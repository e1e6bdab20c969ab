import type { Store } from '../../ports/store.ts'
import { memoryLedger, type MemoryLedger } from './ledger.ts'
import { memoryTicks, type MemoryTicks } from './ticks.ts'

/** A store that forgets everything with its process. */
export interface MemoryStore extends Store {
  readonly ticks: MemoryTicks
  readonly ledger: MemoryLedger
}

/** Makes an empty store. */
export function memoryStore(): MemoryStore {
  return { ticks: memoryTicks(), ledger: memoryLedger(), async close() {} }
}
