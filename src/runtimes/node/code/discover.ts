import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PressroomError } from '../../../contract/errors.ts'

/** A function as it lies on disk. */
export interface SourceFile {
  name: string
  /** Absolute. */
  file: string
  /** Why it cannot be a function, in words for its author; such a file is told with the problems of the others, not loaded. */
  problem?: string
}

const ENDINGS = /^(?<name>.+)\.(?:ts|mts|js|mjs)$/
/** Names that a function may have. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/**
 * Finds the functions of a folder: `<name>.{ts,mts,js,mjs}` and `<name>/function.{…}`, sorted by name. Names that begin
 * with `_`, declarations and tests are not functions. A name that is not usable, or that two files give, is found as a `problem`.
 * @throws PressroomError `bad_config` when the folder is missing
 */
export function discoverFunctions(folder: string): SourceFile[] {
  const root = resolve(folder)
  if (!existsSync(root)) throw new PressroomError('bad_config', `functions: there is no folder ${root}; create it or name another with --functions`)
  const found = new Map<string, string[]>()
  const add = (name: string, file: string) => found.set(name, [...(found.get(name) ?? []), file].sort())
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (/^[_.]/.test(entry.name) || entry.name === 'node_modules') continue
    const path = join(root, entry.name)
    if (entry.isDirectory()) {
      const inner = readdirSync(path).filter((file) => ENDINGS.exec(file)?.groups?.['name'] === 'function')
      for (const file of inner) add(entry.name, join(path, file))
    } else if (!/\.(d|test)\.[mc]?ts$/.test(entry.name)) {
      const name = ENDINGS.exec(entry.name)?.groups?.['name']
      if (name) add(name, path)
    }
  }
  return [...found].map(([name, files]) => toSource(name, files)).sort((a, b) => a.name.localeCompare(b.name))
}

function toSource(name: string, [file = '', ...others]: string[]): SourceFile {
  const problem = !NAME.test(name)
    ? `name: expected 1–64 of A–Z a–z 0–9 . _ -, beginning with a letter or digit, found ${JSON.stringify(name)}; rename the file`
    : others.length > 0
      ? `the name ${name} is taken more than once, also by ${others.join(', ')}; rename or remove all but one`
      : undefined
  return { name, file, ...(problem === undefined ? {} : { problem }) }
}
