import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const LONGEST_FILE = 300
const MOST_FILES = 12

/** Files allowed to be longer, each with its reason. */
const longFiles: Record<string, string> = {}

const stations = ['src/ingress', 'src/routing', 'src/instances', 'src/metering', 'src/tracing', 'src/egress']
const hosting = ['src/contract', 'src/ports', ...stations, 'src/host', 'src/admin']

/** What a room may import: other rooms, and packages by the beginning of their names. Its own room is always allowed. */
const rooms: Record<string, { rooms: string[]; packages: string[] }> = {
  'src/contract': { rooms: [], packages: ['@cloudflare/workers-types'] },
  'src/ports': { rooms: ['src/contract'], packages: ['@cloudflare/workers-types'] },
  'src/ingress': { rooms: ['src/contract', 'src/ports'], packages: ['hono'] },
  'src/routing': { rooms: ['src/contract', 'src/ports'], packages: ['hono', 'croner'] },
  'src/instances': { rooms: ['src/contract', 'src/ports'], packages: [] },
  'src/metering': { rooms: ['src/contract', 'src/ports'], packages: ['@opentelemetry/'] },
  'src/tracing': { rooms: ['src/contract', 'src/ports'], packages: ['@opentelemetry/'] },
  'src/egress': { rooms: ['src/contract', 'src/ports'], packages: ['hono'] },
  'src/host': { rooms: ['src/contract', 'src/ports', ...stations], packages: ['hono', '@opentelemetry/'] },
  'src/admin': { rooms: ['src/contract', 'src/ports', 'src/host'], packages: ['hono'] },
  'src/runtimes/memory': { rooms: hosting, packages: [] },
  'src/runtimes/node': { rooms: hosting, packages: [''] },
  'src/runtimes/workers': { rooms: [...hosting, 'functions/_registry.ts'], packages: [''] },
  // The option table is the host's; help and flags are made of it.
  'src/cli': { rooms: ['src/contract', 'src/runtimes/node', 'src/admin', 'src/host/options.ts'], packages: [''] },
  'src/index.ts': { rooms: hosting, packages: [] },
}

/** Rooms whose code runs on Node alone. */
const nodeRooms = ['src/runtimes/node', 'src/cli']

interface Import {
  from: string
  /** As written. */
  specifier: string
  /** The file it names, from the root; null for a package. */
  target: string | null
  typeOnly: boolean
  reExport: boolean
}

const files = ['src', 'functions', 'test', 'bench', 'bin', 'scripts'].flatMap((folder) => listFiles(join(root, folder)))
const code = files.filter((file) => /\.(ts|mts|js|mjs)$/.test(file) && !file.startsWith('functions/_assets/'))
const product = code.filter((file) => /^(src|functions)\//.test(file))
const imports = product.flatMap(readImports)

test('each room imports only what lies on its way', () => {
  const strays = imports.filter(({ from }) => from.startsWith('src/')).filter(({ from, target, specifier }) => {
    const room = roomOf(from)
    const rule = rooms[room]
    if (!rule) return true
    if (target === null) return !isPlatform(specifier) && !rule.packages.some((prefix) => specifier.startsWith(prefix))
    return ![room, ...rule.rooms].some((allowed) => isIn(target, allowed))
  })
  assert.deepEqual(strays.map(describe), [])
})

test('functions import types of pressroom, their own folder, shared folders and packages that run on Workers', () => {
  const strays = imports.filter(({ from }) => from.startsWith('functions/') && from !== 'functions/_registry.ts').filter(({ from, target, specifier, typeOnly }) => {
    if (specifier === 'pressroom') return !typeOnly
    if (target === null) return (isPlatform(specifier) || /^undici(\/|$)/.test(specifier)) && !isNative(from)
    return !(isIn(target, ownFolder(from)) || /^functions\/_(?!registry)/.test(target))
  })
  assert.deepEqual(strays.map(describe), [])
})

test('only the rooms of a platform import what that platform alone has', () => {
  const strays = imports.filter(({ from, specifier }) => from.startsWith('src/') && (
    (specifier.startsWith('node:') && !nodeRooms.some((room) => isIn(from, room)))
    || (specifier.startsWith('cloudflare:') && !isIn(from, 'src/runtimes/workers'))
  ))
  assert.deepEqual(strays.map(describe), [])
})

test('imports make no circle, types included', () => {
  const edges = new Map<string, string[]>()
  for (const { from, target } of imports) if (target) edges.set(from, [...edges.get(from) ?? [], target])
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of product) visit(file, [])
  assert.deepEqual(circles, [])
})

