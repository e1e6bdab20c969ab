import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { PressroomError } from '../../../contract/errors.ts'

const CODE = ['.ts', '.mts', '.js', '.mjs', '.tsx', '.jsx']
const STEMS = ['function', 'index']

/** The module to begin with, and the name its function has when nobody says another. */
export interface Entry {
  file: string
  name: string
}

/**
 * Finds the module of a function: the file itself, or `function.*` or `index.*` in a folder. It is called as the file is, or as the folder
 * where the file says nothing.
 * @throws PressroomError `bad_option` when there is none
 */
export function findEntry(path: string): Entry {
  const whole = resolve(path)
  if (!existsSync(whole)) throw new PressroomError('bad_option', `deploy: there is no file or folder ${whole}`)
  if (statSync(whole).isDirectory()) {
    const names = STEMS.flatMap((stem) => CODE.map((ending) => stem + ending))
    const found = names.find((name) => existsSync(join(whole, name)))
    if (found === undefined) throw new PressroomError('bad_option', `deploy: ${whole} has no function.ts or index.ts (or .mts, .js, .mjs, .tsx, .jsx); name the file`)
    return { file: join(whole, found), name: basename(whole) }
  }
  const ending = extname(whole)
  if (!CODE.includes(ending)) throw new PressroomError('bad_option', `deploy: expected a file that ends with ${CODE.join(', ')}, found ${whole}`)
  const stem = basename(whole, ending)
  return { file: whole, name: STEMS.includes(stem) ? basename(dirname(whole)) : stem }
}

/**
 * Reads the files below a folder as static files, by their paths with `/`; those that begin with a dot are left out.
 * @throws PressroomError `bad_option` when there is no such folder
 */
export function readAssets(folder: string): Map<string, Uint8Array> {
  const root = resolve(folder)
  if (!existsSync(root) || !statSync(root).isDirectory()) throw new PressroomError('bad_option', `--assets: expected a folder, found ${root}`)
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')).filter((path) => !/(^|\/)\./.test(path))
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path))]))
}
