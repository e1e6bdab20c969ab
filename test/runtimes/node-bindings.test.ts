import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { D1Database, Fetcher, KVNamespace } from '@cloudflare/workers-types'
import { createEnv } from '../../src/runtimes/node/bindings/env.ts'
import { assetFiles, assetRules } from '../suites/assets.suite.ts'
import { d1Rules } from '../suites/d1.suite.ts'
import { kvRules } from '../suites/kv.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'bindings-'))
after(() => rmSync(folder, { recursive: true }))
for (const [path, text] of Object.entries(assetFiles)) {
  mkdirSync(dirname(join(folder, 'public', path)), { recursive: true })
  writeFileSync(join(folder, 'public', path), text)
}
writeFileSync(join(folder, 'secret.txt'), 'secret')
symlinkSync(join(folder, 'secret.txt'), join(folder, 'public/link.txt'))

const env = createEnv({
  KV: { type: 'kv', file: join(folder, 'kv.sqlite') },
  DB: { type: 'd1', file: join(folder, 'd1.sqlite'), name: 'db', migrationsDir: join(folder, 'none'), migrationsTable: 'd1_migrations' },
  ASSETS: { type: 'assets', directory: join(folder, 'public'), htmlHandling: 'auto-trailing-slash', notFoundHandling: 'none' },
}) as { KV: KVNamespace; DB: D1Database; ASSETS: Fetcher }

describe('KV on Node', () => {
  for (const [rule, holds] of Object.entries(kvRules)) it(rule, () => holds(env.KV))
})

describe('D1 on Node', () => {
  for (const [rule, holds] of Object.entries(d1Rules)) it(rule, () => holds(env.DB))
})

describe('assets on Node', () => {
  for (const [rule, holds] of Object.entries(assetRules)) it(rule, () => holds(env.ASSETS))

  it('a link that leads out of the folder is 404', async () => {
    const answer = await env.ASSETS.fetch('http://host/link.txt')
    assert.equal(answer.status, 404)
  })
})
