import { d1Error, sqliteMessage } from './errors.ts'
import { isBlank, runStatements } from './run-statements.ts'
import type { D1Value, Rows } from './run-statements.ts'
import { openD1, SQL_BYTES } from './open.ts'
import type { Figures, OpenD1 } from './open.ts'
import { breathe } from '../sqlite.ts'

type Row = Record<string, unknown>

/** Figures of one query in D1's shape. */
export interface D1Meta {
  served_by: string
  /** Milliseconds. */
  duration: number
  changes: number
  last_row_id: number
  changed_db: boolean
  /** Bytes. */
  size_after: number
  /** Rows that came back: SQLite does not tell how many it looked at. */
  rows_read: number
  /** Rows changed, without those of indexes. */
  rows_written: number
}

interface Query { sql: string; values: D1Value[] }
interface Result<T> { success: true; meta: D1Meta; results: T[] }

/** A D1 database in a SQLite file. One query is atomic, `batch` is one transaction. */
export class D1Database {
  readonly #file: string
  #open: Promise<OpenD1> | undefined

  /** @param file absolute path, opened at the first query */
  constructor(file: string) {
    this.#file = file
  }

  /** Makes a statement; nothing runs yet. */
  prepare(sql: string): D1PreparedStatement {
    return new D1PreparedStatement((queries) => this.#run(queries), sql)
  }

  /** Runs statements in order in one transaction: all of them, or none. */
  async batch<T = Row>(statements: D1PreparedStatement[]): Promise<Result<T>[]> {
    const queries = statements.map((statement) => {
      if (!(statement instanceof D1PreparedStatement)) throw new Error('D1 batch() takes statements made by prepare().')
      return { sql: statement.statement, values: statement.params }
    })
    return (await this.#run(queries)).map(({ rows, meta }) => ({ success: true, meta, results: toObjects<T>(rows) }))
  }

  /** Runs SQL with one statement per line and no parameters, in one transaction. */
  async exec(sql: string): Promise<{ count: number; duration: number }> {
    const lines = sql.trim().split('\n')
    try {
      const done = await this.#run(lines.map((line) => ({ sql: line, values: [] })))
      return { count: done.length, duration: done.reduce((sum, { meta }) => sum + meta.duration, 0) }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      throw d1Error('D1_EXEC_ERROR', `Error in line 1: ${lines[0] ?? ''}: ${cause}`)
    }
  }

  /** A session: here every query sees all earlier writes, so it only keeps the shape. */
  withSession(_constraintOrBookmark?: string): D1DatabaseSession {
    return new D1DatabaseSession(this)
  }

  /** @throws always: copies are made from the file */
  async dump(): Promise<never> {
    throw d1Error('D1_DUMP_ERROR', `dump is not supported here; copy ${this.#file} with SQLite's backup instead`)
  }

  async #run(queries: Query[]): Promise<{ rows: Rows; meta: D1Meta }[]> {
    await breathe()
    try {
      const filled = queries.filter(({ sql }) => !isBlank(sql))
      if (filled.length === 0) throw new Error('No SQL statements detected.')
      if (filled.some(({ sql }) => Buffer.byteLength(sql) > SQL_BYTES)) throw new Error('statement too long: SQLITE_TOOBIG')
      this.#open ??= openD1(this.#file)
      this.#open.catch(() => { this.#open = undefined })
      const open = await this.#open
      const does = { writes: !filled.every(({ sql }) => onlyReads(sql)), deletes: filled.some(({ sql }) => /\bdelete\b/i.test(sql)) }
      return open.transaction(does, () => {
        let figures = open.figures()
        return filled.map((query) => {
          const done = measure(open, query, figures)
          figures = done.figures
          return done
        })
      })
    } catch (error) {
      throw d1Error('D1_ERROR', sqliteMessage(error))
    }
  }
}

/** A session of a database; its bookmark stays null because there is one copy only. */
export class D1DatabaseSession {
  readonly #database: D1Database

  /** @param database the database it belongs to */
  constructor(database: D1Database) {
    this.#database = database
  }

  prepare(sql: string): D1PreparedStatement {
    return this.#database.prepare(sql)
  }

