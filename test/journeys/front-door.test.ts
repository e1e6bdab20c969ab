import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { openRaw, readRaw, sendRaw } from './raw-client.ts'

/* What a public port meets, and the test that holds each of it: test/FAULTS.md. */

const LONG = process.env['PRESSROOM_TEST_LONG'] !== undefined
const MIB = 1024 * 1024

const folder = makeFunctionFolder('functions/echo', 'functions/hello', 'functions/slow', 'functions/throws', 'functions/watch-signal')
let host: HostProcess
before(async () => {
  host = await startHost({ ...folder, flags: ['--max-body', '1MiB'] })
})
after(async () => {
  await host.stop()
  folder[Symbol.dispose]()
})

/** The latest answer's code in the catalogue. */
function codeIn(text: string): string {
  return (JSON.parse(text.slice(text.lastIndexOf('\r\n\r\n') + 4)) as ErrorBody).error.code
}
async function totals(name: string): Promise<{ invocations: number; inFlight: number }> {
  const { functions } = await host.admin<{ functions: { name: string; totals: { invocations: number }; instances: { in_flight: number }[] }[] }>('/functions')
  const found = functions.find((row) => row.name === name)!
  return { invocations: found.totals.invocations, inFlight: found.instances.reduce((sum, instance) => sum + instance.in_flight, 0) }
}

test('headers without end, long ones and a long URL get 431, and others are served meanwhile', async () => {
  const many = `GET /hello HTTP/1.1\r\nhost: h\r\n${'a: b\r\n'.repeat(LONG ? 1_000_000 : 50_000)}\r\n`
  for (const words of [many, `GET /hello HTTP/1.1\r\nhost: h\r\nx: ${'y'.repeat(33 * 1024)}\r\n\r\n`, `GET /${'u'.repeat(MIB)} HTTP/1.1\r\nhost: h\r\n\r\n`]) {
    const [answer, other] = await Promise.all([sendRaw(host.url, words), fetch(`${host.url}/hello`)])
    assert.deepEqual([answer.statuses, answer.closed, codeIn(answer.text)], [[431], true, 'headers_too_large'])
    assert.equal(other.status, 200)
    await other.body?.cancel()
  }
  const url = await sendRaw(host.url, `GET /hello?${'u'.repeat(17 * 1024)} HTTP/1.1\r\nhost: h\r\n\r\n`)
  assert.deepEqual([url.statuses, codeIn(url.text)], [[431], 'headers_too_large'])
})

test('a body over the limit gets 413, declared or not, and the whole answer arrives while the client still sends', async () => {
  const head = `POST /echo HTTP/1.1\r\nhost: h\r\n`
  const before = (await totals('echo')).invocations
  const declared = await sendRaw(host.url, `${head}content-length: ${MIB + 1}\r\n\r\n${'x'.repeat(MIB + 1)}`)
  assert.deepEqual([declared.statuses, declared.closed, codeIn(declared.text)], [[413], true, 'body_too_large'])
  assert.equal((await totals('echo')).invocations, before, 'refused unseen')
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const chunked = await sendRaw(host.url, `${head.replace('/echo', '/slow?ms=3000')}transfer-encoding: chunked\r\n\r\n${chunk.repeat(20)}0\r\n\r\n`)
  assert.deepEqual([chunked.statuses, chunked.closed, codeIn(chunked.text)], [[413], true, 'body_too_large'])
})

test('a body longer than declared is the next request, and refused as such; a shorter one is never served as if whole', async () => {
  const longer = await sendRaw(host.url, 'POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nok and more\r\n\r\n')
  assert.deepEqual([longer.statuses, longer.closed], [[200, 400], true], longer.text)
  const before = (await totals('echo')).invocations
  const socket = await openRaw(host.url)
  socket.end('POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nok')
  const shorter = await readRaw(socket)
  assert.ok(shorter.closed)
  assert.ok(!shorter.statuses.includes(200), shorter.text)
  assert.equal((await totals('echo')).invocations, before)
})

test('a client that leaves while it sends: the signal fires and the instance is free again', async () => {
  const { hostname, port } = new URL(host.url)
  const upload = request({ hostname, port, method: 'POST', path: '/watch-signal', headers: { 'content-length': 200_000 } })
  upload.on('error', () => {})
  upload.write('the first bytes')
  const [answer] = (await once(upload, 'response')) as [{ headers: Record<string, string> }]
  const id = answer.headers['pressroom-invocation']!
  upload.destroy()
  await host.line((line) => line.startsWith('REPORT') && line.includes(id) && line.includes('Outcome: canceled'))
  await until('the instance is free', async () => (await totals('watch-signal')).inFlight === 0)
  const seen = (await (await fetch(`${host.url}/watch-signal/aborts`)).json()) as { aborts: number }
  assert.equal(seen.aborts, 1)
})

