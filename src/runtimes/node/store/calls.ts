import type { BucketChange } from './buckets/changes.ts'
import type { LedgerBatch } from './ledger-batch.ts'
import type { QueueChange } from './queues/changes.ts'

/** What SQLite keeps in one column. */
export type Value = string | number | null | Uint8Array

/** One thing to do: a statement, a batch of the ledger, a change of queues or buckets, or the end. */
export type StoreCall =
  | { id: number; kind: 'run'; sql: string; values: Value[] }
  | { id: number; kind: 'all'; sql: string; values: Value[] }
  | { id: number; kind: 'ledger'; batch: LedgerBatch }
  | { id: number; kind: 'queues'; change: QueueChange }
  | { id: number; kind: 'buckets'; change: BucketChange }
  | { id: number; kind: 'close' }

/** Its answer: a value or the text of an error. */
export interface StoreAnswer {
  id: number
  value?: unknown
  error?: string
}
