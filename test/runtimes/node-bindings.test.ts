import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { D1Database, Fetcher, KVNamespace } from '@cloudflare/workers-types'
import { createEnv } from '../../src/runtimes/node/bindings/env.ts'
import type { HtmlHandling, NotFoundHandling } from '../../src/runtimes/node/bindings/spec.ts'
import { assetFiles, assetRules } from '../suites/assets.suite.ts'
import { d1Rules } from '../suites/d1.suite.ts'
import { kvRules } from '../suites/kv.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'bindings-'))
after(() => rmSync(folder, { recursive: true }))
const large = Buffer.alloc(3_000_000, 'large')
write('public', { ...assetFiles, 'large.bin': large })
writeFileSync(join(folder, 'secret.txt'), 'secret')
symlinkSync(join(folder, 'secret.txt'), join(folder, 'public/link.txt'))

function write(below: string, files: Record<string, string | Uint8Array>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, below, path)), { recursive: true })
    writeFileSync(join(folder, below, path), content)
  }
}

const noHost = () => Promise.reject(new Error('there is no host'))
const env = createEnv({
  KV: { type: 'kv', file: join(folder, 'kv.sqlite') },
  DB: { type: 'd1', file: join(folder, 'd1.sqlite'), name: 'db', migrationsDir: join(folder, 'none'), migrationsTable: 'd1_migrations' },
  ASSETS: { type: 'assets', directory: join(folder, 'public'), htmlHandling: 'auto-trailing-slash', notFoundHandling: 'none' },
}, noHost) as { KV: KVNamespace; DB: D1Database; ASSETS: Fetcher }

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

  it('a large file comes in pieces, whole', async () => {
    const answer = await env.ASSETS.fetch('http://host/large.bin')
    assert.equal(answer.headers.get('content-length'), String(large.byteLength))
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), large)
  })

  const pages: Record<string, string> = {
    'index.html': 'home', 'both.html': 'page', 'both/index.html': 'folder', 'bin': 'no suffix', 'bin.html': 'html', '404.html': 'lost', 'docs/404.html': 'lost in docs',
  }
  write('pages', pages)
  const answers = async (htmlHandling: HtmlHandling, notFoundHandling: NotFoundHandling, paths: string[]) => {
    const assets = createEnv({ ASSETS: { type: 'assets', directory: join(folder, 'pages'), htmlHandling, notFoundHandling } }, noHost)['ASSETS'] as Fetcher
    return Promise.all(paths.map(async (path) => {
      const answer = await assets.fetch(`http://host${path}`)
      return `${path} ${answer.status} ${answer.headers.get('location') ?? await answer.text()}`
    }))
  }

  it('a page and a folder of one name are both reached', async () => {
    const paths = ['/both', '/both/', '/both.html', '/both/index.html', '/bin', '/bin/', '/bin.html']
    assert.deepEqual(await answers('auto-trailing-slash', 'none', paths),
      ['/both 200 page', '/both/ 200 folder', '/both.html 307 /both', '/both/index.html 307 /both/', '/bin 200 no suffix', '/bin/ 404 ', '/bin.html 200 html'])
    assert.deepEqual(await answers('force-trailing-slash', 'none', paths),
      ['/both 307 /both/', '/both/ 200 folder', '/both.html 200 page', '/both/index.html 307 /both/', '/bin 200 no suffix', '/bin/ 200 html', '/bin.html 307 /bin/'])
    assert.deepEqual(await answers('drop-trailing-slash', 'none', paths),
      ['/both 200 page', '/both/ 307 /both', '/both.html 307 /both', '/both/index.html 200 folder', '/bin 200 no suffix', '/bin/ 404 ', '/bin.html 200 html'])
    assert.deepEqual(await answers('none', 'none', ['/', '/both', '/both.html', '/both/index.html']),
      ['/ 404 ', '/both 404 ', '/both.html 200 page', '/both/index.html 200 folder'])
  })

  it('one file may answer what is not there', async () => {
    assert.deepEqual(await answers('auto-trailing-slash', '404-page', ['/nope', '/docs/nope', '/docs/a/b/nope', '/both/nope']),
      ['/nope 404 lost', '/docs/nope 404 lost in docs', '/docs/a/b/nope 404 lost in docs', '/both/nope 404 lost'])
    assert.deepEqual(await answers('auto-trailing-slash', 'single-page-application', ['/nope', '/docs/nope']), ['/nope 200 home', '/docs/nope 200 home'])
  })
})
