import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, describe, test } from 'node:test'
import type { DeployedFunction } from '../../src/host/deployed.ts'
import type { StoredRevision } from '../../src/ports/deployments.ts'
import { LARGEST_UPLOAD_BYTES } from '../../src/runtimes/node/code/upload-form.ts'
import { createUploader, type Uploader } from '../../src/runtimes/node/code/upload.ts'
import { loadUploaded, sweepUploads } from '../../src/runtimes/node/code/uploaded.ts'
import { createNodeInstances } from '../../src/runtimes/node/instance.ts'
import { bodyOf, uploadOf } from '../journeys/uploads.ts'

const MAIN = "import words from '../words.txt'\nexport const config = { memory: 96 }\nexport default { fetch: () => new Response(words) }"
const root = resolve(import.meta.dirname, '../..')
const data = mkdtempSync(join(tmpdir(), 'pressroom-upload-'))
const folder = join(data, 'uploads')
mkdirSync(folder)
let uploader: Uploader | undefined
const instances = createNodeInstances({
  warmCells: 1,
  readable: [join(root, 'src'), join(root, 'package.json'), join(root, 'node_modules'), folder],
  compileCache: join(data, 'compile-cache'),
  allowOutbound: [],
  denyOutbound: [],
  calls: () => Promise.reject(new Error('nothing to call')),
  spans() {},
  log: (code, { m }) => uploader?.heard(code, m),
})
const stored: StoredRevision[] = []
const surroundings = {
  crons: ['0 0 * * *'],
  bindings: (names: readonly string[] | undefined) => Object.fromEntries((names ?? ['CITY', 'ASSETS']).map((name) => [name, { type: 'var', value: name }])),
}
/** What the store does with a revision that was accepted. */
let keep: (one: StoredRevision, deployed: DeployedFunction) => Promise<void>
function open(): Uploader {
  keep = async (one) => {
    if (!stored.some(({ function: name, revision }) => name === one.function && revision === one.revision)) stored.push(one)
  }
  uploader = createUploader({
    folder, instances, ...surroundings, now: () => 1_700_000_000_000,
    shelf: {
      reserve(name) {
        if (name === 'taken') throw Object.assign(new Error('taken is in the folder of functions'), { code: 'conflict' })
      },
      has: (name, revision) => stored.some((one) => one.function === name && one.revision === revision),
      add: (one, deployed) => keep(one, deployed),
    },
  })
  return uploader
}
after(async () => {
  await instances.close()
  rmSync(data, { recursive: true, force: true })
})

const accept = (name: string, body: string | ReadableStream<Uint8Array>) => uploader!.accept(name, typeof body === 'string' ? new Response(body).body : body)
const files = (path = folder) => readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) => !file.endsWith('.aside')).sort()

