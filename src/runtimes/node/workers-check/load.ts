import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { DeployedFunction } from '../../../host/deployed.ts'
import { stopBundler } from '../code/bundle.ts'
import { discoverFunctions } from '../code/discover.ts'
import { loadFunctions } from '../code/load.ts'
import { readableFolders } from '../code/readable.ts'
import { openRevisions } from '../code/revisions.ts'
import { createNodeInstances } from '../instance.ts'

/**
 * Loads every function of a folder once, without bindings or network, to learn its config; nothing is kept and nothing is served.
 * @param crons of `wrangler.toml`: the schedules of a function that declares none
 * @returns the functions, and a line for each that cannot be one
 */
export async function loadOnce(folder: string, crons: readonly string[]): Promise<{ functions: DeployedFunction[]; problems: string[] }> {
  const sources = discoverFunctions(folder)
  const data = await mkdtemp(join(tmpdir(), 'pressroom-check-'))
  // What may be read has to be there.
  await mkdir(join(data, 'revisions'))
  const instances = createNodeInstances({
    warmCells: 0, readable: readableFolders(data, resolve(folder), { bindings: {} }), compileCache: join(data, 'cache'), allowOutbound: [], denyOutbound: [], log() {}, spans() {},
    calls: () => Promise.reject(new Error('no binding answers while functions are checked')),
  })
  try {
    const { loaded, problems } = await loadFunctions(sources, { revisions: openRevisions(join(data, 'revisions')), instances, crons, bindings: () => ({}) })
    return { functions: loaded.map(({ deployed }) => deployed), problems: problems.map(({ name, file, message }) => `${name} (${file}): ${message}`) }
  } finally {
    await instances.close()
    await stopBundler()
    await rm(data, { recursive: true, force: true })
  }
}
