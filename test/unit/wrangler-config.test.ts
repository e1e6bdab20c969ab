import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { createEnv } from '../../src/runtimes/node/bindings/env.ts'
import { migrateD1, pickBindings, readWranglerConfig } from '../../src/runtimes/node/wrangler-config.ts'
import type { D1Database } from '@cloudflare/workers-types'

const root = mkdtempSync(join(tmpdir(), 'wrangler-config-'))
after(() => rmSync(root, { recursive: true }))
let folder: string
let count = 0

beforeEach(() => {
  folder = join(root, String(count++))
  mkdirSync(folder)
})

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function read(environment: Record<string, string> = {}) {
  return readWranglerConfig({ path: join(folder, 'wrangler.toml'), environment, dataDir: join(folder, 'data') })
}

const DATABASE = `
  [[d1_databases]]
  binding = "DB"
  database_name = "news"
  database_id = "11111111-2222"
`

describe('the file', () => {
  it('may be absent: then there are no bindings', () => {
    assert.deepEqual(read(), { path: undefined, name: undefined, crons: [], queues: { consumers: {} }, bindings: {}, unsupported: [] })
  })

  it('must exist when it was asked for', () => {
    const path = join(folder, 'other.toml')
    assert.throws(() => readWranglerConfig({ path, environment: {}, dataDir: folder, required: true }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'bad_config')
      assert.match(error.message, /other\.toml: no such file/)
      return true
    })
  })

  it('that is no TOML is refused with the place', () => {
    write('wrangler.toml', 'name = "x"\n[vars\n')
    assert.throws(() => read(), { code: 'bad_config', message: /wrangler\.toml: .*2/s })
  })

  it('names what this runtime has no answer to, and nothing else', () => {
    write('wrangler.toml', 'name = "x"\ncompatibility_date = "2026-01-01"\n[[hyperdrive]]\nbinding = "B"\n[durable_objects]\nbindings = []\n[observability]\nenabled = true')
    assert.deepEqual(read().unsupported, ['hyperdrive', 'durable_objects'])
  })

  it('gives name and crons', () => {
    write('wrangler.toml', 'name = "x"\n[triggers]\ncrons = ["*/5 * * * *"]')
    const { name, crons, path } = read()
    assert.deepEqual({ name, crons, path }, { name: 'x', crons: ['*/5 * * * *'], path: join(folder, 'wrangler.toml') })
  })
})

describe('variables', () => {
  const TOML = '[vars]\nA = "file"\nB = "file"\nC = "file"\nLIMIT = 5\nLIST = { a = [1, 2] }'

  it('come from the file, outweighed by .dev.vars, outweighed by the environment', () => {
    write('wrangler.toml', TOML)
    write('.dev.vars', 'B="local"\nC=local\n# comment\nSECRET="line 1\nline 2"')
    const { bindings } = read({ C: 'environment', SECRET: 'told', HOME: '/root' })
    assert.deepEqual(bindings, {
      A: { type: 'var', value: 'file' }, B: { type: 'var', value: 'local' }, C: { type: 'var', value: 'environment' },
      LIMIT: { type: 'var', value: 5 }, LIST: { type: 'var', value: { a: [1, 2] } }, SECRET: { type: 'var', value: 'told' },
    })
  })

  it('keep their kind when the environment outweighs them', () => {
    write('wrangler.toml', TOML)
    assert.deepEqual(read({ LIMIT: '7', LIST: '{"b":1}' }).bindings.LIMIT, { type: 'var', value: 7 })
    assert.throws(() => read({ LIMIT: 'many' }), { code: 'bad_config', message: 'environment variable LIMIT: expected JSON of the same kind as in [vars] (number), found "many"' })
    assert.throws(() => read({ LIST: '[]' }), /expected JSON of the same kind as in \[vars\] \(object\)/)
  })
})

