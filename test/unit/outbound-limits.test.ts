import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { installOutbound } from '../../src/runtimes/node/outbound/guard.ts'
import type { OutboundOptions } from '../../src/runtimes/node/outbound/guard.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
function install(options: Partial<OutboundOptions>): void {
  installOutbound({ mode: 'public', allow: ['127.0.0.1'], deny: [], context: () => undefined, ...options })
}
/** The code of the error under which a body's reader failed. */
async function codeOf(reading: Promise<unknown>): Promise<unknown> {
  const error = await reading.then(() => undefined, (reason: unknown) => reason)
  return error instanceof TypeError && error.cause instanceof Error && 'code' in error.cause ? error.cause.code : error
}

const MiB = 1024 * 1024
const plain = Buffer.from('pressroom '.repeat(50_000))
const CODINGS: Record<string, (body: Buffer) => Buffer> = {
  gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync,
  'GZIP': gzipSync, 'gzip, br': (body) => brotliCompressSync(gzipSync(body)), 'gzip,gzip,gzip': (body) => gzipSync(gzipSync(gzipSync(body))),
}

for (const [coding, encode] of Object.entries(CODINGS)) {
  test(`${coding}: the body arrives decompressed, without headers that are no longer true`, async () => {
    install({})
    const body = encode(plain)
    const url = await serve((_, response) => response.writeHead(404, { 'content-encoding': coding, 'content-length': body.length, 'x-kept': '1' }).end(body))
    const response = await fetch(url)
    assert.deepEqual(['content-encoding', 'content-length', 'x-kept'].map((name) => response.headers.get(name)), [null, null, '1'])
    assert.ok(plain.equals(await response.bytes()))
  })

  test(`${coding}: a bomb is cut at the limit of decompressed bytes`, async () => {
    install({ limits: { maxBytes: MiB } })
    const bomb = encode(Buffer.alloc(8 * MiB))
    assert.ok(bomb.length < MiB / 8)
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': coding }).end(bomb))
    const response = await fetch(url)
    assert.equal(await codeOf(response.bytes()), 'outbound_too_large')
  })
}

test('raw deflate, which servers send under the same name, is read', async () => {
  install({})
  const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateRawSync(plain)))
  assert.ok(plain.equals(await (await fetch(url)).bytes()))
})

test('a body of exactly the limit arrives, plain and compressed; one byte more does not', async () => {
  install({ limits: { maxBytes: plain.length } })
  let body = plain
  const url = await serve((request, response) => {
    if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body))
    else response.end(body)
  })
  for (const path of ['', 'gzip']) assert.equal((await (await fetch(url + path)).bytes()).length, plain.length)
  body = Buffer.concat([plain, Buffer.alloc(1)])
  for (const path of ['', 'gzip']) assert.equal(await codeOf(fetch(url + path).then((response) => response.bytes())), 'outbound_too_large', path)
})

test('an endless body is cut at the limit of bytes', async () => {
  install({ limits: { maxBytes: MiB } })
  const url = await serve((_, response) => {
    const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(65_536))); }
    response.on('drain', more)
    more()
  })
  assert.equal(await codeOf(fetch(url).then((response) => response.bytes())), 'outbound_too_large')
})

test('a slow reader holds back a compressed body, and gets all of it', async () => {
  install({})
  const large = Buffer.alloc(32 * MiB, 'a1b2')
  const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(large)))
  const response = await fetch(url)
  await new Promise<void>((turn) => setImmediate(turn))
  let bytes = 0
  let buffered = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    await new Promise<void>((turn) => setImmediate(turn))
    buffered = Math.max(buffered, process.memoryUsage().arrayBuffers)
  }
  assert.equal(bytes, large.length)
  assert.ok(buffered < large.length + 24 * MiB, `${buffered} bytes of buffers`)
})

test('empty bodies and bodies of redirects with a content-encoding do no harm', async () => {
  install({})
  const url = await serve((request, response) => {
    if (request.url === '/') response.writeHead(301, { 'content-encoding': 'gzip', location: '/empty' }).end('not gzip at all')
    else response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 0 }).end()
  })
  assert.equal(await (await fetch(url)).text(), '')
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200)
})

test('a redirect that is not followed is still counted when its body is read', async () => {
  install({ limits: { maxBytes: MiB } })
  const url = await serve((_, response) => response.writeHead(302, { location: '/', 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(8 * MiB))))
  assert.equal(await codeOf(fetch(url, { redirect: 'manual' }).then((response) => response.bytes())), 'outbound_too_large')
})

test('a body that is not what it says it is fails its reader', async () => {
  install({})
  const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip at all'))
  await assert.rejects(fetch(url).then((response) => response.text()), { name: 'TypeError' })
})

test('more than five codings are refused', async () => {
  install({})
  let body = plain
  for (let layer = 0; layer < 6; layer++) body = gzipSync(body)
  const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip, gzip, gzip, gzip, gzip, gzip' }).end(body))
  await assert.rejects(fetch(url).then((response) => response.text()), { name: 'TypeError' })
})

test('an answer that does not come, or a body that does not end, is cut at the total time', async () => {
  const alarms: { at: number; fn: () => void }[] = []
  let now = 0
  const clock: NonNullable<OutboundOptions['clock']> = {
    elapsed: () => now,
    after: (ms, fn) => {
      const alarm = { at: now + ms, fn }
      alarms.push(alarm)
      return () => { alarms.splice(alarms.indexOf(alarm), 1) }
    },
  }
  const moveTo = (time: number): void => {
    now = time
    for (const alarm of alarms.filter(({ at }) => at <= time)) alarm.fn()
  }
  install({ clock, limits: { totalMs: 5_000 } })

  const asked = Promise.withResolvers<void>()
  const silent = await serve(() => asked.resolve())
  const waiting = codeOf(fetch(silent))
  await asked.promise
  moveTo(4_999)
  moveTo(5_000)
  assert.equal(await waiting, 'outbound_timeout')

  const dripping = await serve((_, response) => response.write('a'))
  const body = (await fetch(dripping)).text()
  moveTo(10_000)
  assert.equal(await codeOf(body), 'outbound_timeout')

  const quick = await serve((request, response) => {
    if (request.url !== '/') return response.end('done')
    moveTo(14_000)
    return response.writeHead(302, { location: '/end' }).end()
  })
  assert.equal(await (await fetch(quick)).text(), 'done')
  assert.deepEqual(alarms, [], 'no alarm outlives its request')
})

test('redirects share the total time', async () => {
  let now = 0
  install({ clock: { elapsed: () => now, after: () => () => {} }, limits: { totalMs: 5_000 } })
  const url = await serve((_, response) => {
    now += 2_000
    response.writeHead(302, { location: '/again' }).end()
  })
  assert.equal(await codeOf(fetch(url)), 'outbound_timeout')
})