test('strange paths reach the function that their URL names, or none', async () => {
  const paths: [path: string, status: number, url?: string][] = [
    ['//evil.example/hello', 404],
    ['/echo/..%2fhello', 200, '/echo/..%2fhello'],
    ['/..%2fhello', 404],
    ['/hello%00', 404],
    ['/%c0%ae%c0%ae/hello', 404],
    ['/%2e%2e/echo', 200, '/echo'],
    ['/hello/../echo', 200, '/echo'],
    ['/hello/%2e%2E/echo?a=/../b', 200, '/echo?a=/../b'],
    ['/hello\\..\\echo', 200, '/echo'],
    ['/./echo', 200, '/echo'],
    ["/echo?q='\"<>", 200, '/echo?q=%27%22%3C%3E'],
  ]
  for (const [path, status, url] of paths) {
    const { text, statuses } = await sendRaw(host.url, `GET ${path} HTTP/1.1\r\nhost: News.Example:80\r\nconnection: close\r\n\r\n`)
    assert.deepEqual([path, statuses], [path, [status]], text)
    if (url) assert.equal(/^x-echo-url: (.*)$/im.exec(text)?.[1]?.trim(), `http://news.example${url}`)
  }
})

test('100 Continue is said when the body is wanted, and never before a refusal', async () => {
  const { hostname, port } = new URL(host.url)
  const upload = request({ hostname, port, method: 'POST', path: '/echo', headers: { expect: '100-continue', 'content-length': 2 } })
  upload.flushHeaders()
  await once(upload, 'continue')
  upload.end('ok')
  const [answer] = (await once(upload, 'response')) as [AsyncIterable<Buffer>]
  let body = ''
  for await (const part of answer) body += part.toString()
  assert.equal(body, 'ok')
  for (const [path, length, status] of [['/echo', MIB + 1, 413], ['/nothing', 2, 404]] as const) {
    const { text, statuses, closed } = await sendRaw(host.url, `POST ${path} HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`)
    assert.deepEqual([statuses, closed], [[status], true], text)
  }
})

test('an expectation that nobody knows gets 417, TRACE and CONNECT 405, an upgrade is passed over', async () => {
  const unknown = await sendRaw(host.url, 'GET /hello HTTP/1.1\r\nhost: h\r\nexpect: cake\r\nconnection: close\r\n\r\n')
  assert.deepEqual([unknown.statuses, codeIn(unknown.text)], [[417], 'expectation_failed'])
  for (const line of ['TRACE /hello HTTP/1.1', 'CONNECT evil.example:443 HTTP/1.1']) {
    const { text, statuses, closed } = await sendRaw(host.url, `${line}\r\nhost: h\r\nconnection: close\r\n\r\n`)
    assert.deepEqual([line, statuses, closed, codeIn(text)], [line, [405], true, 'method_not_allowed'])
    assert.match(text, /\r\nallow: ?\r\n/i)
  }
  const upgrade = await sendRaw(host.url, 'GET /echo HTTP/1.1\r\nhost: h\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n')
  assert.deepEqual(upgrade.statuses, [200])
})

test('pipelined requests are answered in order, a broken one after those before it, and nothing behind it', async () => {
  const count = LONG ? 1000 : 100
  const good = Array.from({ length: count / 2 }, (_, i) => `GET ${i % 10 === 0 ? `/slow?ms=20&n=${i}` : `/echo?n=${i}`} HTTP/1.1\r\nhost: h\r\n\r\n`)
  const before = (await totals('hello')).invocations
  for (const broken of ['GET / HTTP/1.1\r\nhost h\r\n\r\n', 'GET /hello HTTP/1.1\r\nhost: h\r\nhost: i\r\n\r\n']) {
    const behind = 'GET /hello HTTP/1.1\r\nhost: h\r\n\r\n'
    const { text, statuses, closed } = await sendRaw(host.url, good.join('') + (broken + behind).repeat(count / 2))
    assert.deepEqual(statuses, [...good.map(() => 200), 400])
    assert.ok(closed)
    const order = [...text.matchAll(/x-echo-url: http:\/\/h\/echo\?n=(\d+)/g)].map(([, n]) => Number(n))
    assert.deepEqual(order, Array.from({ length: count / 2 }, (_, i) => i).filter((i) => i % 10 !== 0))
  }
  assert.equal((await totals('hello')).invocations, before)
})

test('pages of every origin read the host’s own errors, and only a function speaks for itself', async () => {
  const origin = { origin: 'https://news.example' }
  for (const [path, status] of [['/nothing', 404], ['/throws', 500]] as const) {
    const answer = await fetch(host.url + path, { headers: origin })
    assert.equal(answer.status, status)
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    assert.equal(answer.headers.get('access-control-expose-headers'), 'retry-after, pressroom-invocation')
    assert.equal(answer.headers.get('access-control-allow-credentials'), null)
    await answer.body?.cancel()
  }
  const own = await fetch(`${host.url}/hello`, { headers: origin })
  assert.equal(own.headers.get('access-control-allow-origin'), null)
  const admin = await fetch(`${host.adminUrl}/nothing`, { headers: origin })
  assert.deepEqual([admin.status, admin.headers.get('access-control-allow-origin')], [404, null])
})

test('a refused request with a small body keeps its connection', async () => {
  const refused = 'POST /nothing HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nok'
  const { statuses, text } = await sendRaw(host.url, `${refused}GET /hello HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`)
  assert.deepEqual(statuses, [404, 200], text)
})
