import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Hono } from 'hono'
import type { Head, Invocation, ResponseHead, Settlement } from '../../src/contract/invocation.ts'
import { createRouteTable } from '../../src/routing/route-table.ts'
import type { ConnectionLimits } from '../../src/runtimes/node/front/connections.ts'
import { endConnections, listen } from '../../src/runtimes/node/front/listen.ts'
import { createFront } from '../../src/runtimes/node/front/server.ts'
import { until } from './host-process.ts'
import { openRaw, readRaw } from './raw-client.ts'

/* The front door alone, with limits so short that nothing waits for real; what lies behind it answers as each test says. */

const GET = 'GET /f HTTP/1.1\r\nhost: h\r\n\r\n'
const settlement: Settlement = { outcome: 'ok', delivered: false, cold: false, queueMs: 0, initMs: 0, runMs: 0, cpuMs: 0, maxMemoryBytes: 0 }

interface Door {
  url: string
  server: Server
  /** Invocations that began, and how many of them were told that their caller has gone. */
  begun: Invocation[]
  canceled: number
  connections(): Promise<number>
}

async function open(t: TestContext, limits: ConnectionLimits, head: (invocation: Invocation) => Head | Promise<Head>, dev = false): Promise<Door> {
  const routes = createRouteTable([{ name: 'f', file: 'f.ts', routes: ['/f'] }])
  const server = createFront({
    rules: { maxBodyBytes: 1024 * 1024, trustProxy: false },
    routes: () => routes,
    invoke(invocation) {
      door.begun.push(invocation)
      return { head: Promise.resolve(head(invocation)), settled: Promise.resolve(settlement), cancel: () => void door.canceled++ }
    },
    accepting: () => true,
    leaving: () => false,
    trusts: () => false,
    hasAlias: () => false,
    dev,
    extras: new Hono(),
    limits,
  })
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
  const door: Door = { url: await listen(server, 0, '127.0.0.1', '--port'), server, begun: [], canceled: 0, connections }
  t.after(async () => {
    server.close()
    await endConnections(server, 0)
  })
  return door
}

function answer(body: ResponseHead['body']): ResponseHead {
  return { type: 'response', status: 200, statusText: '', headers: [], body }
}
const hello = () => answer(Buffer.from('hello'))

/** Sends byte after byte until the other side has enough. */
function drip(socket: Socket, words: string) {
  let sent = 0
  const timer = setInterval(() => socket.write(words[sent++ % words.length]!), 10)
  socket.once('close', () => clearInterval(timer))
}

test('a client that never ends its headers gets 408, others are served meanwhile', async (t) => {
  const door = await open(t, { headersTimeoutMs: 200 }, hello)
  const slow = await openRaw(door.url)
  slow.write('GET /f HTTP/1.1\r\nhost: h\r\n')
  drip(slow, 'x: y\r\n')
  const [{ text, statuses, closed }, other] = await Promise.all([readRaw(slow), fetch(`${door.url}/f`)])
  assert.equal(await other.text(), 'hello')
  assert.deepEqual([statuses, closed], [[408], true])
  assert.match(text, /^HTTP\/1\.1 408 Request Timeout\r\n.*"code":"request_timeout"/s)
})

test('a client that never says anything is let go without a word', async (t) => {
  const door = await open(t, { headersTimeoutMs: 200 }, hello)
  assert.deepEqual(await readRaw(await openRaw(door.url)), { text: '', statuses: [], closed: true })
})

test('a client that never ends its body gets 408: a small one wakes no function, a long one cancels it', async (t) => {
  const door = await open(t, { headersTimeoutMs: 200, requestTimeoutMs: 300 }, () => new Promise(() => {}))
  for (const [length, begun] of [[1000, 0], [500_000, 1]] as const) {
    const slow = await openRaw(door.url)
    slow.write(`POST /f HTTP/1.1\r\nhost: h\r\ncontent-length: ${length}\r\n\r\n`)
    drip(slow, 'x')
    const { text, statuses, closed } = await readRaw(slow)
    assert.deepEqual([statuses, closed], [[408], true])
    assert.match(text, /"code":"request_timeout"/)
    assert.equal(door.begun.length, begun)
    await until('every invocation is canceled', () => door.canceled === begun)
  }
})

test('a client that stops reading a stream is let go, and the function had to make little of it', async (t) => {
  let made = 0
  let stopped = false
  const endless = () =>
    new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          made += 65_536
          controller.enqueue(new Uint8Array(65_536))
        },
        cancel: () => void (stopped = true),
      },
      { highWaterMark: 0 },
    )
  const door = await open(t, { writeStallMs: 200 }, () => answer(endless()))
  const deaf = await openRaw(door.url)
  deaf.pause()
  deaf.write(GET)
  await until('the stream is given up', () => stopped && door.canceled === 1)
  assert.equal(await until('the connection is gone', async () => (await door.connections()) === 0), true)
  assert.ok(made < 32 * 1024 * 1024, `${made} bytes, more than the sockets of both sides hold`)
  deaf.destroy()
})

