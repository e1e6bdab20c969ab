import { readAsset } from './asset.ts'
import type { NewsDatabase } from './database.ts'
import { download } from './download.ts'
import type { NewsEnv } from './env.ts'
import { nameOf } from './identity.ts'
import { parseOpml } from './opml.ts'
import { readSetting, writeSetting } from './settings.ts'
import { replaceSources } from './sources.ts'

const applied = 'sources_applied'

async function documentOf(env: NewsEnv, address: string): Promise<string> {
  if (address.startsWith('asset:')) return readAsset(env, address)
  if (!/^https?:/i.test(address)) {
    throw new Error(`sources: SOURCES: expected asset:/… or an http address, found ${JSON.stringify(address)}`)
  }
  const { text } = await download({ address, timeoutMs: 20_000, maxBytes: 2 ** 21 })
  return text ?? ''
}

/**
 * Makes the OPML file that `SOURCES` names the list of sources, where it or its content changed since it was last applied: a list that
 * a reader put in the meantime stands until then. Answers whether it was applied; without `SOURCES` nothing happens.
 * @throws Error where it cannot be read; the list stays as it was.
 */
export async function applyConfiguredSources(env: NewsEnv, db: NewsDatabase): Promise<boolean> {
  if (env.SOURCES === undefined || env.SOURCES === '') return false
  const document = await documentOf(env, env.SOURCES)
  const mark = await nameOf(`${env.SOURCES}\n${document}`)
  if ((await readSetting(db, applied)) === mark) return false
  await replaceSources(env.DB, db, parseOpml(document), [writeSetting(db, applied, mark)])
  return true
}
