import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

const PACKED = ['package.json', 'tsconfig.json', 'README.md', 'LICENSE', 'bin', 'deploy', 'scripts', 'src', 'test']
/** What npm says when it gets no packages from anywhere. */
const NO_REGISTRY = /\b(ENOTCACHED|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/

/** The package of this project. */
export interface Tarball {
  path: string
  /** What is in it, from its root. */
  files: string[]
  /** The copy of the project it was made in. */
  project: string
}

/** Runs npm in a folder as a person would in a terminal, whatever npm started the tests. */
export async function npm(folder: string, ...args: string[]): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|npm_config_(local_prefix|prefix)$|INIT_CWD$)/i.test(name))
  const { stdout } = await run('npm', args, { cwd: folder, env: Object.fromEntries(own), maxBuffer: 1 << 24 })
  return stdout
}

/** Makes the package and puts it into this folder. The project is packed from a copy: another test may be packing it too. */
export async function packProject(folder: string): Promise<Tarball> {
  const copy = join(folder, 'project')
  for (const name of PACKED) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const told = JSON.parse(await npm(copy, 'pack', '--json', '--pack-destination', folder)) as Packed[] | Record<string, Packed>
  const [packed] = Object.values(told)
  return { path: join(folder, packed!.filename), files: packed!.files.map(({ path }) => path), project: copy }
}

interface Packed {
  filename: string
  files: { path: string }[]
}

/**
 * Installs it into a folder, from npm's cache where that holds everything; answers why that cannot be tried here, or undefined when it
 * is installed.
 */
export async function installPackage(folder: string, { path }: Tarball): Promise<string | undefined> {
  const install = ['install', '--no-audit', '--no-fund', '--fetch-retries=0', '--fetch-timeout=60000', path]
  try {
    await npm(folder, ...install, '--offline').catch(() => npm(folder, ...install))
    return undefined
  } catch (error) {
    const told = String((error as { stderr?: unknown }).stderr)
    const [reason] = NO_REGISTRY.exec(told) ?? []
    if (reason === undefined) throw new Error(`npm install failed:\n${told}`, { cause: error })
    return `no registry answers and npm's cache does not hold the packages (${reason})`
  }
}

/** Lends a folder the type-checker's packages, and the project itself as `pressroom` where it is not installed. */
export function lendPackages(folder: string, ...names: string[]): void {
  for (const name of names) {
    const place = join(folder, 'node_modules', name)
    mkdirSync(join(place, '..'), { recursive: true })
    symlinkSync(name === 'pressroom' ? ROOT : join(ROOT, 'node_modules', name), place)
  }
}

/** Type-checks a folder by its tsconfig.json; answers what is wrong, nothing when all is well. */
export async function typecheck(folder: string, ...flags: string[]): Promise<string> {
  try {
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.', '--noEmit', '--pretty', 'false', ...flags], { cwd: folder })
    return ''
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout)
  }
}
