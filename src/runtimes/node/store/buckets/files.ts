import { createHash, randomBytes, type Hash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { PressroomError } from '../../../../contract/errors.ts'
import type { Checksums, Draft } from '../../../../ports/buckets.ts'

const ASIDE = '.aside'

/** A draft that is whole and lies where objects lie. */
export interface Written {
  file: string
  size: number
  checksums: Checksums & { md5: string }
}

/** The files behind buckets: their names say nothing of keys. */
export interface BucketFiles {
  draft(checksums: readonly (keyof Checksums)[]): Promise<FileDraft>
  open(file: string): Promise<FileHandle>
  /** Removes files that nothing speaks of any more; one that cannot be removed is swept at the next start. */
  free(files: readonly string[]): Promise<void>
  /** Removes all but these. */
  sweep(kept: ReadonlySet<string>): Promise<void>
}

/** Opens the folder; it is made when missing. */
export async function openBucketFiles(folder: string): Promise<BucketFiles> {
  const aside = join(folder, ASIDE)
  await mkdir(aside, { recursive: true })
  const pathOf = (file: string) => join(folder, file.slice(0, 2), file)
  return {
    async draft(checksums) {
      const file = randomBytes(16).toString('hex')
      const path = join(aside, file)
      return new FileDraft({ file, path, target: pathOf(file), handle: await open(path, 'wx').catch(refused) }, checksums)
    },
    open: (file) => open(pathOf(file), 'r'),
    free: async (files) => void (await Promise.allSettled(files.map((file) => rm(pathOf(file), { force: true })))),
    async sweep(kept) {
      await rm(aside, { recursive: true, force: true })
      await mkdir(aside, { recursive: true })
      for (const below of await readdir(folder)) {
        if (!/^[0-9a-f]{2}$/.test(below)) continue
        for (const file of await readdir(join(folder, below))) if (!kept.has(file)) await rm(join(folder, below, file), { force: true })
      }
    },
  }
}

/** Content that is written aside, counted and summed as it comes. */
export class FileDraft implements Draft {
  readonly #at: { file: string; path: string; target: string; handle: FileHandle }
  readonly #hashes: Map<keyof Checksums, Hash>
  #size = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(at: { file: string; path: string; target: string; handle: FileHandle }, checksums: readonly (keyof Checksums)[]) {
    this.#at = at
    this.#hashes = new Map([...new Set<keyof Checksums>(['md5', ...checksums])].map((name) => [name, createHash(name)]))
  }

  write(bytes: Uint8Array): Promise<void> {
    for (const hash of this.#hashes.values()) hash.update(bytes)
    const at = this.#size
    this.#size += bytes.length
    const done = this.#turn.then(async () => {
      for (let sent = 0; sent < bytes.length;) {
        const { bytesWritten } = await this.#at.handle.write(bytes, sent, bytes.length - sent, at + sent).catch(refused)
        sent += bytesWritten
      }
    })
    this.#turn = done.catch(() => {})
    return done
  }

  /** Syncs it and puts it where objects lie. */
  async finish(): Promise<Written> {
    const { file, path, target, handle } = this.#at
    try {
      await this.#turn
      await handle.sync()
      await handle.close()
      const below = join(target, '..')
      await mkdir(below, { recursive: true })
      await rename(path, target)
      const folder = await open(below, 'r')
      // Some systems cannot sync a folder.
      await folder.sync().catch(() => {})
      await folder.close()
    } catch (error) {
      await this.abort()
      refused(error)
    }
    const sums = Object.fromEntries([...this.#hashes].map(([name, hash]) => [name, hash.digest('hex')])) as Written['checksums']
    return { file, size: this.#size, checksums: sums }
  }

  async abort(): Promise<void> {
    await this.#turn
    await this.#at.handle.close().catch(() => {})
    await rm(this.#at.path, { force: true })
  }
}

/** Says in the host's words that the disk takes nothing. */
function refused(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException
  throw new PressroomError('storage_failed', `the object cannot be kept (${code ?? 'unknown'}): ${message}`, { cause: error })
}