describe('bindings', () => {
  it('get one file per id in the data folder', () => {
    write('wrangler.toml', `${DATABASE}\n[[kv_namespaces]]\nbinding = "KV"\nid = "abc"\n[[kv_namespaces]]\nbinding = "ODD"\nid = "../../etc/passwd"`)
    const { bindings } = read()
    assert.deepEqual(bindings.DB, {
      type: 'd1', file: join(folder, 'data/d1/11111111-2222.sqlite'), name: 'news', migrationsDir: join(folder, 'migrations'), migrationsTable: 'd1_migrations',
    })
    assert.deepEqual(bindings.KV, { type: 'kv', file: join(folder, 'data/kv/abc.sqlite') })
    assert.ok(bindings.ODD?.type === 'kv')
    assert.match(bindings.ODD.file.slice(folder.length), /^\/data\/kv\/[0-9a-f]{32}\.sqlite$/)
  })

  it('are refused with file, field, expected and found', () => {
    const cases: [string, RegExp][] = [
      ['[[kv_namespaces]]\nid = "x"', /wrangler\.toml: kv_namespaces\[0\]\.binding: expected a text, found nothing/],
      ['[kv_namespaces]\nbinding = "x"', /kv_namespaces: expected a list of tables, \[\[kv_namespaces\]\], found/],
      ['vars = 5', /vars: expected a table, \[vars\], found 5/],
      ['[[d1_databases]]\nbinding = 5', /d1_databases\[0\]\.binding: expected a text, found 5/],
      ['[triggers]\ncrons = "x"', /triggers\.crons: expected a list of strings, found x/],
      ['[assets]\nbinding = "A"\ndirectory = "absent"', /assets\.directory: expected a folder that exists, found/],
      ['[vars]\nKV = "x"\n[[kv_namespaces]]\nbinding = "KV"', /kv_namespaces\[0\]\.binding: expected a binding name used once, found "KV" again/],
    ]
    for (const [toml, message] of cases) {
      write('wrangler.toml', toml)
      assert.throws(() => read(), { code: 'bad_config', message })
    }
  })

  it('are all given unless a function names some', () => {
    write('wrangler.toml', `${DATABASE}\n[vars]\nA = "1"\nB = "2"`)
    const config = read()
    assert.deepEqual(Object.keys(pickBindings(config)), ['A', 'B', 'DB'])
    assert.deepEqual(pickBindings(config, ['B', 'TOKEN'], { TOKEN: 't', B: 'read before' }), { B: { type: 'var', value: '2' }, TOKEN: { type: 'var', value: 't' } })
    assert.deepEqual(pickBindings(config, []), {})
  })

  it('that nobody knows are refused with the function, the field and what there is', () => {
    write('wrangler.toml', '[vars]\nA = "1"')
    assert.throws(() => pickBindings(read(), ['a', 'constructor'], {}, 'functions/x.ts'),
      { code: 'bad_config', message: /^functions\/x\.ts: config\.env: expected a name of .*wrangler\.toml \(A\), of an environment variable or of a secret \(pressroom secret put\), found "a"$/ })
    assert.throws(() => pickBindings(read(), ['constructor']), /found "constructor"/)
  })
})

describe('migrations', () => {
  async function rows(sql: string): Promise<unknown[][]> {
    const { DB } = createEnv(read().bindings, () => Promise.reject(new Error('there is no host'))) as { DB: D1Database }
    return DB.prepare(sql).raw()
  }

  it('run in the order of their numbers, once, and are recorded', async () => {
    write('wrangler.toml', DATABASE)
    write('migrations/0001_first.sql', 'CREATE TABLE t (x);\n-- a comment\nINSERT INTO t VALUES (1);')
    write('migrations/10_third.sql', 'INSERT INTO t SELECT x + 1 FROM u')
    write('migrations/2_second.sql', 'CREATE TABLE u AS SELECT x + 1 AS x FROM t;')
    write('migrations/notes.txt', 'not SQL')
    assert.deepEqual(await migrateD1(read()), ['news: 0001_first.sql', 'news: 2_second.sql', 'news: 10_third.sql'])
    assert.deepEqual(await migrateD1(read()), [])
    assert.deepEqual(await rows('SELECT x FROM t ORDER BY x'), [[1], [3]])
    assert.deepEqual(await rows('SELECT id, name FROM d1_migrations ORDER BY id'), [[1, '0001_first.sql'], [2, '2_second.sql'], [3, '10_third.sql']])
  })

  it('that fail change nothing, name the file, and keep those before', async () => {
    write('wrangler.toml', DATABASE)
    write('migrations/1_good.sql', 'CREATE TABLE t (x);')
    write('migrations/2_bad.sql', 'INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (1);')
    write('migrations/3_never.sql', 'CREATE TABLE never (x);')
    await assert.rejects(migrateD1(read()), { code: 'bad_config', message: /migrations\/2_bad\.sql of database news failed and changed nothing: no such table: nowhere$/ })
    assert.deepEqual(await rows('SELECT * FROM t'), [])
    assert.deepEqual(await rows("SELECT name FROM sqlite_master WHERE name = 'never'"), [])
    write('migrations/2_bad.sql', 'INSERT INTO t VALUES (1);')
    assert.deepEqual(await migrateD1(read()), ['news: 2_bad.sql', 'news: 3_never.sql'])
  })

  it('may not end the transaction they run in', async () => {
    write('wrangler.toml', DATABASE)
    write('migrations/1_commit.sql', 'CREATE TABLE t (x); COMMIT; CREATE TABLE u (x);')
    await assert.rejects(migrateD1(read()), /1_commit\.sql .*BEGIN, COMMIT/)
    assert.deepEqual(await rows("SELECT name FROM sqlite_master WHERE name IN ('t', 'u')"), [])
  })

  it('take folder and table from the file', async () => {
    write('wrangler.toml', `${DATABASE}\nmigrations_dir = "sql/news"\nmigrations_table = "odd \\"name\\""`)
    write('sql/news/1.sql', 'CREATE TABLE t (x);')
    assert.deepEqual(await migrateD1(read()), ['news: 1.sql'])
    assert.deepEqual(await rows('SELECT name FROM "odd ""name"""'), [['1.sql']])
  })
})
