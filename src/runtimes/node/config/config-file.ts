import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { PressroomError } from '../../../contract/errors.ts'

/** A table of the file, not yet checked. */
export type Table = Record<string, unknown>

/** A parsed file that complains about itself by name and field. */
export class ConfigFile {
  readonly path: string
  readonly content: Table

  constructor(path: string) {
    this.path = path
    try {
      this.content = parse(readFileSync(path, 'utf8'))
    } catch (cause) {
      throw new PressroomError('bad_config', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }

  wrong(field: string, expected: string, found: unknown): PressroomError {
    const shown = found === undefined ? 'nothing' : typeof found === 'string' ? found : JSON.stringify(found)
    return new PressroomError('bad_config', `${this.path}: ${field}: expected ${expected}, found ${shown}`)
  }

  table(field: string): Table | undefined {
    const value = this.content[field]
    if (value === undefined) return undefined
    if (!isTable(value)) throw this.wrong(field, `a table, [${field}]`, value)
    return value
  }

  /** @param parent where the list lies when not at the top, and what that is called */
  tables(field: string, parent?: { table: Table; field: string }): Table[] {
    const value = (parent?.table ?? this.content)[field]
    const path = parent ? `${parent.field}.${field}` : field
    if (value === undefined) return []
    if (!Array.isArray(value) || !value.every(isTable)) throw this.wrong(path, `a list of tables, [[${path}]]`, value)
    return value
  }

  text(table: Table, field: string, key: string): string {
    const value = this.optional(table, field, key)
    if (value === undefined) throw this.wrong(`${field}.${key}`, 'a text', undefined)
    return value
  }

  /** @returns undefined when it is not there */
  number(table: Table, field: string, key: string, range: { min: number; max: number; whole?: boolean; unit: string }): number | undefined {
    const value = table[key]
    if (value === undefined) return undefined
    const { min, max, whole = false, unit } = range
    if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value
    throw this.wrong(`${field}.${key}`, `${whole ? 'a whole number' : 'a number'} of ${unit} from ${min} to ${max}`, value)
  }

  optional(table: Table, field: string, key: string): string | undefined {
    const value = table[key]
    if (value !== undefined && (typeof value !== 'string' || value === '')) throw this.wrong(field === '' ? key : `${field}.${key}`, 'a text', value)
    return value
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
