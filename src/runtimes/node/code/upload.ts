import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tooLarge, type Uploads } from '../../../admin/upload-routes.ts'
import { PressroomError } from '../../../contract/errors.ts'
import type { DeployedFunction } from '../../../host/deployed.ts'
import type { StoredRevision } from '../../../ports/deployments.ts'
import type { FunctionCode, Instances } from '../../../ports/instance.ts'
import { ownModule } from '../process/own-module.ts'
import type { Surroundings } from './check-config.ts'
import { NAME } from './discover.ts'
import { probe } from './load.ts'
import type { Knowledge } from './revisions.ts'
import { LARGEST_UPLOAD_BYTES } from './upload-form.ts'
import type { Written } from './upload-write.ts'
import { ASIDE, loadUploaded, placeOf } from './uploaded.ts'

/** Longest pause of a sender, and longest that the program which takes a whole body in may compute. */
const PAUSE_MS = 30_000
const WRITE_MS = 120_000
/** Heap of that program: the largest body as text, its JSON, its bytes. */
const WRITE_HEAP_MIB = 512
/** Of what a module wrote while it was loaded. */
const LOG_BYTES = 4 * 1024

/** Where accepted revisions go. */
export interface Shelf {
  /** @throws PressroomError `conflict` when no upload may have this name */
  reserve(name: string): void
  has(name: string, revision: string): boolean
  /** Resolves when the revision is kept for good. */
  add(stored: StoredRevision, deployed: DeployedFunction): Promise<void>
}

/** What uploads are made of. */
export interface UploaderOptions extends Surroundings {
  /** Folder of uploaded revisions. */
  folder: string
  instances: Instances
  shelf: Shelf
  /** Milliseconds since 1970. */
  now(): number
}

/** Takes uploads in, and removes what was taken in. */
export interface Uploader extends Uploads {
  /** Tells what an instance wrote; lines of modules on trial are kept for their authors. */
  heard(code: FunctionCode, text: string): void
  /** Removes the files of a revision that nothing speaks of any more, in its turn among uploads: nobody has to wait for it. */
  remove(name: string, revision: string): void
  /** Ends what is under way, refuses what comes, and resolves when nothing is written any more. */
  close(): Promise<void>
}

/** Makes the uploader of one host. */
export function createUploader({ folder, instances, shelf, now, ...surroundings }: UploaderOptions): Uploader {
  const heard = new Map<FunctionCode, string>()
  const leaving = new AbortController()
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }

  async function accept(name: string, body: ReadableStream<Uint8Array> | null) {
    if (!NAME.test(name)) throw new PressroomError('bad_request', `name: expected 1–64 of A–Z a–z 0–9 . _ -, beginning with a letter or digit, found ${JSON.stringify(name)}`)
    leaving.signal.throwIfAborted()
    shelf.reserve(name)
    const aside = join(folder, ASIDE, randomUUID())
    await mkdir(join(folder, ASIDE), { recursive: true })
    await mkdir(join(folder, name), { recursive: true })
    const written = await writeAside(body, join(folder, name), aside, leaving.signal)
    if (!written.ok) throw new PressroomError(written.code, written.message)
    const { revision, sha256, bytes, main } = written
    const place = placeOf(folder, name, revision)
    const existed = shelf.has(name, revision)
    if (existed && written.there) return { revision, existed }
    if (!written.there) {
      await rename(aside, place.folder)
      for (const changed of [join(folder, name), folder]) await syncFolder(changed)
    }
    try {
      const { knowledge, deployed } = await tryOut(name, revision, place.code, written.config)
      await shelf.add({ function: name, revision, at: now(), sha256, bytes, main, ...knowledge }, deployed)
    } catch (error) {
      await rm(place.folder, { recursive: true, force: true })
      throw error
    }
    return { revision, existed }
  }

  /** Loads the module in an instance; what it wrote goes with the refusal. */
  async function tryOut(name: string, revision: string, path: string, given: Readonly<Record<string, unknown>> | undefined): Promise<{ knowledge: Knowledge; deployed: DeployedFunction }> {
    let tried: FunctionCode | undefined
    const refused = (error: unknown) =>
      Object.assign(new PressroomError('revision_refused', (error as Error).message, { cause: error }), { log: (tried && heard.get(tried)) ?? '' })
    const size = given?.['memory']
    try {
      const { handlers, config } = await probe({
        name, revision, path,
        native: false,
        memory: typeof size === 'number' && size > 128 && size <= 10_240 ? size : 128,
        signal: leaving.signal,
        started(code) {
          tried = code
          heard.set(code, '')
        },
      }, instances)
      const knowledge = { handlers, config: merged(config, given) }
      return { knowledge, deployed: await loadUploaded(folder, { function: name, revision, ...knowledge }, surroundings) }
    } catch (error) {
      leaving.signal.throwIfAborted()
      throw refused(error)
    } finally {
      if (tried) heard.delete(tried)
    }
  }

  return {
    largestBytes: LARGEST_UPLOAD_BYTES,
    accept: (name, body) => inTurn(() => accept(name, body)).catch((error: unknown) => {
      throw unwritable(error)
    }),
    heard(code, text) {
      const before = heard.get(code)
      if (before !== undefined) heard.set(code, lastBytes(`${before}${text}\n`))
    },
    remove(name, revision) {
      // What cannot be removed now is swept at the next start.
      inTurn(async () => {
        if (!shelf.has(name, revision)) await rm(placeOf(folder, name, revision).folder, { recursive: true, force: true })
      }).catch(() => {})
    },
    async close() {
      leaving.abort(new PressroomError('overloaded', 'the host is shutting down'))
      await turn
    },
  }
}

