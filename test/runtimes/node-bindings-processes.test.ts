import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createEnv } from '../../src/runtimes/node/bindings/env.ts'
import { migrateD1 } from '../../src/runtimes/node/wrangler-config.ts'
import type { BindingSpec } from '../../src/runtimes/node/bindings/spec.ts'
import type { D1Database, KVNamespace } from '@cloudflare/workers-types'

const project = resolve(import.meta.dirname, '../..')
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bindings-processes-')))
after(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'public'))
writeFileSync(join(folder, 'public/a.txt'), 'asset')

const specs: Record<string, BindingSpec> = {
  GREETING: { type: 'var', value: { words: ['hello'] } },
  KV: { type: 'kv', file: join(folder, 'data/kv/kv.sqlite') },
  DB: { type: 'd1', file: join(folder, 'data/d1/d1.sqlite'), name: 'db', migrationsDir: join(folder, 'none'), migrationsTable: 'd1_migrations' },
  ASSETS: { type: 'assets', directory: join(folder, 'public'), htmlHandling: 'auto-trailing-slash', notFoundHandling: 'none' },
}

/** Runs `body` with `env` as an instance would: in a process that may read code and assets, and write nothing. */
async function inInstance(body: string): Promise<unknown> {
  const code = `
    const { createEnv } = await import(${JSON.stringify(join(project, 'src/runtimes/node/bindings/env.ts'))})
    const env = createEnv(${JSON.stringify(specs)})
    const answer = await (async () => { ${body} })()
    console.log(JSON.stringify(answer))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning', '--permission', '--allow-net', `--allow-fs-read=${join(project, 'src')}`, `--allow-fs-read=${join(project, 'package.json')}`,
    `--allow-fs-read=${join(project, 'node_modules')}`, `--allow-fs-read=${join(folder, 'public')}`, '--input-type=module', '--eval', code,
  ], { cwd: project })
  return JSON.parse(stdout)
}

const noHost = () => Promise.reject(new Error('there is no host'))
const env = createEnv(specs, noHost) as { KV: KVNamespace; DB: D1Database }

describe('bindings in an instance', () => {
  it('work where the file system is closed', async () => {
    await migrateD1({ bindings: specs })
    const answer = await inInstance(`
      const { readFileSync } = await import('node:fs')
      let refused
      try { readFileSync(${JSON.stringify(join(folder, 'data/kv/kv.sqlite'))}) } catch (error) { refused = error.code }
      await env.KV.put('from', 'instance', { metadata: 1 })
      await env.DB.exec('create table if not exists made (x)')
      return { refused, kv: await env.KV.get('from'), d1: await env.DB.prepare('select 1 as x').first('x'),
        asset: await (await env.ASSETS.fetch('http://host/a.txt')).text(), greeting: env.GREETING }`)
    assert.deepEqual(answer, { refused: 'ERR_ACCESS_DENIED', kv: 'instance', d1: 1, asset: 'asset', greeting: { words: ['hello'] } })
    assert.equal(await env.KV.get('from'), 'instance')
  })

  it('load nothing before their first use', async () => {
    const loaded = 'process.moduleLoadList.some((name) => /sqlite/.test(name))'
    assert.deepEqual(await inInstance(`const before = ${loaded}; await env.KV.get('a'); return [before, ${loaded}]`), [false, true])
    assert.deepEqual(await inInstance(`const before = ${loaded}; await env.DB.prepare('select 1').all(); return [before, ${loaded}]`), [false, true])
  })

  it('of several processes lose no write', async () => {
    await env.DB.exec('create table counter (n int)\ninsert into counter values (0)')
    const writers = Array.from({ length: 4 }, (_, w) => inInstance(`
      for (let i = 0; i < 100; i++) {
        await env.DB.batch([env.DB.prepare('select n from counter'), env.DB.prepare('update counter set n = n + 1')])
        await env.KV.put('w${w}:' + i, String(i))
      }`.concat('return true')))
    assert.deepEqual(await Promise.all(writers), [true, true, true, true])
    assert.equal(await env.DB.prepare('select n from counter').first('n'), 400)
    const listed = await env.KV.list({ prefix: 'w' })
    assert.equal(listed.keys.length, 400)
  })

  it('cannot open other databases', async () => {
    const other = join(folder, 'data/kv/kv.sqlite')
    for (const sql of [`attach '${other}' as other`, `vacuum into '${join(folder, 'copy')}'`]) {
      await assert.rejects(env.DB.prepare(sql).run(), /D1_ERROR/)
      await assert.rejects(env.DB.exec(sql), /D1_EXEC_ERROR/)
    }
    await assert.rejects(migrateWith(`ATTACH '${other}' AS other;`), /not authorized/)
  })
})

async function migrateWith(sql: string): Promise<unknown> {
  const migrationsDir = join(folder, 'migrations')
  mkdirSync(migrationsDir, { recursive: true })
  writeFileSync(join(migrationsDir, '1.sql'), sql)
  return migrateD1({ bindings: { DB: { type: 'd1', file: join(folder, 'data/d1/other.sqlite'), name: 'other', migrationsDir, migrationsTable: 'm' } } })
}

describe('the event loop', () => {
  for (const [kind, query] of [['D1', () => env.DB.prepare('select 1').first()], ['KV', () => env.KV.get('nothing')]] as const) {
    it(`gets its turn between ${kind} queries awaited one after the other`, async () => {
      let turned = false
      setTimeout(() => (turned = true), 1)
      let queries = 0
      while (!turned && queries < 200_000) {
        await query()
        queries++
      }
      assert.ok(turned, `no turn in ${queries} queries`)
    })
  }
})

describe('KV expiry', () => {
  it('is exact: an entry is there until its second and gone from it on', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 })
    await env.KV.put('short', 'x', { expirationTtl: 60 })
    t.mock.timers.setTime(1_800_000_059_999)
    assert.equal(await env.KV.get('short'), 'x')
    assert.deepEqual((await env.KV.list({ prefix: 'short' })).keys, [{ name: 'short', expiration: 1_800_000_060 }])
    t.mock.timers.setTime(1_800_000_060_000)
    assert.equal(await env.KV.get('short'), null)
    assert.equal((await env.KV.get(['short'])).get('short'), null)
    assert.deepEqual((await env.KV.list({ prefix: 'short' })).keys, [])
  })
})

describe('a database that is broken', () => {
  it('is named, and no empty one takes its place', async () => {
    const file = join(folder, 'broken.sqlite')
    writeFileSync(file, 'this is no database, this is no database, this is no database')
    const broken = createEnv({ KV: { type: 'kv', file }, DB: { ...specs['DB'], file } as BindingSpec }, noHost) as { KV: KVNamespace; DB: D1Database }
    await assert.rejects(broken.KV.get('a'), /broken\.sqlite cannot be opened as a database: file is not a database/)
    await assert.rejects(broken.KV.put('a', 'b'), /broken\.sqlite cannot be opened/)
    await assert.rejects(broken.DB.prepare('select 1').all(), /D1_ERROR: .*broken\.sqlite cannot be opened/)
    await assert.rejects(migrateD1({ bindings: { KV: { type: 'kv', file } } }), { code: 'bad_config', message: /broken\.sqlite cannot be opened/ })
  })
})
