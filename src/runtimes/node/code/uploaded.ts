import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PressroomError } from '../../../contract/errors.ts'
import type { DeployedFunction } from '../../../host/deployed.ts'
import type { Upload } from '../../../host/deploy/catalogue.ts'
import type { KeptFunction, StoredRevision } from '../../../ports/deployments.ts'
import type { AssetsSpec } from '../bindings/spec.ts'
import { checkConfig, type Surroundings } from './check-config.ts'

/** Folder of uploads under way, beside those of the functions; no function may be called so. */
export const ASIDE = '.aside'

/** Where one uploaded revision lies: its module, the module's map, and its static files. */
export interface Place {
  folder: string
  code: string
  assets: string
}

/** Says where a revision lies in the folder of uploads. */
export function placeOf(uploads: string, name: string, revision: string): Place {
  const folder = join(uploads, name, revision)
  return { folder, code: join(folder, 'function.mjs'), assets: join(folder, 'assets') }
}

/**
 * Makes an uploaded revision ready to serve from what was learned when it was accepted; nothing is run.
 * @throws PressroomError `init_failed` when its files are gone, `bad_config` when its config does not fit this host (any more)
 */
export async function loadUploaded(
  uploads: string, { function: name, revision, handlers, config: raw }: Pick<StoredRevision, 'function' | 'revision' | 'handlers' | 'config'>, surroundings: Surroundings,
): Promise<DeployedFunction> {
  const place = placeOf(uploads, name, revision)
  const file = `${name} (uploaded, revision ${revision})`
  if (!(await isThere(place.code))) throw new PressroomError('init_failed', `${file}: its files are gone from ${place.folder}; upload it again`)
  const own: AssetsSpec | undefined = (await isThere(place.assets))
    ? { type: 'assets', directory: place.assets, htmlHandling: 'auto-trailing-slash', notFoundHandling: 'none' }
    : undefined
  const { config, bindings } = checkConfig(name, file, { handlers: [...handlers], config: raw }, {
    // The crons of `wrangler.toml` are those of the functions beside it.
    crons: [],
    bindings: (names, of) => withAssets(own, names, (rest) => surroundings.bindings(rest, of)),
  })
  if (config.native) {
    throw new PressroomError('bad_config', `${file}: config.native: expected false, found true; native packages cannot be uploaded: put the function into the folder of functions`)
  }
  const { memory, outbound, timeout } = config
  return {
    name, file, revision, handlers, config,
    code: { name, revision, file: place.code, memory, native: false, outbound, timeoutMs: timeout * 1000, bindings },
  }
}

/** A function's own static files take the place of the host's, where it asks for them or for everything. */
function withAssets(own: AssetsSpec | undefined, names: readonly string[] | undefined, pick: (names: readonly string[] | undefined) => Record<string, unknown>) {
  if (own === undefined || (names !== undefined && !names.includes('ASSETS'))) return pick(names)
  return { ...pick(names?.filter((name) => name !== 'ASSETS')), ASSETS: own }
}

/**
 * Makes every kept revision ready to serve, after what no revision speaks of was removed. One that cannot be served any more keeps the
 * host from nothing: it is told, and answers for itself when it is called.
 */
export async function loadUploads(uploads: string, kept: readonly KeptFunction[], surroundings: Surroundings, tell: (problem: string) => void): Promise<Upload[]> {
  const stored = kept.flatMap(({ revisions }) => revisions)
  await sweepUploads(uploads, stored)
  return Promise.all(
    stored.map(async (one): Promise<Upload> => {
      try {
        return { stored: one, deployed: await loadUploaded(uploads, one, surroundings) }
      } catch (error) {
        const problem = (error as Error).message
        tell(problem)
        return { stored: one, deployed: { problem } }
      }
    }),
  )
}

/** Removes what no stored revision speaks of: uploads that were under way when a host ended, and revisions deleted since. */
export async function sweepUploads(uploads: string, stored: readonly Pick<StoredRevision, 'function' | 'revision'>[]): Promise<void> {
  const kept = new Set(stored.map(({ function: name, revision }) => join(uploads, name, revision)))
  await rm(join(uploads, ASIDE), { recursive: true, force: true })
  for (const name of await list(uploads)) {
    const revisions = await list(join(uploads, name))
    for (const revision of revisions) {
      const folder = join(uploads, name, revision)
      if (!kept.has(folder)) await rm(folder, { recursive: true, force: true })
    }
    if (!revisions.some((revision) => kept.has(join(uploads, name, revision)))) await rm(join(uploads, name), { recursive: true, force: true })
  }
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
