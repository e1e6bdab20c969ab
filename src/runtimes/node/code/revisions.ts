import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandlerName } from '../../../contract/function.ts'

/** What is known of a revision that has loaded at least once. */
export interface Knowledge {
  handlers: HandlerName[]
  /** The `config` export as it stands. */
  config: unknown
}

/** The revisions under `--data`: code by content, and what an instance that loaded it told. */
export interface Revisions {
  /** Writes code and source map aside and renames them; answers the code's path. */
  save(bundle: { name: string; revision: string; code: string; map: string }): Promise<string>
  /** Undefined when it has never loaded. */
  recall(name: string, revision: string): Promise<Knowledge | undefined>
  remember(name: string, revision: string, knowledge: Knowledge): Promise<void>
  /** Forgets all but the newest of each function. */
  prune(name: string, keep: string[]): Promise<void>
}

/** Opens the folder; it is made when missing. */
export function openRevisions(folder: string): Revisions {
  const at = (name: string, revision: string, ending: string) => join(folder, name, `${revision}${ending}`)
  const replace = async (path: string, text: string) => {
    await writeFile(`${path}.${process.pid}.tmp`, text)
    await rename(`${path}.${process.pid}.tmp`, path)
  }
  return {
    async save({ name, revision, code, map }) {
      const path = at(name, revision, '.mjs')
      await mkdir(join(folder, name), { recursive: true })
      await replace(`${path}.map`, map)
      await replace(path, `${code}//# sourceMappingURL=${revision}.mjs.map\n`)
      return path
    },
    async recall(name, revision) {
      try {
        return JSON.parse(await readFile(at(name, revision, '.json'), 'utf8')) as Knowledge
      } catch {
        return undefined
      }
    },
    remember: (name, revision, knowledge) => replace(at(name, revision, '.json'), JSON.stringify(knowledge)),
    async prune(name, keep) {
      for (const file of await readdir(join(folder, name))) {
        if (!keep.some((revision) => file.startsWith(revision))) await rm(join(folder, name, file), { force: true })
      }
    },
  }
}
