import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { WranglerConfig } from '../wrangler-config.ts'

/** Folders that function code may read: itself, its packages, the runner and its assets. */
export function readableFolders(data: string, functionsFolder: string, wrangler: Pick<WranglerConfig, 'bindings'>): string[] {
  const code = resolve(import.meta.dirname, '../../..')
  const own = dirname(code)
  const folders = [code, join(own, 'package.json'), ...packageFolders(own), join(data, 'revisions'), join(data, 'uploads'), join(dirname(functionsFolder), 'node_modules')]
  for (const spec of Object.values(wrangler.bindings)) if (spec.type === 'assets') folders.push(spec.directory)
  return [...new Set(folders.flatMap((folder) => {
    try {
      return [folder, realpathSync(folder)]
    } catch {
      return []
    }
  }))]
}

/** Where the host's packages lie: below its own folder, or beside it when it is itself a package. */
function packageFolders(own: string): string[] {
  const folders = [join(own, 'node_modules')]
  for (let folder = own; folder !== dirname(folder); folder = dirname(folder)) {
    if (basename(folder) === 'node_modules') folders.push(folder)
  }
  return folders
}
