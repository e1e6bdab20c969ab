import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { assetFiles, assetRules } from '../suites/assets.suite.ts'
import { d1Rules } from '../suites/d1.suite.ts'
import { kvRules } from '../suites/kv.suite.ts'
import { r2Rules } from '../suites/r2.suite.ts'

// The rules that bindings on Node keep, held against the original: they run inside workerd.
const ENTRY = `
  import { assetRules } from './assets.suite.ts'
  import { d1Rules } from './d1.suite.ts'
  import { kvRules } from './kv.suite.ts'
  import { r2Rules } from './r2.suite.ts'
  export default {
    async fetch(request, env) {
      const { suite, rule } = await request.json()
      try {
        await { kv: kvRules, d1: d1Rules, r2: r2Rules, assets: assetRules }[suite][rule]({ kv: env.KV, d1: env.DB, r2: env.BUCKET, assets: env.ASSETS }[suite])
        return new Response('kept')
      } catch (error) {
        return new Response(error.stack ?? String(error), { status: 500 })
      }
    },
  }`

const folder = mkdtempSync(join(tmpdir(), 'bindings-workerd-'))
let workerd: Miniflare

before(async () => {
  const bundle = await build({
    stdin: { contents: ENTRY, resolveDir: resolve(import.meta.dirname, '../suites'), loader: 'js' },
    bundle: true, format: 'esm', write: false, external: ['node:*'], target: 'es2024',
  })
  for (const [path, text] of Object.entries(assetFiles)) {
    mkdirSync(dirname(join(folder, 'public', path)), { recursive: true })
    writeFileSync(join(folder, 'public', path), text)
  }
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  workerd = new Miniflare(convertV4MiniflareOptions({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-11-17',
    compatibilityFlags: ['nodejs_compat'],
    kvNamespaces: ['KV'],
    d1Databases: ['DB'],
    r2Buckets: ['BUCKET'],
    assets: { directory: join(folder, 'public'), binding: 'ASSETS', routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true } },
  }))
  await workerd.ready
})

after(async () => {
  await workerd.dispose()
  rmSync(folder, { recursive: true })
})

async function holds(suite: string, rule: string): Promise<void> {
  const answer = await workerd.dispatchFetch('http://host/', { method: 'POST', body: JSON.stringify({ suite, rule }) })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(text)
}

for (const [suite, rules] of Object.entries({ kv: kvRules, d1: d1Rules, r2: r2Rules, assets: assetRules })) {
  describe(`${suite} on workerd`, () => {
    for (const rule of Object.keys(rules)) it(rule, () => holds(suite, rule))
  })
}