  batch<T = Row>(statements: D1PreparedStatement[]): Promise<Result<T>[]> {
    return this.#database.batch<T>(statements)
  }

  getBookmark(): string | null {
    return null
  }
}

/** A statement with its bound values. */
export class D1PreparedStatement {
  readonly #run: (queries: Query[]) => Promise<{ rows: Rows; meta: D1Meta }[]>
  readonly statement: string
  readonly params: D1Value[]

  /** @param run runs queries in one transaction */
  constructor(run: (queries: Query[]) => Promise<{ rows: Rows; meta: D1Meta }[]>, statement: string, params: D1Value[] = []) {
    this.#run = run
    this.statement = String(statement)
    this.params = params
  }

  /**
   * Makes a copy of the statement with these values.
   * @throws Error `D1_TYPE_ERROR` for undefined, bigint, functions and objects that are no bytes
   */
  bind(...values: unknown[]): D1PreparedStatement {
    return new D1PreparedStatement(this.#run, this.statement, values.map(toValue))
  }

  async #one(): Promise<{ rows: Rows; meta: D1Meta }> {
    const [done] = await this.#run([{ sql: this.statement, values: this.params }])
    if (done === undefined) throw d1Error('D1_ERROR', 'No SQL statements detected.')
    return done
  }

  /**
   * Runs it and answers the first row, or one column of it; null without rows.
   * @throws Error `D1_COLUMN_NOTFOUND`
   */
  async first(column?: string): Promise<unknown> {
    const [row] = toObjects<Row>((await this.#one()).rows)
    if (row === undefined) return null
    if (column === undefined) return row
    const value = row[column]
    if (value === undefined) {
      throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`, { cause: new Error('Column not found') })
    }
    return value
  }

  /** Runs it and answers all rows as objects. */
  async all<T = Row>(): Promise<Result<T>> {
    const { rows, meta } = await this.#one()
    return { success: true, meta, results: toObjects<T>(rows) }
  }

  /** The same as `all`. */
  async run<T = Row>(): Promise<Result<T>> {
    return this.all<T>()
  }

  /** Runs it and answers rows as arrays, with the column names first when asked. */
  async raw(options?: { columnNames?: boolean }): Promise<unknown[][]> {
    const { columns, rows } = (await this.#one()).rows
    return options?.columnNames === true ? [columns, ...rows] : rows
  }
}

/** Runs one statement; `before` is what the figures were. */
function measure(open: OpenD1, { sql, values }: Query, before: Figures): { rows: Rows; meta: D1Meta; figures: Figures } {
  const began = performance.now()
  const rows = runStatements(open, sql, values)
  const duration = performance.now() - began
  const after = onlyReads(sql) ? before : open.figures()
  const changes = after.changes - before.changes
  return {
    rows,
    meta: {
      served_by: 'pressroom',
      duration,
      changes,
      last_row_id: after.lastRowId,
      changed_db: changes !== 0 || after.lastRowId !== before.lastRowId || after.size !== before.size,
      size_after: after.size,
      rows_read: rows.rows.length,
      rows_written: changes,
    },
    figures: after,
  }
}

/** False when in doubt: then the write lock is taken. */
function onlyReads(sql: string): boolean {
  return /^\s*(?:select|values|with)\b[^;]*;?\s*$/i.test(sql) && !/\b(?:insert|update|delete|replace)\b/i.test(sql)
}

function toObjects<T>({ columns, rows }: Rows): T[] {
  // Assigned where that means the same: several times as fast.
  if (columns.includes('__proto__')) return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])) as T)
  return rows.map((row) => {
    const object: Row = {}
    for (let i = 0; i < columns.length; i++) object[columns[i]!] = row[i]
    return object as T
  })
}

function toValue(value: unknown): D1Value {
  if (typeof value === 'number' || typeof value === 'string' || value === null) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (Array.isArray(value) && value.every((byte) => typeof byte === 'number' && byte >= 0 && byte < 256)) return value as number[]
  if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value))
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array)
  throw d1Error('D1_TYPE_ERROR', `Type '${typeof value}' not supported for value '${value as string}'`)
}
