import { watch, type FSWatcher } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import type { Host } from '../../../host/host.ts'
import type { Log } from '../../../ports/log.ts'
import { discoverFunctions, type SourceFile } from './discover.ts'
import { loadFunctions, type LoadOptions, type LoadedFunction } from './load.ts'

/** Editors write a file in several steps: wait for the last. */
const QUIET_MS = 60

/**
 * Follows the folder of functions, and those of what they import from elsewhere, and serves what changed. A function that does not load any more keeps its last good
 * revision, and its error is shown.
 */
export function watchFunctions(folder: string, first: readonly LoadedFunction[], host: Host, options: LoadOptions, log: Log): { close(): void } {
  const root = resolve(folder)
  let known = new Map(first.map((one) => [one.deployed.name, one]))
  let timer: NodeJS.Timeout | undefined
  let busy = false
  let changed = new Set<string>()
  /** Changes that could not be served, as two functions claimed one route: the next change may settle it. */
  let unserved = new Set<string>()

  /** Those that a change may concern; all whenever a file is not known to belong to some. */
  const concerned = (files: SourceFile[], paths: Set<string>): SourceFile[] => {
    const ours = (path: string) => [...known.values()].some(({ inputs }) => inputs.includes(path))
    if (![...paths].every(ours)) return files
    return files.filter(({ name }) => known.get(name)?.inputs.some((input) => paths.has(input)) ?? true)
  }
  const reload = async () => {
    if (busy) return
    busy = true
    const paths = new Set([...unserved, ...changed])
    changed = new Set()
    unserved = paths
    try {
      const files = discoverFunctions(root)
      const affected = concerned(files, paths)
      const { loaded, problems } = await loadFunctions(affected, options)
      const kept = files.filter((file) => !affected.includes(file)).flatMap(({ name }) => known.get(name) ?? [])
      const next = new Map([...kept, ...loaded].map((one) => [one.deployed.name, one]))
      for (const { name, message } of problems) {
        log.error(`${name}: ${message}`, { function: name })
        const before = known.get(name)
        if (before) {
          next.set(name, before)
          log.warn(`${name}: still serving revision ${before.deployed.revision}`, { function: name })
        }
      }
      host.replace([...next.values()].map(({ deployed }) => deployed))
      for (const [name, { deployed }] of next) {
        if (known.get(name)?.deployed.revision !== deployed.revision) log.info(`${name}: serving revision ${deployed.revision}`, { function: name })
      }
      for (const name of known.keys()) if (!next.has(name)) log.info(`${name}: removed`, { function: name })
      known = next
      unserved = new Set()
      followImports()
    } catch (error) {
      log.error((error as Error).message)
    } finally {
      busy = false
      if (changed.size > 0) void reload()
    }
  }
  const follow = (folder: string, recursive: boolean): FSWatcher => {
    const watcher = watch(folder, { recursive }, (_kind, file) => {
      if (file?.startsWith('_assets') || file?.includes('node_modules')) return
      const path = resolve(folder, file ?? '')
      // Beside an import elsewhere lie files that are nobody's.
      if (!recursive && !imports().has(path)) return
      changed.add(path)
      clearTimeout(timer)
      timer = setTimeout(() => void reload(), QUIET_MS)
    })
    return watcher.on('error', (error) => log.warn(`${folder} is not watched any more: ${error.message}`))
  }
  /** What functions import from outside their folder, packages aside. */
  const imports = () => {
    const all = [...known.values()].flatMap(({ inputs }) => inputs)
    return new Set(all.filter((path) => !path.startsWith(root + sep) && !path.includes(`${sep}node_modules${sep}`)))
  }
  const watchers = new Map([[root, follow(root, true)]])
  const followImports = () => {
    for (const elsewhere of new Set([...imports()].map((path) => dirname(path)))) {
      if (!watchers.has(elsewhere)) watchers.set(elsewhere, follow(elsewhere, false))
    }
  }
  followImports()
  return {
    close() {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}
