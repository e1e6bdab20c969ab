import { extname, join } from 'node:path'

/**
 * The file of one of the host's own modules, to start a process or a thread with: TypeScript in the repository, JavaScript in the
 * package. Imports need none of this; they are rewritten when the package is made.
 * @param folder the caller's `import.meta.dirname`
 * @param module the way from there, without the ending: `../child/runner`
 */
export function ownModule(folder: string, module: string): string {
  return join(folder, module + extname(import.meta.filename))
}
