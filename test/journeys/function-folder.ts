import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const FIXTURES = join(import.meta.dirname, '../../fixtures')

/** A folder of functions made for one test, outside the project: no `wrangler.toml`, no bindings. */
export interface FunctionFolder {
  /** Where `pressroom` is started. */
  cwd: string
  /** What `--functions` names. */
  functions: string
  /** A data folder that lives as long as this one. */
  data: string
  /** Copies fixtures in, named as in `fixtures/`: `functions/slow`, `broken/bad-cron`. */
  copy(...fixtures: string[]): void
  write(file: string, source: string): void
  remove(file: string): void
  [Symbol.dispose](): void
}

/** Makes the folder with copies of these fixtures. */
export function makeFunctionFolder(...fixtures: string[]): FunctionFolder {
  const cwd = mkdtempSync(join(tmpdir(), 'pressroom-functions-'))
  const functions = join(cwd, 'functions')
  mkdirSync(functions)
  const folder: FunctionFolder = {
    cwd,
    functions,
    data: join(cwd, 'data'),
    copy(...names) {
      for (const name of names) copyFileSync(join(FIXTURES, `${name}.ts`), join(functions, `${basename(name)}.ts`))
    },
    write: (file, source) => writeFileSync(join(functions, file), source),
    remove: (file) => rmSync(join(functions, file)),
    [Symbol.dispose]: () => rmSync(cwd, { recursive: true, force: true }),
  }
  folder.copy(...fixtures)
  return folder
}
