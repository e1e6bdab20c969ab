import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PressroomError } from '../../../contract/errors.ts'

/** A function as it lies on disk. */
export interface SourceFile {
  name: string
  /** Absolute. */
  file: string
}

const ENDINGS = /^(?<name>.+)\.(?:ts|mts|js|mjs)$/
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/**
 * Finds the functions of a folder: `<name>.{ts,mts,js,mjs}` and `<name>/function.{…}`, sorted by name. Names that begin
 * with `_`, declarations and tests are not functions.
 * @throws PressroomError `bad_config` when the folder is missing, a name is not usable, or two files give one name
 */
export function discoverFunctions(folder: string): SourceFile[] {
  const root = resolve(folder)
  if (!existsSync(root)) throw new PressroomError('bad_config', `functions: there is no folder ${root}; create it or name another with --functions`)
  const found = new Map<string, string>()
  const add = (name: string, file: string) => {
    if (!NAME.test(name)) throw new PressroomError('bad_config', `${file}: name: expected 1–64 of A–Z a–z 0–9 . _ -, beginning with a letter or digit, found ${JSON.stringify(name)}`)
    const other = found.get(name)
    if (other) throw new PressroomError('bad_config', `${file}: the function ${name} is there twice, also as ${other}; remove or rename one`)
    found.set(name, file)
  }
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
  return [...found].map(([name, file]) => ({ name, file })).sort((a, b) => a.name.localeCompare(b.name))
}
