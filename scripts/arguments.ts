import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** Ends the program with 2 and says how it is called, and what is wrong. */
export function refuse(usage: string, wrong: string): never {
  console.error(`${wrong}\n${usage}`)
  process.exit(2)
}

/**
 * The options of a command and the one file or folder it is given. `--help` prints the usage and ends the program with 0; an unknown
 * option, or no or more than one folder, with 2.
 */
export function readArguments<const Options extends ParseArgsOptionsConfig>(usage: string, options: Options): { values: ReturnType<typeof parseArgs<{ options: Options }>>['values']; path: string } {
  if (process.argv.some((argument) => argument === '--help' || argument === '-h')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    const { values, positionals: [path, more] } = parseArgs({ allowPositionals: true, options })
    if (path === undefined || path === '') refuse(usage, 'a path is missing')
    if (more !== undefined) refuse(usage, `one path is expected; ${more} is another`)
    return { values: values as ReturnType<typeof parseArgs<{ options: Options }>>['values'], path }
  } catch (error) {
    return refuse(usage, (error as Error).message)
  }
}
