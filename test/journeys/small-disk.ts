import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own that can be filled and made read-only. */
export interface SmallDisk {
  path: string
  /** Leaves not one block free. */
  fill(): void
  /** Takes the filling away. */
  clear(): void
  readOnly(on: boolean): void
  [Symbol.dispose](): void
}

/** Why there can be none here; false when there can. Mounting needs root, or an own namespace in which no other process would see it. */
export const noSmallDisk: string | false = (() => {
  try {
    smallDisk()[Symbol.dispose]()
    return false
  } catch {
    return 'needs the right to mount a file system (root)'
  }
})()

/** Mounts a file system of 8 MiB in memory. */
export function smallDisk(): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'pressroom-disk-'))
  const mount = (...args: string[]) => execFileSync(args[0]!, args.slice(1), { stdio: 'pipe' })
  const filling = join(path, 'filling')
  try {
    mount('mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path)
  } catch (error) {
    rmSync(path, { recursive: true })
    throw error
  }
  return {
    path,
    fill() {
      for (let part = 0; statfsSync(path).bavail > 0; part++) {
        const { bavail, bsize } = statfsSync(path)
        try {
          writeFileSync(`${filling}-${part}`, Buffer.alloc(bavail * bsize))
        } catch {
          // Somebody else took of it meanwhile: what is left is seen in the next round.
        }
      }
    },
    clear() {
      for (let part = 0; part < 100; part++) rmSync(`${filling}-${part}`, { force: true })
    },
    readOnly: (on) => void mount('mount', '-o', `remount,${on ? 'ro' : 'rw'}`, path),
    [Symbol.dispose]() {
      mount('umount', '--lazy', path)
      rmSync(path, { recursive: true, force: true })
    },
  }
}
