import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { installOutbound } from '../../src/runtimes/node/outbound/guard.ts'
import type { OutboundOptions } from '../../src/runtimes/node/outbound/guard.ts'
import type { ResolveAll } from '../../src/runtimes/node/outbound/connect.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})
const seen: IncomingMessage[] = []
const port = await serve((request, response) => {
  seen.push(request)
  const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to')
  if (to !== null) response.writeHead(302, { location: to })
  response.end('reached')
})
async function serve(listener: RequestListener, host?: string): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, host, listening))
  return (server.address() as AddressInfo).port
}

/** A resolver that answers from a table, one list per call, the last one again and again. */
function resolver(table: Record<string, string[][]>): ResolveAll & { calls: number } {
  const resolve: ResolveAll & { calls: number } = Object.assign(
    (host: string, _options: unknown, callback: Parameters<ResolveAll>[2]) => {
      resolve.calls += 1
      const answers = table[host]
      const addresses = answers && answers.length > 1 ? answers.shift() : answers?.[0]
      if (!addresses) return callback(Object.assign(new Error(`unknown host ${host}`), { code: 'ENOTFOUND' }), [])
      callback(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
    },
    { calls: 0 },
  )
  return resolve
}

function install(options: Partial<OutboundOptions> = {}): void {
  installOutbound({ mode: 'public', allow: [], deny: [], context: () => undefined, ...options })
}
/** Every URL given to it must lead to this machine or nowhere, so that a broken guard does no harm elsewhere. */
async function assertRefused(input: string | Request, init?: RequestInit): Promise<void> {
  const url = typeof input === 'string' ? input : input.url
  await assert.rejects(fetch(input, init), (error: TypeError & { cause?: { code?: string } }) => {
    assert.equal(error.name, 'TypeError', url)
    assert.equal(error.cause?.code, 'outbound_refused', `${url}: ${error.message} (${JSON.stringify(error.cause)})`)
    return true
  }, url)
}

beforeEach(() => {
  seen.length = 0
  install()
})

test('no spelling of an address that is not public is reached', async () => {
  const names = ['localhost', 'localhost.', 'rebind.test', '2130706433.test']
  install({ lookup: resolver({ ...Object.fromEntries(names.map((name) => [name, [['127.0.0.1']]])), 'a.localhost': [['::1']] }) })
  const hosts = [
    '127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.1', '0x7f.0x0.0x0.0x1', '0177.0.0.1',
    '0177.1', '017700000001', '127.000.000.001',
    '127.0.0.1.', '%31%32%37.0.0.1', '１２７.0.0.1', '127。0。0。1', '①②⑦.⓪.⓪.①', '127.127.127.127',
    '0', '0.0.0.0', '0x0', '00.0', 'localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'ｌocalhost', 'rebind.test', '2130706433.test',
    '[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::FFFF:127.0.0.1]',
    '[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[::7f00:1]',
  ]
  for (const host of hosts) {
    for (const url of [`http://${host}:${port}/`, `https://${host}:${port}/`]) await assertRefused(url)
  }
  assert.equal(seen.length, 0)
})

test('a URL that hides the host behind another is judged by the host that would be reached', async () => {
  for (const url of [
    `http:\\\\127.0.0.1:${port}/`, `http:/127.0.0.1:${port}`, `http:127.0.0.1:${port}`, `http:///127.0.0.1:${port}/`,
    `\thttp://127.0.0.1:${port}`, `http://127.0.0.1\n:${port}/`,
    `http://127.0.0.1:${port}/#@a.test`, `http://127.0.0.1:${port}?@a.test/`, `http://127.0.0.1:${port}\\@a.test/`,
  ]) await assertRefused(url)
  assert.equal(seen.length, 0)
})

test('userinfo in a URL, unreadable URLs and other schemes are refused', async () => {
  const unreadable = ['/relative', 'http://', 'http://[::1%25lo]/', 'http://127.0.0.1\u0000.test/', 'http://[::ffff:127.0.0.1.]/']
  for (const url of [`http://user:pw@127.0.0.1:${port}/`, 'http://a.test@127.0.0.1/', ...unreadable]) {
    await assert.rejects(fetch(url), { name: 'TypeError' }, url)
  }
  const schemes = ['file:///etc/passwd', 'ftp://127.0.0.1/', 'gopher://127.0.0.1/', 'ws://127.0.0.1/', 'about:blank', 'javascript:1', 'node:fs', 'unix:/x']
  for (const url of schemes) await assertRefused(url)
  assert.equal(seen.length, 0)
})

test('data: and blob: URLs, which leave no process, work', async () => {
  assert.equal(await (await fetch('data:text/plain,hi')).text(), 'hi')
  assert.equal(await (await fetch(URL.createObjectURL(new Blob(['hi'])))).text(), 'hi')
})

test('the address that was judged is the one connected to: a name that changes its mind gains nothing', async () => {
  const lookup = resolver({ 'rebind.test': [['127.0.0.1'], ['127.0.0.2']] })
  install({ lookup, allow: ['127.0.0.1'] })
  assert.equal(await (await fetch(`http://rebind.test:${port}/`)).text(), 'reached')
  assert.deepEqual([lookup.calls, seen[0]?.socket.localAddress?.replace('::ffff:', '')], [1, '127.0.0.1'])
  install({ lookup, allow: ['127.0.0.1'] })
  await assertRefused(`http://rebind.test:${port}/`)
})

test('every redirect hop is judged again', async () => {
  install({ allow: [`127.0.0.1:${port}`], lookup: resolver({ 'inner.test': [['127.0.0.2']] }) })
  const other = await serve((_, response) => response.end('secret'))
  for (const to of [`http://127.0.0.1:${other}/`, `http://127.0.0.2:${other}/`, 'http://inner.test/', `//inner.test:${other}/`, `http://[::1]:${port}/`]) {
    await assertRefused(`http://127.0.0.1:${port}/?to=${encodeURIComponent(to)}`)
  }
  await assert.rejects(fetch(`http://127.0.0.1:${port}/?to=${encodeURIComponent('file:///etc/passwd')}`), { name: 'TypeError' })
  const back = `http://127.0.0.1:${port}/?to=${encodeURIComponent('/end')}`
  assert.deepEqual([(await fetch(back)).url, (await fetch(back)).redirected], [`http://127.0.0.1:${port}/end`, true])
})

test('an allowed host, network and port are reached, others are not', async () => {
  const lookup = resolver({ 'news.lan': [['127.0.0.1']], 'other.lan': [['127.0.0.1']] })
  install({ lookup, allow: [`news.lan:${port}`] })
  assert.equal(await (await fetch(`http://news.lan:${port}/`)).text(), 'reached')
  await assertRefused(`http://other.lan:${port}/`)
  await assertRefused(`http://127.0.0.1:${port}/`)
  install({ lookup, allow: [`127.0.0.0/8:${port}`] })
  assert.equal(await (await fetch(`http://other.lan:${port}/`)).text(), 'reached')
  install({ lookup, allow: ['127.0.0.0/8:1'] })
  await assertRefused(`http://other.lan:${port}/`)
})

test('a denied port is out of reach whatever is allowed', async () => {
  install({ allow: ['0.0.0.0/0', '::/0', 'localhost'], deny: [`127.0.0.1:${port}`] })
  for (const host of ['127.0.0.1', '127.0.0.2', 'localhost', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]']) {
    await assertRefused(`http://${host}:${port}/`)
  }
  await assertRefused(`http://127.0.0.1:${await serve((_, response) => response.writeHead(307, { location: `http://0.0.0.0:${port}/` }).end())}/`)
  assert.equal(seen.length, 0)
})

test('outbound: none reaches nothing, allowed or not', async () => {
  install({ mode: 'none', allow: ['127.0.0.1'] })
  await assertRefused(`http://127.0.0.1:${port}/`)
  await assertRefused('https://localhost/')
  assert.equal(seen.length, 0)
})

test('installing again forgets the connections of before', async () => {
  install({ allow: ['127.0.0.1'] })
  await (await fetch(`http://127.0.0.1:${port}/`)).text()
  install()
  await assertRefused(`http://127.0.0.1:${port}/`)
})

test('connections are kept alive and used again', async () => {
  install({ allow: ['127.0.0.1'] })
  for (let call = 0; call < 3; call++) {
    await (await fetch(`http://127.0.0.1:${port}/${call}`)).text()
    // Undici offers a connection again one turn of the loop after its last response.
    await new Promise<void>((turn) => setImmediate(turn))
  }
  assert.equal(seen.length, 3)
  assert.equal(new Set(seen.map((request) => request.socket.remotePort)).size, 1)
})

test('a dispatcher of the function\'s own is overruled, in init and in the request', async () => {
  const dispatcher = { dispatch: () => assert.fail('the own dispatcher was used') } as unknown as NonNullable<RequestInit['dispatcher']>
  await assertRefused(`http://127.0.0.1:${port}/`, { dispatcher })
  await assertRefused(new Request(`http://127.0.0.1:${port}/`, { dispatcher }))
})

test('WebSocket goes through the guard', async () => {
  const upgrades: string[] = []
  const server = createServer().on('upgrade', (request, socket) => { upgrades.push(request.url ?? ''); socket.destroy() })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const fails = () => new Promise<void>((failed) => { new WebSocket(url).addEventListener('error', () => failed()) })
  await fails()
  assert.deepEqual(upgrades, [])
  install({ allow: ['127.0.0.1'] })
  await fails()
  assert.deepEqual(upgrades, ['/'])
})

test('each request carries the hops behind it plus one, whatever the function sets', async () => {
  install({ allow: ['127.0.0.1'], context: () => ({ hops: 4 }) })
  await fetch(`http://127.0.0.1:${port}/?to=/end`, { headers: { 'Pressroom-Hops': '0', 'x-own': 'kept' } })
  assert.deepEqual(seen.map((request) => [request.headers['pressroom-hops'], request.headers['x-own']]), [['5', 'kept'], ['5', 'kept']])
  install({ allow: ['127.0.0.1'] })
  await fetch(`http://127.0.0.1:${port}/`, { headers: { 'pressroom-hops': '0' } })
  assert.equal(seen.at(-1)?.headers['pressroom-hops'], undefined)
})

test('the end of the invocation ends its requests with the same reason', async () => {
  const gone = new AbortController()
  const reached = Promise.withResolvers<void>()
  const stalled = await serve(() => reached.resolve())
  install({ allow: ['127.0.0.1'], context: () => ({ hops: 0, signal: gone.signal }) })
  const call = fetch(`http://127.0.0.1:${stalled}/`)
  await reached.promise
  gone.abort(new Error('the invocation is over'))
  await assert.rejects(call, { message: 'the invocation is over' })
})

test('an abort reaches a body that is under way, whatever was collected as garbage since its head came', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const invocation = new AbortController()
  install({ allow: ['127.0.0.1'], context: () => ({ hops: 0, signal: invocation.signal }) })
  const dripping = await serve((_, response) => void response.writeHead(200).write('a'), '127.0.0.1')
  const bodies = [new AbortController(), invocation].map(async (aborting, place) => {
    const own = place === 0 ? aborting : new AbortController()
    const body = (await fetch(`http://127.0.0.1:${dripping}/`, { signal: own.signal })).body!.getReader()
    await body.read()
    return { aborting, body }
  })
  for (const { aborting, body } of await Promise.all(bodies)) {
    for (let round = 0; round < 5; round++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const reading = body.read()
    aborting.abort(new Error('over'))
    await assert.rejects(reading, /over/)
  }
})

test('requests go out as fetch makes them: method, body as stream, a Request as init', async () => {
  const echo = await serve((request, response) => request.pipe(response.setHeader('x-method', request.method ?? '')))
  install({ allow: ['127.0.0.1'] })
  const url = `http://127.0.0.1:${echo}/`
  const streamed = await fetch(url, { method: 'PUT', body: new Blob(['stream']).stream() })
  assert.deepEqual([streamed.headers.get('x-method'), await streamed.text()], ['PUT', 'stream'])
  const renamed = await fetch(url, new Request('http://elsewhere.test/', { method: 'POST', body: 'proxied' }))
  assert.deepEqual([renamed.headers.get('x-method'), await renamed.text()], ['POST', 'proxied'])
  assert.ok(renamed instanceof Response)
})
