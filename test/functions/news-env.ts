import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { DueSource, NewsEnv } from '../../functions/_news/env.ts'
import ingest from '../../functions/ingest.ts'
import { AssetFetcher } from '../../src/runtimes/node/bindings/assets/fetcher.ts'
import { D1Database as SqliteDatabase } from '../../src/runtimes/node/bindings/d1/database.ts'
import { KvNamespace } from '../../src/runtimes/node/bindings/kv/namespace.ts'
import { openKvStore } from '../../src/runtimes/node/bindings/kv/store.ts'

const root = join(import.meta.dirname, '../..')

/** The news functions in this process, on the Node host's own bindings. */
export interface NewsAtHand {
  env: NewsEnv
  /** Where database and cache are kept. */
  folder: string
  /** One tick of `ingest` and all the batches that it leads to, each 27 hours after the one before; answers what was written to the log. */
  tick(): Promise<string[]>
  /** Asks one of the functions. */
  ask<Body>(app: { fetch: Fetch }, path: string, init?: RequestInit): Promise<{ status: number; body: Body }>
}

type Fetch = (request: Request, env: NewsEnv, context: ExecutionContext) => Response | Promise<Response>

/** Makes an empty, migrated database, a cache and the project's assets, with these variables; all gone after the test. */
export function openNews(t: TestContext, vars: Partial<NewsEnv> = {}): NewsAtHand {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-news-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [db, kv] = [join(folder, 'news.sqlite'), join(folder, 'cache.sqlite')]
  const spec = { type: 'd1', file: db, name: 'news', migrationsDir: join(root, 'functions/_news/migrations'), migrationsTable: 'd1_migrations' }
  execFileSync(process.execPath, [join(root, 'src/runtimes/node/bindings/migrate.ts')], { input: JSON.stringify({ DB: spec, CACHE: { type: 'kv', file: kv } }) })
  const assets = { type: 'assets', directory: join(root, 'functions/_assets'), htmlHandling: 'none', notFoundHandling: 'none' } as const
  const bindings = { DB: new SqliteDatabase(db), CACHE: new KvNamespace(async () => openKvStore(kv)), ASSETS: new AssetFetcher(assets) }
  // Cloudflare's types say more than the functions use.
  const sent: DueSource[] = []
  const queue = { sendBatch: async (messages: Iterable<{ body: DueSource }>) => void sent.push(...Array.from(messages, ({ body }) => structuredClone(body))) }
  const env = { ...(bindings as unknown as Pick<NewsEnv, 'DB' | 'CACHE' | 'ASSETS'>), INGEST: queue as unknown as Queue<DueSource>, ...vars }
  let ticks = 0
  const pending: Promise<unknown>[] = []
  const context = { waitUntil: (work: Promise<unknown>) => void pending.push(work), passThroughOnException() {}, props: {} } as unknown as ExecutionContext
  return {
    env, folder,
    async tick() {
      const told: string[] = []
      for (const level of ['log', 'warn', 'error'] as const) t.mock.method(console, level, (...words: unknown[]) => void told.push(words.join(' ')))
      try {
        await ingest.scheduled({ scheduledTime: Date.now() + 27 * 3_600_000 * ticks++ } as ScheduledController, env)
        while (sent.length > 0) await ingest.queue({ messages: sent.splice(0, 5).map((body) => ({ body })) } as unknown as MessageBatch<DueSource>, env)
      } finally {
        t.mock.restoreAll()
      }
      return told
    },
    async ask<Body>(app: { fetch: Fetch }, path: string, init: RequestInit = {}) {
      const answer = await app.fetch(new Request(`http://news.test${path}`, init), env, context)
      await Promise.all(pending.splice(0))
      const text = await answer.text()
      return { status: answer.status, body: (/^[[{]/.test(text) ? JSON.parse(text) : text) as Body }
    },
  }
}
