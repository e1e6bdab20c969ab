import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'

/** This package: its folder and what its `package.json` says. */
export interface OwnPackage {
  folder: string
  version: string
  devDependencies: Readonly<Record<string, string>>
}

/** Reads what this package says about itself, in the repository and in node_modules alike. */
export function readOwnPackage(): OwnPackage {
  const folder = resolve(import.meta.dirname, '../..')
  const { version, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Omit<OwnPackage, 'folder'>
  return { folder, version, devDependencies }
}

/**
 * What a project in `target` writes as its dependency on this package: the tarball or address it was installed from, else its folder.
 * Never a bare version, which would trust that a registry's package of that name is this one.
 */
export function packageOrigin(own: string, target: string): string {
  const resolved = installedFrom(own)
  if (resolved !== undefined && !resolved.startsWith('file:')) return resolved
  const path = resolved === undefined ? own : resolve(dirname(dirname(own)), resolved.slice('file:'.length))
  return `file:${relative(target, existsSync(path) ? path : own).split(sep).join('/')}`
}

/** As npm recorded it beside the installed packages; undefined where it did not. */
function installedFrom(own: string): string | undefined {
  const packages = dirname(own)
  if (basename(packages) !== 'node_modules') return undefined
  try {
    const lock = JSON.parse(readFileSync(join(packages, '.package-lock.json'), 'utf8')) as { packages: Record<string, { resolved?: string } | undefined> }
    return lock.packages[`node_modules/${basename(own)}`]?.resolved
  } catch {
    return undefined
  }
}