/** Says in the host's words that the disk takes nothing. */
function unwritable(error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  return syscall === undefined ? error : new PressroomError('storage_failed', `the upload cannot be kept (${code}): ${message}`, { cause: error })
}

/** Field by field, what was given beside the code outweighs what the module exports. */
function merged(exported: unknown, given: Readonly<Record<string, unknown>> | undefined): unknown {
  if (given === undefined || exported === undefined) return given ?? exported
  // What is no object is complained about as it stands.
  return typeof exported === 'object' && exported !== null && !Array.isArray(exported) ? { ...exported, ...given } : exported
}

/** Streams the body into a process that checks and writes it; neither is held here. */
async function writeAside(body: ReadableStream<Uint8Array> | null, folder: string, aside: string, signal: AbortSignal): Promise<Written> {
  const script = ownModule(import.meta.dirname, 'upload-write')
  const child = spawn(process.execPath, [`--max-old-space-size=${WRITE_HEAP_MIB}`, script, folder, aside], { stdio: ['pipe', 'pipe', 'pipe'], env: {} })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err = lastBytes(said.err + text)))
  // It reads no more when it has ended; why it has is told by its end.
  child.stdin.on('error', () => {})
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject))
  ended.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  let late: unknown
  const reader = body?.getReader()
  const end = (why: unknown) => {
    late ??= why
    child.kill('SIGKILL')
    void reader?.cancel(why).catch(() => {})
  }
  const limit = (ms: number, why: PressroomError) => {
    clearTimeout(timer)
    timer = setTimeout(() => end(why), ms)
  }
  const leave = () => end(signal.reason)
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  try {
    for (let size = 0; reader !== undefined;) {
      limit(PAUSE_MS, new PressroomError('request_timeout', `no byte of the upload for ${PAUSE_MS / 1000} s`))
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new PressroomError('bad_request', 'the upload broke off', { cause })
      })
      if (done || child.exitCode !== null || child.signalCode !== null) break
      size += value.byteLength
      if (size > LARGEST_UPLOAD_BYTES) throw new PressroomError('body_too_large', tooLarge(LARGEST_UPLOAD_BYTES))
      if (!child.stdin.write(value)) await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), ended])
    }
    limit(WRITE_MS, new PressroomError('overloaded', `the upload was not written within ${WRITE_MS / 1000} s; the machine is overloaded`))
    child.stdin.end()
    const status = await ended
    if (late === undefined && status === 0) return JSON.parse(said.out) as Written
    throw late ?? new Error(`upload: the program that writes it ended with ${status ?? child.signalCode}: ${said.err.trim()}`)
  } catch (error) {
    end(error)
    await ended.catch(() => {})
    await rm(aside, { recursive: true, force: true })
    throw late
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  // Some systems cannot sync a folder.
  await handle.sync().catch(() => {})
  await handle.close()
}

function lastBytes(text: string): string {
  const bytes = Buffer.from(text)
  return bytes.byteLength <= LOG_BYTES ? text : bytes.subarray(-LOG_BYTES).toString('utf8').replace(/^\uFFFD+/, '')
}