void describe('taking uploads in', () => {
  open()

  test('what is accepted lies in its folder, is kept once, and is there the second time', async () => {
    const body = uploadOf(
      { 'src/main.js': MAIN, 'words.txt': 'hello' },
      { timeout: 5 }, { 'a/b.html': '<p>b' })
    const first = await accept('shop', body)
    assert.deepEqual(await accept('shop', body), { revision: first.revision, existed: true })
    assert.equal(first.existed, false)
    const { at, sha256, ...kept } = stored[0]!
    assert.equal(at, 1_700_000_000_000)
    assert.equal(sha256.slice(0, 12), first.revision)
    assert.deepEqual(kept, { function: 'shop', revision: first.revision, bytes: MAIN.length + 'hello'.length + '<p>b'.length, main: 'src/main.js', handlers: ['fetch'], config: { memory: 96, timeout: 5 } })
    assert.equal(stored.length, 1)
    assert.deepEqual(files(join(folder, 'shop')), ['', '/assets', '/assets/a', '/assets/a/b.html', '/function.mjs', '/function.mjs.map'].map((path) => first.revision + path))
    assert.deepEqual(files(join(folder, '.aside')), [])
  })

  test('a revision whose files are gone is taken in again', async () => {
    const { revision } = stored[0]!
    const module = join(folder, 'shop', revision, 'function.mjs')
    const before = readFileSync(module)
    rmSync(join(folder, 'shop', revision), { recursive: true })
    await assert.rejects(loadUploaded(folder, stored[0]!, surroundings), { code: 'init_failed', message: /its files are gone from .*; upload it again/ })
    const body = uploadOf(
      { 'src/main.js': MAIN, 'words.txt': 'hello' },
      { timeout: 5 }, { 'a/b.html': '<p>b' })
    assert.deepEqual(await accept('shop', body), { revision, existed: true })
    assert.deepEqual(readFileSync(module), before)
    assert.equal(stored.length, 1)
  })

  test('an accepted revision is ready to serve: its config, its own assets, no crons of others', async () => {
    const deployed = await loadUploaded(folder, stored[0]!, surroundings)
    const { config, code, handlers } = deployed
    assert.deepEqual([config.memory, config.timeout, config.routes, config.schedules], [96, 5, ['/shop', '/shop/*'], []])
    assert.deepEqual(handlers, ['fetch'])
    assert.deepEqual(code.bindings, { CITY: { type: 'var', value: 'CITY' }, ASSETS: { type: 'assets', directory: join(folder, 'shop', stored[0]!.revision, 'assets'), htmlHandling: 'auto-trailing-slash', notFoundHandling: 'none' } })
    const asking = await loadUploaded(folder, { ...stored[0]!, config: { env: ['CITY'] } }, surroundings)
    assert.deepEqual(Object.keys(asking.code.bindings), ['CITY'])
  })

  test('a name that no upload may have is refused before its body is read', async () => {
    await assert.rejects(accept('taken', bodyOf('export default { fetch() {} }')), { code: 'conflict' })
    for (const name of ['..', '.aside', '_news', 'a b', 'x'.repeat(65)]) await assert.rejects(accept(name, 'x'), { code: 'bad_request', message: /^name: / }, name)
    assert.deepEqual(files(folder).filter((file) => !file.includes('/')), ['shop'])
  })

  test('what the store does not keep leaves nothing behind', async () => {
    keep = () => Promise.reject(Object.assign(new Error('the disk is full'), { code: 'storage_failed' }))
    await assert.rejects(accept('shop', bodyOf("export default { fetch: () => new Response('lost') }")), { code: 'storage_failed' })
    open()
    assert.equal(readdirSync(join(folder, 'shop')).length, 1)
  })

  test('a body that breaks off, is no upload, or never ends growing leaves nothing behind, and the next is taken in', async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"main":')),
      pull: (controller) => controller.error(new Error('gone')),
    }, { highWaterMark: 0 })
    await assert.rejects(accept('broken', broken), { code: 'bad_request', message: 'the upload broke off' })
    await assert.rejects(accept('broken', '{"main":'), { code: 'bad_request', message: /no JSON/ })
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(32, 0, (sent += 1 << 20) && 1 << 20)) })
    await assert.rejects(accept('broken', endless), { code: 'body_too_large', message: /at most 50 MiB/ })
    // What had been asked for when it was one byte too many, and what a stream keeps ready.
    assert.ok(sent > LARGEST_UPLOAD_BYTES && sent <= LARGEST_UPLOAD_BYTES + (3 << 20), String(sent))
    assert.equal((await accept('mended', bodyOf('export default { fetch() {} }'))).existed, false)
    assert.deepEqual(files(join(folder, '.aside')), [])
  })

  test('uploads at once are taken in one after the other, each whole', async () => {
    const before = stored.length
    const bodies = [0, 1, 2, 0, 1, 2].map((n) => bodyOf(`export default { fetch: () => new Response('${n}') }`))
    const answers = await Promise.all(bodies.map((body) => accept('many', body)))
    assert.equal(new Set(answers.map(({ revision }) => revision)).size, 3)
    assert.deepEqual(answers.map(({ existed }) => existed), [false, false, false, true, true, true])
    assert.equal(stored.length, before + 3)
  })

  test('what no stored revision speaks of is swept at start, all else stays', async () => {
    const { revision } = stored[0]!
    for (const path of ['.aside/half', 'shop/0123456789ab/assets', 'gone/0123456789ab']) {
      mkdirSync(join(folder, path), { recursive: true })
      writeFileSync(join(folder, path, 'function.mjs'), '')
    }
    await sweepUploads(folder, stored)
    assert.deepEqual(readdirSync(join(folder, 'shop')), [revision])
    assert.ok(!existsSync(join(folder, 'gone')) && !existsSync(join(folder, '.aside')) && !existsSync(join(folder, 'broken')))
    await loadUploaded(folder, stored[0]!, surroundings)
  })

  test('a host that leaves ends the upload under way and refuses the next', async () => {
    const waiting = assert.rejects(accept('late', new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) })), { code: 'overloaded' })
    await new Promise((resolve) => setImmediate(resolve))
    await uploader!.close()
    await waiting
    await assert.rejects(accept('late', '{}'), { code: 'overloaded', message: /shutting down/ })
  })
})