test('every import names a file that is there', () => {
  const missing = imports.filter(({ target }) => target !== null && !target.startsWith('node_modules') && !files.includes(target))
  assert.deepEqual(missing.map(describe), [])
})

test(`no file is longer than ${LONGEST_FILE} lines, but those named here with a reason`, () => {
  const long = code.filter((file) => lines(file).length > LONGEST_FILE)
  assert.deepEqual(long.filter((file) => !(file in longFiles)), [])
  assert.deepEqual(Object.keys(longFiles).filter((file) => !long.includes(file)), [], 'named without need')
})

test(`no folder of src holds more than ${MOST_FILES} files`, () => {
  const counts = new Map<string, number>()
  for (const file of files.filter((one) => one.startsWith('src/'))) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  assert.deepEqual([...counts].filter(([, count]) => count > MOST_FILES).map(([folder, count]) => `${folder}: ${count}`), [])
})

test('every export of src says what it does', () => {
  const silent = product.filter((file) => file.startsWith('src/')).flatMap((file) => lines(file).flatMap((line, index, all) => {
    const name = /^export (?:declare )?(?:default |async |abstract )*(?:function\*?|const|let|class|interface|type|enum)\s+([\w$]+)/.exec(line)?.[1]
    return name && !/\*\/\s*$/.test(all[index - 1] ?? '') ? [`${file}:${index + 1} ${name}`] : []
  }))
  assert.deepEqual(silent, [])
})

test('there is one door: src/index.ts re-exports and does nothing else, and nothing else re-exports', () => {
  assert.deepEqual(imports.filter(({ from, reExport }) => reExport && from !== 'src/index.ts').map(describe), [])
  assert.deepEqual(imports.filter(({ from, reExport }) => !reExport && from === 'src/index.ts').map(describe), [])
  const rest = withoutComments(readFileSync(join(root, 'src/index.ts'), 'utf8')).replace(/export\s+(type\s+)?(\{[^}]*\}|\*)\s+from\s+'[^']+';?/g, '').trim()
  assert.equal(rest, '')
})

test('no room is called utils', () => {
  assert.deepEqual(files.filter((file) => /(^|\/)utils?(\/|\.)/.test(file)), [])
})

function listFiles(folder: string): string[] {
  let entries
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch {
    return []
  }
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|\.wrangler|\.pressroom)\//.test(file)).sort()
}

function lines(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').trimEnd().split('\n')
}

/** Comments gone, strings kept: what looks like a comment inside a string or a template stays. */
function withoutComments(source: string): string {
  return source.replace(/('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|(^|[^:\\/])\/\/[^\n]*/g, (_, text?: string, before?: string) => text ?? before ?? '')
}

function readImports(file: string): Import[] {
  const source = withoutComments(readFileSync(join(root, file), 'utf8'))
  const found: Import[] = []
  const add = (specifier: string, typeOnly: boolean, reExport: boolean): void => {
    const target = specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier === 'pressroom' ? 'src/index.ts' : null
    found.push({ from: file, specifier, target, typeOnly, reExport })
  }
  for (const match of source.matchAll(/^\s*(import|export)\b(\s+type\b(?!\s*from))?([^'"`;=()]*)\bfrom\s*['"]([^'"]+)['"]/gm)) {
    add(match[4] ?? '', match[2] !== undefined || allTypes(match[3] ?? ''), match[1] === 'export')
  }
  for (const match of source.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm)) add(match[1] ?? '', false, false)
  for (const match of source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) add(match[1] ?? '', false, false)
  return found
}

/** `{ type A, type B }`: nothing of it is there when the program runs. */
function allTypes(clause: string): boolean {
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(',').map((name) => name.trim()).filter(Boolean)
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '))
}

function roomOf(file: string): string {
  return Object.keys(rooms).filter((room) => isIn(file, room)).sort((a, b) => b.length - a.length)[0] ?? `no known room: ${file}`
}

function isIn(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}/`)
}

function isPlatform(specifier: string): boolean {
  return /^(node|cloudflare):/.test(specifier)
}

/** `functions/<name>/…` has its folder; `functions/<name>.ts` is alone. */
function ownFolder(file: string): string {
  const [, name = ''] = file.split('/')
  return `functions/${name}`
}

function isNative(file: string): boolean {
  return /\bnative:\s*true\b/.test(readFileSync(join(root, file), 'utf8'))
}

function describe({ from, specifier }: Import): string {
  return `${from} imports ${specifier}`
}
