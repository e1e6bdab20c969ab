import { EventEmitter } from 'node:events'
import { keyvStorageCapability } from 'keyv'
import type { KeyvStorageAdapter, KeyvStorageCapability, KeyvStorageEntry, KeyvStorageGetResult } from 'keyv'
import { logEmptier } from '../empty-log.ts'
import { breathe, openDatabase } from '../sqlite.ts'
import type { OpenDatabase } from '../sqlite.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keyv (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    expires INTEGER,
    head TEXT GENERATED ALWAYS AS (substr(value, 1, instr(value, char(10)))) STORED,
    value TEXT NOT NULL,
    PRIMARY KEY (namespace, key)
  );
  CREATE INDEX IF NOT EXISTS keyv_expires ON keyv (expires) WHERE expires IS NOT NULL;
`
/** Expired rows removed along with one write: few, so that the write lock is held for milliseconds. */
const SWEPT_PER_WRITE = 20
const WRITTEN_PER_TRANSACTION = 200
const ITERATED_AT_ONCE = 100

/** What a listing tells of an entry: everything but the value. */
export interface ListedEntry {
  key: string
  /** Milliseconds since 1970. */
  expires: number | undefined
  /** The value's first line with its line end, or '' when it has none: kept apart, so that listing reads no values. */
  head: string
}

/**
 * Keeps Keyv's entries in a SQLite file that several processes share. Values are strings, as Keyv's serialization makes
 * them. An expired entry is gone at once for readers and leaves the file along with later writes.
 */
export class KeyvSqlite extends EventEmitter implements KeyvStorageAdapter {
  namespace: string | undefined
  readonly #file: string
  #open: Promise<OpenDatabase> | undefined
  #emptyLog: (() => void) | undefined

  /** @param file absolute path; its folder must exist */
  constructor(file: string) {
    super()
    this.#file = file
  }

  get capabilities(): KeyvStorageCapability {
    return keyvStorageCapability(this)
  }

  async #rows(sql: string, ...values: (string | number | null)[]): Promise<unknown[][]> {
    await breathe()
    const { prepare } = await this.#database()
    return prepare(sql).all(...values) as unknown as unknown[][]
  }

  #database(): Promise<OpenDatabase> {
    this.#open ??= openDatabase(this.#file).then((opened) => {
      opened.db.exec(SCHEMA)
      this.#emptyLog = logEmptier(opened.db)
      return opened
    }).catch((error: unknown) => {
      this.#open = undefined
      throw error
    })
    return this.#open
  }

  get #space(): string {
    return this.namespace ?? ''
  }

  async get<Value>(key: string): Promise<KeyvStorageGetResult<Value>> {
    const [row] = await this.#rows(
      'SELECT value FROM keyv WHERE namespace = ? AND key = ? AND (expires IS NULL OR expires > ?)', this.#space, key, Date.now())
    return row?.[0] as string | undefined
  }

  async getMany<Value>(keys: string[]): Promise<Array<KeyvStorageGetResult<Value | undefined>>> {
    const found = new Map((await this.#rows(
      `SELECT key, value FROM keyv WHERE namespace = ? AND key IN (SELECT value FROM json_each(?)) AND (expires IS NULL OR expires > ?)`,
      this.#space, JSON.stringify(keys), Date.now())) as [string, string][])
    return keys.map((key) => found.get(key))
  }

  async has(key: string): Promise<boolean> {
    return (await this.hasMany([key]))[0] === true
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    const rows = await this.#rows(
      `SELECT key FROM keyv WHERE namespace = ? AND key IN (SELECT value FROM json_each(?)) AND (expires IS NULL OR expires > ?)`,
      this.#space, JSON.stringify(keys), Date.now())
    const found = new Set(rows.map((row) => row[0]))
    return keys.map((key) => found.has(key))
  }

  /** @throws TypeError when the value is no string */
  async set(key: string, value: unknown, expires?: number): Promise<boolean> {
    await this.setMany([expires === undefined ? { key, value } : { key, value, expires }])
    return true
  }

  /** @throws TypeError when a value is no string; then nothing of this call is written */
  async setMany<Value>(entries: KeyvStorageEntry<Value>[]): Promise<boolean[] | undefined> {
    for (const { key, value } of entries) {
      if (typeof value !== 'string') {
        throw new TypeError(`keyv-sqlite: the value of ${JSON.stringify(key)} is ${typeof value}, expected a string; give Keyv a serialization`)
      }
    }
    for (let from = 0; from < entries.length; from += WRITTEN_PER_TRANSACTION) {
      await this.#write(entries.slice(from, from + WRITTEN_PER_TRANSACTION))
    }
    return entries.map(() => true)
  }

  async #write(entries: KeyvStorageEntry<unknown>[]): Promise<void> {
    await breathe()
    const { db, prepare } = await this.#database()
    const upsert = prepare('INSERT INTO keyv (namespace, key, expires, value) VALUES (?, ?, ?, ?) ' +
      'ON CONFLICT DO UPDATE SET expires = excluded.expires, value = excluded.value')
    const sweep = prepare('DELETE FROM keyv WHERE rowid IN (SELECT rowid FROM keyv WHERE expires <= ? LIMIT ?)')
    db.exec('BEGIN IMMEDIATE')
    try {
      for (const { key, value, expires } of entries) upsert.run(this.#space, key, expires ?? null, value as string)
      sweep.run(Date.now(), SWEPT_PER_WRITE)
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  async delete(key: string): Promise<boolean> {
    return (await this.deleteMany([key]))[0] === true
  }

  /** @returns for each key whether it was there; an expired one was not */
  async deleteMany(keys: string[]): Promise<boolean[]> {
    const rows = await this.#rows(
      'DELETE FROM keyv WHERE namespace = ? AND key IN (SELECT value FROM json_each(?)) RETURNING key, expires IS NULL OR expires > ?',
      this.#space, JSON.stringify(keys), Date.now())
    if (rows.length > 0) this.#emptyLog?.()
    const gone = new Map(rows.map(([key, live]) => [key, live === 1n]))
    return keys.map((key) => gone.get(key) === true)
  }

  async clear(): Promise<void> {
    const some = 'DELETE FROM keyv WHERE rowid IN (SELECT rowid FROM keyv WHERE namespace = ? LIMIT ?) RETURNING 1'
    while ((await this.#rows(some, this.#space, WRITTEN_PER_TRANSACTION)).length > 0);
  }

  async *iterator<Value>(): AsyncGenerator<Array<string | Awaited<Value> | undefined>, void> {
    let after: string | undefined
    for (;;) {
      const rows = await this.#rows(
        `SELECT key, value FROM keyv WHERE namespace = ? AND ${after === undefined ? '? IS NULL' : 'key > ?'} ` +
        'AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?', this.#space, after ?? null, Date.now(), ITERATED_AT_ONCE)
      for (const [key, value] of rows) {
        after = key as string
        yield [after, value as string]
      }
      if (rows.length < ITERATED_AT_ONCE) return
    }
  }

  /**
   * Lists keys that begin with `prefix` and come after `after`, in the order of their UTF-8 bytes, without reading values.
   * More than Keyv asks of a store.
   */
  async list(prefix: string, after: string | undefined, limit: number): Promise<ListedEntry[]> {
    const rows = await this.#rows(
      'SELECT key, expires, head FROM keyv WHERE namespace = ? AND key >= ? AND key > ? AND (expires IS NULL OR expires > ?) ' +
      'ORDER BY key LIMIT ?', this.#space, prefix, after ?? '', Date.now(), limit)
    // In byte order the keys with one prefix stand together, from the prefix itself on.
    const listed: ListedEntry[] = []
    for (const [key, expires, head] of rows as [string, bigint | null, string][]) {
      if (!key.startsWith(prefix)) break
      listed.push({ key, expires: expires === null ? undefined : Number(expires), head })
    }
    return listed
  }

  async disconnect(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open !== undefined) (await open).db.close()
  }
}
