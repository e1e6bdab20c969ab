import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { PressroomError } from '../../../contract/errors.ts'

/** What is uploaded as one revision: modules as Workers know them, static files, and a config beside the code. */
export interface UploadForm {
  /** Path of the module whose default export has the handlers. */
  main: string
  /** By path; text in UTF-8, binary ones as their bytes. */
  modules: ReadonlyMap<string, Uint8Array>
  /** Fields that outweigh those of the module's own `config`; undefined: none. */
  config: Readonly<Record<string, unknown>> | undefined
  /** Static files by path. */
  assets: ReadonlyMap<string, Uint8Array>
}

/** Largest body of an upload. */
export const LARGEST_UPLOAD_BYTES = 50 * 1024 * 1024

/** How a module is understood, by its ending; `binary` ones travel in base64. */
export const moduleKinds = {
  '.js': 'code', '.mjs': 'code', '.cjs': 'code', '.json': 'json', '.txt': 'text', '.html': 'text', '.sql': 'text', '.wasm': 'binary', '.bin': 'binary',
} as const

const MOST_MODULES = 200
const MOST_ASSETS = 2_000
/** File systems take names of 255 bytes; paths have room for the folder before them. */
const LONGEST_NAME_BYTES = 255
const LONGEST_PATH_BYTES = 1_024
/** Problems that one answer tells. */
const MOST_TOLD = 20
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const FIELDS = ['main', 'modules', 'config', 'assets', 'sha256']

/**
 * Reads the body of an upload and checks all of it, the hash last.
 * @returns the form and the SHA-256 that it was found to have
 * @throws PressroomError `bad_request` with what is wrong with fields and paths; `revision_refused` when it is not what its sender hashed
 */
export function readUpload(body: string): { form: UploadForm; sha256: string } {
  const raw = parse(body)
  const problems: string[] = []
  const complain = (field: string, expected: string, found: unknown) => problems.push(`${field}: expected ${expected}, found ${show(found)}`)
  for (const field of Object.keys(raw)) if (!FIELDS.includes(field)) complain(field, `one of ${FIELDS.join(', ')}`, field)
  const modules = files('modules', raw['modules'], MOST_MODULES, complain, (path) => {
    const kind = kindOf(path)
    if (kind === undefined) complain('modules', `paths that end with one of ${Object.keys(moduleKinds).join(' ')}`, path)
    // It would change how Node reads the modules beside it.
    if (posix.basename(path) === 'package.json') complain('modules', 'no package.json', path)
    return kind === 'binary'
  })
  const assets = raw['assets'] === undefined ? new Map<string, Uint8Array>() : files('assets', raw['assets'], MOST_ASSETS, complain, () => true)
  const { main, config, sha256 } = raw
  if (typeof main !== 'string' || !modules.has(main) || kindOf(main) !== 'code') complain('main', 'the path of one of the modules, ending with .js, .mjs or .cjs', main)
  if (config !== undefined && !isRecord(config)) complain('config', 'an object', config)
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) complain('sha256', '64 hexadecimal digits in lower case', sha256)
  if (problems.length > 0 || (config !== undefined && !isRecord(config))) throw new PressroomError('bad_request', tell(problems))
  const form: UploadForm = { main: String(main), modules, config, assets }
  const found = hashUpload(form)
  if (found !== sha256) throw new PressroomError('revision_refused', `sha256: expected ${String(sha256)} as sent, found ${found}; the upload was changed on its way, or hashed in another form`)
  return { form, sha256: found }
}

/**
 * Hashes an upload in its canonical form: for each entry, sorted by the bytes of its name, `name NUL length NUL bytes`, where
 * length is decimal. The entries are `main`, `config` (JSON without spaces; absent when there is none), and
 * `module:<path>` and `asset:<path>` with their decoded bytes.
 * @returns 64 hexadecimal digits; the first 12 name the revision
 */
