import type { StatementSync } from 'node:sqlite'
import type { OpenDatabase } from '../sqlite.ts'

/** What may stand in a bound parameter after D1's conversions. */
export type D1Value = number | string | null | number[]

/** Rows of one statement, cell by cell. */
export interface Rows {
  columns: string[]
  rows: unknown[][]
}

const WRONG_COUNT = 'Wrong number of parameter bindings for SQL query.'
/** Text that has no statement in it, from its beginning: blanks, semicolons, comments. */
const BLANK = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))*/
/** Quoted text and comments, which hold no parameters; or one parameter. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?\*\/|[\w\u0080-\uffff][\w\u0080-\uffff$]*|\?(\d+)|(\?)|([:@$][\w\u0080-\uffff$]+)/g

/**
 * Runs every statement of `sql` and answers with the rows of the last one, which alone may have parameters.
 * @throws what SQLite says, or an Error in D1's words about parameters and missing statements
 */
export function runStatements(open: OpenDatabase, sql: string, values: D1Value[]): Rows {
  let rest = sql
  for (;;) {
    const statement = open.prepare(rest)
    const own = statement.sourceSQL
    const tail = rest.slice(own.length)
    if (tail.replace(/^[\s;]+/, '') === '') return runOne(statement, own, values)
    if (tail.replace(BLANK, '') === '') throw new Error('SQL code did not contain a statement.')
    if (parametersOf(own).length > 0) {
      throw new Error('When executing multiple SQL statements in a single call, only the last statement can have parameters.')
    }
    statement.all()
    rest = tail
  }
}

/** True when SQLite would find no statement in it. */
export function isBlank(sql: string): boolean {
  return sql.replace(BLANK, '') === ''
}

function runOne(statement: StatementSync, sql: string, values: D1Value[]): Rows {
  const parameters = parametersOf(sql)
  if (parameters.length !== values.length) throw new Error(WRONG_COUNT)
  const bound = values.map(toBound)
  const named = parameters.some((name) => name !== undefined && !name.startsWith('?'))
  const raw = named
    ? statement.all(Object.fromEntries(parameters.flatMap((name, i) => (name === undefined ? [] : [[name, bound[i] ?? null]]))),
        ...bound.filter((_, i) => parameters[i] === undefined))
    : statement.all(...bound)
  const columns = statement.columns().map((column) => column.name)
  const rows = raw as unknown as unknown[][]
  for (const row of rows) for (let i = 0; i < row.length; i++) row[i] = toCell(row[i])
  return { columns, rows }
}

function toBound(value: D1Value): string | number | null | Uint8Array {
  if (Array.isArray(value)) return Uint8Array.from(value)
  // Values travel as JSON on Cloudflare, where infinity is null.
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

function toCell(value: unknown): unknown {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint8Array) return Array.from(value)
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

const known = new Map<string, (string | undefined)[]>()

/** The parameters of one statement by number; undefined for an anonymous one, `?3`, `:name` for the others. */
function parametersOf(sql: string): (string | undefined)[] {
  const before = known.get(sql)
  if (before !== undefined) return before
  const found: (string | undefined)[] = []
  for (const [, number, anonymous, name] of sql.matchAll(TOKEN)) {
    if (number !== undefined) {
      const index = Number(number)
      while (found.length < index) found.push(undefined)
      found[index - 1] ??= `?${number}`
    } else if (anonymous !== undefined) found.push(undefined)
    else if (name !== undefined && !found.includes(name)) found.push(name)
  }
  if (known.size > 200) known.clear()
  known.set(sql, found)
  return found
}
