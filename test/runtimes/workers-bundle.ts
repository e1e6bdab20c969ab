import { basename, resolve } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

const root = resolve(import.meta.dirname, '../..')

/** Functions of `fixtures/functions` in workerd, with the Worker that is told of their calls. */
export interface WorkersHost {
  url: string
  miniflare: Miniflare
  /** Rows of a table of the ledger; none while it is not there. */
  rows(table: 'usage' | 'bill'): Promise<Record<string, unknown>[]>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts workerd with these functions as one Worker.
 * @param names of files in `fixtures/functions`
 * @param env further variables; `queues` are consumed by the functions that name them
 */
export async function startWorkersHost(names: readonly string[], env: Record<string, string> = {}, queues: readonly string[] = []): Promise<WorkersHost> {
  const imports = names.map((name, i) => `import * as f${i} from '../../fixtures/functions/${name}.ts'`)
  const entries = names.map((name, i) => `{ name: ${JSON.stringify(basename(name))}, config: f${i}.config, handlers: f${i}.default }`)
  const main = await bundle(`
    import { env } from 'cloudflare:workers'
    import { createWorker } from '../../src/runtimes/workers/worker.ts'
    ${imports.join('\n')}
    export default createWorker([${entries.join(', ')}], env)`)
  const tail = await bundle(`export { default } from '../../src/runtimes/workers/bill/tail.ts'`)
  const shared = { modules: true, compatibilityDate: '2026-11-17', compatibilityFlags: ['nodejs_compat'], d1Databases: { PRESSROOM_LEDGER: 'ledger' } }
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    workers: [
      { ...shared, name: 'main', script: main, bindings: env, tails: ['tail'], unsafeDirectSockets: [{ port: 0 }], queueConsumers: Object.fromEntries(queues.map((queue) => [queue, { maxBatchTimeout: 0 }])) },
      { ...shared, name: 'tail', script: tail },
    ],
  }))
  try {
    await miniflare.ready
  } catch (error) {
    await miniflare.dispose()
    throw error
  }
  // Past Miniflare's own front, which keeps from the Worker that a client has left.
  const url = (await miniflare.unsafeGetDirectURL('main')).origin
  return {
    url,
    miniflare,
    async rows(table) {
      const database = await miniflare.getD1Database('PRESSROOM_LEDGER', 'main')
      const { results } = await database.prepare('SELECT name FROM sqlite_schema WHERE name = ?').bind(table).all()
      return results.length === 0 ? [] : (await database.prepare(`SELECT * FROM ${table} ORDER BY function, outcome`).all()).results
    },
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  }
}

async function bundle(contents: string): Promise<string> {
  const built = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    absWorkingDir: root, bundle: true, format: 'esm', write: false, external: ['node:*', 'cloudflare:*'], target: 'es2024', conditions: ['workerd', 'worker', 'browser'], logLevel: 'silent',
  })
  return built.outputFiles[0]?.text ?? ''
}
