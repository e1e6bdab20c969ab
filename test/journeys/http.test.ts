import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as rawRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import { startHost, type HostProcess } from './host-process.ts'

let host: HostProcess
before(async () => {
  host = await startHost({ functions: 'fixtures/functions', flags: ['--max-body', '11MiB'] })
})
after(() => host.stop())

/** One request over a bare connection: what comes back, word for word. */
async function raw(text: string): Promise<string> {
  const { port, hostname } = new URL(host.url)
  const socket = connect(Number(port), hostname)
  socket.write(text)
  let answer = ''
  socket.on('data', (part) => (answer += part.toString('latin1')))
  socket.setTimeout(5000, () => socket.destroy())
  await once(socket, 'close')
  return answer
}
async function code(answer: Response): Promise<string> {
  return ((await answer.json()) as ErrorBody).error.code
}
function get(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => rawRequest(host.url + path, resolve).on('error', reject).end())
}

test('a body of 10 MiB comes through both ways byte for byte', async () => {
  const bytes = randomBytes(10 * 1024 * 1024)
  const answer = await fetch(`${host.url}/echo`, { method: 'POST', body: bytes })
  assert.equal(answer.status, 200)
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes))
})

test('binary bytes, an empty body and a chunked one come through', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  const echoed = await fetch(`${host.url}/echo`, { method: 'PUT', body: bytes })
  assert.ok(Buffer.from(await echoed.arrayBuffer()).equals(bytes))
  assert.equal((await (await fetch(`${host.url}/echo`, { method: 'POST' })).arrayBuffer()).byteLength, 0)
  const chunks = new ReadableStream({ start: (c) => (c.enqueue(Buffer.from('one ')), c.enqueue(Buffer.from('two')), c.close()) })
  const chunked = await fetch(`${host.url}/echo`, { method: 'POST', body: chunks, duplex: 'half' } as RequestInit)
  assert.equal(await chunked.text(), 'one two')
})

test('HEAD is served by GET without a body; several set-cookie headers stay apart', async () => {
  const head = await fetch(`${host.url}/hello`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
  const cookies = await fetch(`${host.url}/set-cookies`)
  assert.ok(cookies.headers.getSetCookie().length >= 2)
})

test('204 and 304 have no body and no content-length', async () => {
  for (const status of [204, 304]) {
    const answer = await get(`/null-body?status=${status}`)
    answer.resume()
    assert.equal(answer.statusCode, status)
    assert.equal(answer.headers['content-length'], undefined)
    assert.equal(answer.headers['transfer-encoding'], undefined)
  }
})

test('a declared body over the limit answers 413, a chunked one is cut in the middle', async () => {
  const big = randomBytes(12 * 1024 * 1024)
  const { port } = new URL(host.url)
  const declared = await raw(`POST /echo HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-length: ${big.length}\r\n\r\n`)
  assert.match(declared, /^HTTP\/1\.1 413/)
  assert.match(declared, /body_too_large/)
  const stream = new ReadableStream({ pull: (c) => c.enqueue(big.subarray(0, 1024 * 1024)) })
  await fetch(`${host.url}/never-settles`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit).then(
    async (answer) => assert.ok(answer.status === 413 || answer.status === 504, `${answer.status} ${await answer.text()}`),
    (error: Error) => assert.match(String(error.cause ?? error), /ECONNRESET|EPIPE|closed|terminated|failed/i),
  )
})

test('unknown paths answer 404, unknown methods 405 with Allow, in the catalogue’s shape', async () => {
  const none = await fetch(`${host.url}/there/is/nothing`)
  assert.deepEqual([none.status, await code(none)], [404, 'no_route'])
  const method = await fetch(`${host.url}/hono-app/items/7`, { method: 'DELETE' })
  assert.ok([404, 405].includes(method.status))
})

test('what a careful edge must not guess about is refused', async () => {
  assert.match(await raw('GET /hello HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n'), /^HTTP\/1\.1 400/)
  assert.match(await raw('GET http://evil.example/hello HTTP/1.1\r\nhost: a\r\n\r\n'), /^HTTP\/1\.1 400/)
  assert.match(await raw('POST /echo HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'), /^HTTP\/1\.[01] 400/)
  assert.match(await raw('GET //evil.example/hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 404/)
  assert.match(await raw(`GET /hello HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`), /^HTTP\/1\.1 431/)
  assert.match(await raw('TRACE /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 405/)
})

test('a chain of 16 hops answers 508', async () => {
  const answer = await fetch(`${host.url}/hello`, { headers: { 'pressroom-hops': '16' } })
  assert.deepEqual([answer.status, await code(answer)], [508, 'loop_detected'])
})

test('a client that leaves aborts request.signal, and the invocation is canceled', async () => {
  const abort = new AbortController()
  const answer = await fetch(`${host.url}/watch-signal`, { signal: abort.signal })
  const id = answer.headers.get('pressroom-invocation')!
  abort.abort()
  await assert.rejects(answer.text())
  await host.line((line) => line.startsWith('REPORT') && line.includes(id) && line.includes('Outcome: canceled'))
  const seen = (await (await fetch(`${host.url}/watch-signal/aborts`)).json()) as { aborts: number; reason: string }
  assert.deepEqual(seen, { aborts: 1, reason: 'AbortError' })
})

test('a body that fails in the middle breaks the connection, never ends as if it were whole', async () => {
  const answer = await fetch(`${host.url}/broken-stream`)
  assert.equal(answer.status, 200)
  await assert.rejects(answer.text())
})

test('an answer that cannot be sent is an exception, and nothing is split', async () => {
  for (const path of ['/invalid-header', '/invalid-header?status=1', '/used-response', '/throw-later', '/throws']) {
    const answer = await fetch(host.url + path)
    assert.deepEqual([path, answer.status, await code(answer)], [path, 500, 'exception'])
    assert.equal(answer.headers.get('set-cookie'), null)
  }
})

test('a whole answer carries its bill; a streamed one what is known when it begins', async () => {
  const whole = await fetch(`${host.url}/hello`)
  assert.match(whole.headers.get('server-timing') ?? '', /^queue;dur=[\d.]+, init;dur=[\d.]+, run;dur=[\d.]+, billed;dur=\d+$/)
  const streamed = await fetch(`${host.url}/stream-large?bytes=1000000`)
  assert.match(streamed.headers.get('server-timing') ?? '', /^queue;dur=[\d.]+, init;dur=[\d.]+$/)
  assert.equal((await streamed.arrayBuffer()).byteLength, 1_000_000)
})

test('the host’s memory stays flat while a large body goes to a slow reader', async () => {
  const megabytes = process.env['PRESSROOM_TEST_LONG'] ? 1024 : 192
  const own = () => {
    const [, resident, shared] = readFileSync(`/proc/${host.child.pid}/statm`, 'utf8').split(' ').map(Number)
    return ((resident! - shared!) * 4096) / 1024 / 1024
  }
  const before = own()
  const answer = await fetch(`${host.url}/stream-large?bytes=${megabytes * 1024 * 1024}`)
  let most = 0
  let size = 0
  const hash = createHash('sha256')
  for await (const part of answer.body!) {
    size += part.length
    if (size % (16 * 1024 * 1024) < part.length) {
      hash.update(part)
      await new Promise((resolve) => setTimeout(resolve, 50))
      most = Math.max(most, own())
    }
  }
  assert.equal(size, megabytes * 1024 * 1024)
  assert.ok(most - before < 64, `grew by ${(most - before).toFixed(0)} MiB`)
})
