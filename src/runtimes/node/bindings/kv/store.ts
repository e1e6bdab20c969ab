import { Keyv } from 'keyv'
import { KeyvSqlite } from './keyv-sqlite.ts'
import type { ListedEntry } from './keyv-sqlite.ts'
import { kvSerialization } from './value.ts'
import type { KvEntry } from './value.ts'

/** What a KV namespace stands on: Keyv for entries, and its store's own listing. */
export interface KvStore {
  keyv: Keyv<KvEntry>
  list(prefix: string, after: string | undefined, limit: number): Promise<ListedEntry[]>
}

/** Makes the store of one namespace in a SQLite file; the file is opened at its first use. */
export function openKvStore(file: string): KvStore {
  const store = new KeyvSqlite(file)
  // The store leaves expired entries out. If Keyv removed them by key, it could remove what another process has just written.
  const keyv = new Keyv<KvEntry>({ store, serialization: kvSerialization, checkExpired: false })
  return { keyv, list: (prefix, after, limit) => store.list(prefix, after, limit) }
}
