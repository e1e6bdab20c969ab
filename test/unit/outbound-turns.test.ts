import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { installOutbound } from '../../src/runtimes/node/outbound/guard.ts'
import { createTurns } from '../../src/runtimes/node/outbound/turns.ts'

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
/** Code that runs on behalf of one invocation. */
function install(invocation: { hops: number; signal?: AbortSignal } | undefined, limits: { atOnce?: number; perInvocation?: number } = {}): void {
  installOutbound({ mode: 'public', allow: ['127.0.0.1'], context: () => invocation, limits })
}
/** A server that answers nothing until it is told to, and knows the most it held at once. */
async function holding() {
  const held: ServerResponse[] = []
  let most = 0
  const waiting: (() => void)[] = []
  const url = await serve((_, response) => {
    held.push(response)
    most = Math.max(most, held.length)
    for (const wake of waiting.splice(0)) wake()
  })
  return {
    url,
    most: () => most,
    async came(count: number) {
      while (held.length < count) await new Promise<void>((wake) => waiting.push(wake))
    },
    answer: (write: (response: ServerResponse) => void) => held.splice(0).forEach(write),
  }
}
const codeOf = (error: unknown) => (error as { cause?: { code?: string } }).cause?.code

test('of one invocation six requests wait for their answers at once; the seventh goes out when one has its head', async () => {
  const server = await holding()
  install({ hops: 0 })
  const calls = Array.from({ length: 20 }, async () => (await fetch(server.url)).text())
  for (let left = 20; left > 0; left -= 6) {
    await server.came(Math.min(6, left))
    server.answer((response) => response.end('ok'))
  }
  assert.deepEqual(new Set(await Promise.all(calls)), new Set(['ok']))
  assert.equal(server.most(), 6)
})

test('who opens answers without reading them does not wait for itself', async () => {
  const url = await serve((_, response) => response.write('the head and no end'))
  install({ hops: 0 }, { atOnce: 2 })
  const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(url)))
  for (const answer of answers) await answer.body!.cancel()
  assert.equal(answers.length, 8)
})

test('a failed request gives its place back', async () => {
  const url = await serve((request) => request.socket.destroy())
  install({ hops: 0 }, { atOnce: 2 })
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => fetch(url)))
  assert.deepEqual(results.map(({ status }) => status), Array.from({ length: 10 }, () => 'rejected'))
})

test('invocations have places of their own, and code of no invocation is not held', async () => {
  const server = await holding()
  const calls: Promise<unknown>[] = []
  for (const invocation of [{ hops: 0 }, { hops: 0 }, undefined]) {
    install(invocation, { atOnce: 1 })
    calls.push(fetch(server.url), fetch(server.url))
  }
  await server.came(4)
  server.answer((response) => response.end())
  await server.came(2)
  server.answer((response) => response.end())
  await Promise.all(calls)
  assert.equal(server.most(), 4)
})

test('an invocation that has used up its requests is told so, redirects counted; another one is served', async () => {
  const url = await serve((request, response) => (request.url === '/' ? response.end() : response.writeHead(302, { location: '/' }).end()))
  const invocation = { hops: 0 }
  install(invocation, { perInvocation: 4 })
  await fetch(`${url}moved`)
  await fetch(url)
  await fetch(url)
  await assert.rejects(fetch(url), (error: TypeError) => {
    assert.equal(codeOf(error), 'outbound_too_many')
    assert.match(error.message, /4 outgoing requests, the most it may/)
    return true
  })
  install({ hops: 0 }, { perInvocation: 4 })
  assert.equal((await fetch(url)).status, 200)
})

test('what still waits when its invocation ends never goes out', async () => {
  const server = await holding()
  const gone = new AbortController()
  install({ hops: 0, signal: gone.signal }, { atOnce: 1 })
  const calls = Array.from({ length: 50 }, () => fetch(server.url))
  await server.came(1)
  gone.abort(new Error('the invocation is over'))
  for (const call of calls) await assert.rejects(call, { message: 'the invocation is over' })
  install({ hops: 0 })
  const after = fetch(server.url)
  await server.came(2)
  server.answer((response) => response.end())
  await after
  assert.equal(server.most(), 2, 'the first one and the one of the next invocation')
})

test('turns come in the order they were asked for, never more than allowed at once, whoever asks in between', async () => {
  const turns = createTurns({ atOnce: 3, perInvocation: 20_000 })
  const owner = {}
  const order: number[] = []
  let running = 0
  let most = 0
  const take = (n: number) => turns.take(owner, (giveBack) => {
    order.push(n)
    most = Math.max(most, ++running)
    queueMicrotask(() => {
      running--
      giveBack()
      giveBack()
      if (n % 100 === 0 && n < 10_000) take(n + 10_000)
    })
  })
  for (let n = 0; n < 10_000; n++) take(n)
  while (order.length < 10_100) await new Promise((turn) => setImmediate(turn))
  assert.equal(most, 3)
  const first = order.filter((n) => n < 10_000)
  assert.deepEqual(first, first.toSorted((a, b) => a - b))
})
