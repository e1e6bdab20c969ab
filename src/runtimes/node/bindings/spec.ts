/** A JSON value, as `[vars]` may hold it. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** A variable. */
export interface VarSpec {
  type: 'var'
  value: JsonValue
}

/** A KV namespace in a SQLite file. */
export interface KvSpec {
  type: 'kv'
  /** Absolute path. */
  file: string
}

/** A D1 database in a SQLite file. */
export interface D1Spec {
  type: 'd1'
  /** Absolute path. */
  file: string
  /** For messages. */
  name: string
  /** Absolute path of the folder with `*.sql`; it may be absent. */
  migrationsDir: string
  /** Table that records which of them ran. */
  migrationsTable: string
}

/** Static files. */
export interface AssetsSpec {
  type: 'assets'
  /** Absolute path of the folder. */
  directory: string
  htmlHandling: HtmlHandling
  notFoundHandling: NotFoundHandling
}

/** The sending end of a queue. */
export interface QueueSpec {
  type: 'queue'
  /** Name of the queue. */
  queue: string
  /** Before a message is delivered, unless its sender says otherwise; default 0. */
  delaySeconds?: number
}

/** How paths of HTML files are spelled; Cloudflare's `html_handling`. */
export type HtmlHandling = 'auto-trailing-slash' | 'force-trailing-slash' | 'drop-trailing-slash' | 'none'

/** What answers a path without a file; Cloudflare's `not_found_handling`. */
export type NotFoundHandling = 'none' | '404-page' | 'single-page-application'

/** A bucket of the host. */
export interface BucketSpec {
  type: 'bucket'
  bucket: string
}

/** A text that nobody but the function is shown. */
export interface SecretSpec {
  type: 'secret'
  value: string
}

/** What one name in `env` stands for: plain data, so that it can be sent to an instance. */
export type BindingSpec = VarSpec | KvSpec | D1Spec | AssetsSpec | QueueSpec | BucketSpec | SecretSpec