export function hashUpload({ main, modules, config, assets }: UploadForm): string {
  const entries: [name: Buffer, bytes: Uint8Array][] = [[Buffer.from('main'), Buffer.from(main)]]
  if (config !== undefined) entries.push([Buffer.from('config'), Buffer.from(JSON.stringify(config))])
  for (const [path, bytes] of modules) entries.push([Buffer.from(`module:${path}`), bytes])
  for (const [path, bytes] of assets) entries.push([Buffer.from(`asset:${path}`), bytes])
  const hash = createHash('sha256')
  for (const [name, bytes] of entries.sort(([a], [b]) => Buffer.compare(a, b))) hash.update(name).update(`\0${bytes.byteLength}\0`).update(bytes)
  return hash.digest('hex')
}

/** Writes the body of an upload, as `readUpload` takes it. */
export function writeUpload(form: UploadForm): string {
  const modules = [...form.modules].map(([path, bytes]) => [path, Buffer.from(bytes).toString(kindOf(path) === 'binary' ? 'base64' : 'utf8')])
  const assets = [...form.assets].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')])
  return JSON.stringify({
    main: form.main,
    modules: Object.fromEntries(modules) as object,
    ...(form.config === undefined ? {} : { config: form.config }),
    ...(assets.length === 0 ? {} : { assets: Object.fromEntries(assets) as object }),
    sha256: hashUpload(form),
  })
}

/** How a module of this path is understood; undefined when it is none. */
export function kindOf(path: string): (typeof moduleKinds)[keyof typeof moduleKinds] | undefined {
  const ending = posix.extname(path)
  return Object.hasOwn(moduleKinds, ending) ? moduleKinds[ending as keyof typeof moduleKinds] : undefined
}

type Complain = (field: string, expected: string, found: unknown) => void

function files(field: string, raw: unknown, most: number, complain: Complain, isBinary: (path: string) => boolean): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  if (!isRecord(raw)) {
    complain(field, 'an object of paths and contents', raw)
    return found
  }
  const entries = Object.entries(raw)
  if (entries.length > most) complain(field, `at most ${most}`, entries.length)
  for (const [path, content] of entries.slice(0, most)) {
    const wrong = wrongPath(path)
    if (wrong !== undefined) {
      complain(field, wrong, path)
      continue
    }
    const binary = isBinary(path)
    if (typeof content !== 'string') complain(`${field}[${JSON.stringify(path)}]`, binary ? 'base64' : 'text', content)
    else if (binary && !BASE64.test(content)) complain(`${field}[${JSON.stringify(path)}]`, 'base64', content)
    else found.set(path, Buffer.from(content, binary ? 'base64' : 'utf8'))
  }
  for (const path of found.keys()) {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
      if (found.has(folder)) complain(field, `"${folder}" to be a file or a folder`, path)
    }
  }
  return found
}

/** What a path should have been; undefined when it is a plain relative one. */
function wrongPath(path: string): string | undefined {
  const parts = path.split('/')
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  const odd = /[\0-\x1f\x7f\\]/.test(path) || parts.some((part) => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > LONGEST_NAME_BYTES)
  return odd || Buffer.byteLength(path) > LONGEST_PATH_BYTES ? 'plain relative paths (no "..", no "/" in front, no "\\", no control characters)' : undefined
}

function parse(body: string): Record<string, unknown> {
  let raw: unknown
  try {
    raw = JSON.parse(body)
  } catch (cause) {
    throw new PressroomError('bad_request', `the body is no JSON: ${(cause as Error).message}`, { cause })
  }
  if (isRecord(raw)) return raw
  throw new PressroomError('bad_request', `expected {"main", "modules", "config"?, "assets"?, "sha256"}, found ${show(raw)}`)
}

function tell(problems: string[]): string {
  const rest = problems.length - MOST_TOLD
  return [...problems.slice(0, MOST_TOLD), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
