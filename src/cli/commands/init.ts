import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { PressroomError } from '../../contract/errors.ts'
import { packageOrigin, readOwnPackage } from '../package-origin.ts'
import { columns } from '../table.ts'

/** The files of a new project, in the order they are told; their text is in `templates`, but for `package.json`. */
const files: readonly { file: string; template?: string; about: string }[] = [
  { file: 'functions/hello.ts', template: 'hello.ts.txt', about: 'a function with a route and a schedule' },
  { file: 'wrangler.toml', template: 'wrangler.toml.txt', about: 'variables and bindings' },
  { file: 'package.json', about: 'dependencies and scripts' },
  { file: 'tsconfig.json', template: 'tsconfig.json.txt', about: 'how the functions are type-checked' },
  { file: 'README.md', template: 'README.md.txt', about: 'how to go on' },
  { file: '.gitignore', template: 'gitignore.txt', about: 'what is not for git' },
]

/** Other files that are the function `hello` too: two of one name stop a start. */
const sameFunction = ['functions/hello', 'functions/hello.mts', 'functions/hello.js', 'functions/hello.mjs']
const devTools = ['@cloudflare/workers-types', 'typescript']

/** What `init` did to a folder. */
export interface Initialized {
  folder: string
  wrote: string[]
  /** There before, left as they were. */
  kept: string[]
}

/** Adds `init`: writes a small project to begin with. */
export function registerInit(program: Command): void {
  program.command('init')
    .description('write a small project to begin with: one function, wrangler.toml, package.json, tsconfig.json, README.md, .gitignore')
    .argument('[dir]', 'its folder, made when it is not there', '.')
    .addHelpText('after', '\nA file that is there already is kept as it is.')
    .action((dir: string) => void process.stdout.write(tell(initProject(resolve(dir)))))
}

/**
 * Writes the files of a new project that are not there yet; never changes one that is.
 * @throws PressroomError `bad_option` when the folder or a file of it cannot be written
 */
export function initProject(folder: string): Initialized {
  const name = projectName(folder)
  const done: Initialized = { folder, wrote: [], kept: [] }
  for (const { file, template } of files) {
    const there = file === 'functions/hello.ts' ? sameFunction.find((other) => existsSync(join(folder, other))) : undefined
    if (there !== undefined) {
      done.kept.push(there)
      continue
    }
    const text = template === undefined ? packageJson(name, folder) : readTemplate(template).replaceAll('{{name}}', name)
    done[writeNew(join(folder, file), text) ? 'wrote' : 'kept'].push(file)
  }
  return done
}

/** False when the file is there already. */
function writeNew(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path)) return false
    throw new PressroomError('bad_option', `init: cannot write ${path}: ${(error as Error).message}; name another folder`, { cause: error })
  }
}

function readTemplate(name: string): string {
  return readFileSync(join(import.meta.dirname, '../templates', name), 'utf8')
}

function packageJson(name: string, folder: string): string {
  const own = readOwnPackage()
  const project = {
    name,
    private: true,
    type: 'module',
    scripts: { dev: 'pressroom dev', start: 'pressroom start', typecheck: 'tsc' },
    dependencies: { pressroom: packageOrigin(own.folder, folder) },
    devDependencies: Object.fromEntries(devTools.map((tool) => [tool, own.devDependencies[tool] ?? '*'])),
  }
  return `${JSON.stringify(project, null, 2)}\n`
}

/** The folder's name as npm and Workers take one. */
function projectName(folder: string): string {
  const name = basename(folder).toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 50)
  // npm installs no package into a project of the same name.
  return name === '' ? 'functions' : name === 'pressroom' ? 'pressroom-functions' : name
}

function tell({ folder, wrote, kept }: Initialized): string {
  const about = (file: string) => files.find((row) => row.file === file)?.about ?? ''
  const rows = [...wrote.map((file) => ['wrote', file, about(file)]), ...kept.map((file) => ['kept', file, 'was there already'])]
  const inside = relative(process.cwd(), folder)
  const way = inside.startsWith('..') ? folder : inside
  const steps = [
    ...(way === '' ? [] : [`cd ${/^[\w./-]+$/.test(way) ? way : JSON.stringify(way)}`]),
    kept.includes('package.json') ? `npm install --save-dev ${devTools.join(' ')}` : 'npm install',
    'npx pressroom dev',
    'curl http://127.0.0.1:8787/hello/ada',
  ]
  return `${columns(rows)}\n\nNext:\n${steps.map((step) => `  ${step}`).join('\n')}\n`
}
