import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewsEnv } from '../../../functions/_news/env.ts'
import { AssetFetcher } from '../../../src/runtimes/node/bindings/assets/fetcher.ts'
import { D1Database as SqliteDatabase } from '../../../src/runtimes/node/bindings/d1/database.ts'
import { KvNamespace } from '../../../src/runtimes/node/bindings/kv/namespace.ts'
import { openKvStore } from '../../../src/runtimes/node/bindings/kv/store.ts'

const root = join(import.meta.dirname, '../../..')

/** An empty, migrated database of news, a cache and the project's assets, on the Node host's own bindings. */
export function openNewsEnv(): { env: NewsEnv; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-news-'))
  const [db, kv] = [join(folder, 'news.sqlite'), join(folder, 'cache.sqlite')]
  const spec = { type: 'd1', file: db, name: 'news', migrationsDir: join(root, 'functions/_news/migrations'), migrationsTable: 'd1_migrations' }
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'src/runtimes/node/bindings/migrate.ts')], { input: JSON.stringify({ DB: spec, CACHE: { type: 'kv', file: kv } }) })
  const assets = { type: 'assets', directory: join(root, 'functions/_assets'), htmlHandling: 'none', notFoundHandling: 'none' } as const
  const bindings = { DB: new SqliteDatabase(db), CACHE: new KvNamespace(async () => openKvStore(kv)), ASSETS: new AssetFetcher(assets) }
  // Cloudflare's types say more than the functions use.
  return { env: bindings as unknown as NewsEnv, close: () => rmSync(folder, { recursive: true, force: true }) }
}