test('a client that stops reading whole answers is let go, also behind one that it took', async (t) => {
  const large = new Uint8Array(32 * 1024 * 1024)
  const bodies = [Buffer.from('taken'), large]
  const door = await open(t, { writeStallMs: 200 }, () => answer(bodies[door.begun.length - 1] ?? large))
  const deaf = await openRaw(door.url)
  const begins = once(deaf, 'data')
  deaf.write(GET + GET)
  await begins
  deaf.pause()
  await until('the connection is gone', async () => (await door.connections()) === 0)
  assert.equal(door.begun.length, 2)
  deaf.destroy()
})

test('a client that reads is kept, however long the function is silent between two pieces', async (t) => {
  let more!: ReadableStreamDefaultController<Uint8Array>
  const size = 16 * 1024 * 1024
  const door = await open(t, { writeStallMs: 200 }, () => answer(new ReadableStream({ start: (controller) => void (more = controller) })))
  const socket = await openRaw(door.url)
  const read = readRaw(socket)
  socket.write(GET.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
  await until('the answer began', () => door.begun.length === 1)
  more.enqueue(new Uint8Array(size))
  await until('all of it was read', () => socket.bytesRead > size)
  await once(door.server, 'timeout')
  more.enqueue(Buffer.from('the end'))
  more.close()
  const { text, closed } = await read
  assert.ok(closed)
  assert.ok(text.includes('the end\r\n0\r\n\r\n'))
  assert.equal(door.canceled, 0)
})

test('when connections run short the idle ones give way, so that new clients are served', async (t) => {
  const most = process.env['PRESSROOM_TEST_LONG'] ? 2000 : 40
  const door = await open(t, { maxConnections: most }, hello)
  const idle: Socket[] = []
  t.after(() => idle.forEach((socket) => socket.destroy()))
  for (let i = 0; i < most * 2; i++) {
    const socket = await openRaw(door.url)
    idle.push(socket)
    const first = Promise.race([once(socket, 'data'), once(socket, 'close')])
    socket.write(GET)
    assert.match(String((await first)[0]), /^HTTP\/1\.1 200 /)
  }
  assert.ok((await door.connections()) <= most)
  assert.ok(idle.filter((socket) => !socket.closed).length >= most / 2, 'no more than needed')
})

test('over the most connections new ones are closed, and those under way get their answers', async (t) => {
  let go!: () => void
  const gate = new Promise<void>((resolve) => (go = resolve))
  const door = await open(t, { maxConnections: 5 }, async () => (await gate, hello()))
  const busy = await Promise.all(Array.from({ length: 5 }, () => openRaw(door.url)))
  for (const socket of busy) socket.write(GET)
  await until('all are under way', () => door.begun.length === 5)
  const late = await openRaw(door.url)
  late.write(GET)
  assert.deepEqual((await readRaw(late)).statuses, [])
  const answers = busy.map((socket) => once(socket, 'data') as Promise<[Buffer]>)
  go()
  for (const [first] of await Promise.all(answers)) assert.match(first.toString(), /^HTTP\/1\.1 200 /)
  for (const socket of busy) socket.destroy()
})

test('a broken request behind one under way waits for its turn', async (t) => {
  let go!: () => void
  const gate = new Promise<void>((resolve) => (go = resolve))
  const door = await open(t, {}, async () => (await gate, hello()))
  const socket = await openRaw(door.url)
  const read = readRaw(socket)
  socket.write(GET)
  await until('the first is under way', () => door.begun.length === 1)
  const heard = once(door.server, 'clientError')
  socket.write('nonsense\r\n\r\n')
  await heard
  assert.equal(socket.bytesRead, 0)
  socket.write(GET)
  go()
  const { statuses, closed } = await read
  assert.deepEqual([statuses, closed, door.begun.length], [[200, 400], true, 1])
})

test('a body that breaks while its answer is under way breaks the connection, and no other answer follows', async (t) => {
  const door = await open(t, {}, () => answer(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('begun')) })))
  const socket = await openRaw(door.url)
  const read = readRaw(socket)
  const began = once(socket, 'data')
  socket.write('POST /f HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n')
  await began
  socket.write('nonsense\r\n')
  const { text, statuses, closed } = await read
  assert.deepEqual([statuses, closed], [[200], true])
  assert.ok(!text.endsWith('0\r\n\r\n'))
  await until('the function is told', () => door.canceled === 1)
})

test('under dev an error tells its detail to the terminal and to pages of its own origin, to no others', async (t) => {
  const door = await open(t, {}, () => ({ type: 'failure', code: 'exception', detail: 'the detail', stack: 'the stack' }), true)
  const told = async (headers: Record<string, string>) => {
    const answer = await fetch(`${door.url}/f`, { headers })
    assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [500, '*'])
    return /the detail.*the stack/.test(await answer.text())
  }
  assert.equal(await told({}), true)
  assert.equal(await told({ origin: door.url }), true)
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) assert.equal(await told({ origin }), false, origin)
})
