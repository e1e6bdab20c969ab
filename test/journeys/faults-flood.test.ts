import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { besideNeighbour, hostGrowthMib } from './neighbour.ts'

const MOST_GROWTH_MIB = 64
const LONG = process.env['PRESSROOM_TEST_LONG'] !== undefined

const FUNCTIONS = ['hello', 'endless-stream', 'stream-large', 'log-flood', 'log-long-line', 'log-stdout', 'many-fetches']

let folder: FunctionFolder
let host: HostProcess
before(async () => {
  folder = makeFunctionFolder(...FUNCTIONS.map((name) => `functions/${name}`))
  host = await startHost({ ...folder, flags: ['--allow-outbound', '127.0.0.1'] })
  // The host has grown to its working size before anything is measured.
  for (const name of ['hello', 'stream-large', 'log-flood']) await (await fetch(`${host.url}/${name}`)).text()
})
after(async () => {
  await host.stop()
  folder[Symbol.dispose]()
})

const linesOf = (name: string) => host.lines.filter((line) => line.startsWith('{') && line.includes(`"function":"${name}"`)).map((line) => (JSON.parse(line) as { message: string }).message)

test('an endless stream with a reader that stands still: the function is held back, the host does not grow', async () => {
  const gone = new AbortController()
  const produced = async () => (await (await fetch(`${host.url}/endless-stream/produced`)).json()) as number
  const grown = await besideNeighbour(host, () => hostGrowthMib(host, async () => {
    const answer = await fetch(`${host.url}/endless-stream`, { signal: gone.signal })
    const reader = answer.body!.getReader()
    assert.ok((await reader.read()).value!.length > 0)
    let last = -1
    const held = await until('the function is asked for no more', async () => {
      const now = await produced()
      const same = now === last
      last = now
      return same && now
    })
    for (let read = 0; read < 16 * 1024 * 1024;) read += (await reader.read()).value!.length
    await until('it goes on when the reader does', async () => (await produced()) > held)
    gone.abort()
    await assert.rejects(reader.read())
    await host.line((line) => line.startsWith('REPORT') && line.includes(answer.headers.get('pressroom-invocation')!) && line.includes('Outcome: canceled'))
    assert.ok(held < 32 * 1024 * 1024, `${held} bytes were produced for a reader that took one chunk`)
  }))
  assert.ok(grown < MOST_GROWTH_MIB, `grew by ${grown.toFixed(0)} MiB`)
})

test('a million log lines: few are kept, the loss is told, the host does not grow', async () => {
  const isLoss = (message: string) => /\d+ lines dropped/.test(message)
  // The flood before may have lasted for more than a second: what its last one lost is told when that is over.
  await until('the loss of the first flood is told', () => isLoss(linesOf('log-flood').at(-1) ?? ''))
  const before = linesOf('log-flood').length
  const grown = await besideNeighbour(host, () => hostGrowthMib(host, async () => {
    const answer = await fetch(`${host.url}/log-flood`)
    assert.deepEqual([answer.status, await answer.text()], [200, 'logged'])
  }))
  const since = () => linesOf('log-flood').slice(before)
  await until('the loss is told, after lines that were kept', () => since().some((_, i, told) => isLoss(told[i]!) && told.slice(0, i).some((message) => /^line \d+$/.test(message))))
  const kept = since().filter((message) => /^line \d+$/.test(message)).length
  assert.ok(kept > 0 && kept < 100_000, `${kept} of a million lines kept`)
  assert.ok(grown < MOST_GROWTH_MIB, `grew by ${grown.toFixed(0)} MiB`)
})

test('one line of 100 MB with control characters: cut with a mark and its length, harmless to a terminal, the host does not grow', async () => {
  const grown = await besideNeighbour(host, () => hostGrowthMib(host, async () => {
    const answer = await fetch(`${host.url}/log-long-line`)
    assert.deepEqual([answer.status, await answer.text()], [200, 'logged'])
  }))
  const raw = await host.line((line) => line.includes('"function":"log-long-line"'))
  assert.ok(raw.length < 10_000, `${raw.length} characters`)
  assert.ok(!raw.includes('\u001b'))
  const { message } = JSON.parse(raw) as { message: string }
  assert.ok(message.startsWith('\u001b[31mred xxx'), 'as data it is what was logged')
  assert.match(message, /… truncated, 1000000\d\d characters/)
  assert.ok(grown < MOST_GROWTH_MIB, `grew by ${grown.toFixed(0)} MiB`)
})

test('100 MB past the console, with no line break: a little is kept, harmless to a terminal, the host does not grow', async () => {
  const grown = await besideNeighbour(host, () => hostGrowthMib(host, async () => {
    const answer = await fetch(`${host.url}/log-stdout`)
    assert.deepEqual([answer.status, await answer.text()], [200, 'written'])
  }))
  await host.line((line) => line.includes('"function":"log-stdout"'))
  const kept = host.lines.filter((line) => line.includes('"function":"log-stdout"'))
  assert.ok(kept.every((line) => line.length < 10_000 && !line.includes('\u001b')))
  const bytes = kept.reduce((sum, line) => sum + line.length, 0)
  assert.ok(bytes < 50_000_000, `${bytes} bytes kept of 100 MB`)
  assert.ok(grown < MOST_GROWTH_MIB, `grew by ${grown.toFixed(0)} MiB`)
})

test(`${LONG ? 'ten thousand' : 'a thousand'} fetches at once: six are on their way, all are answered`, async () => {
  const times = LONG ? 10_000 : 1000
  let now = 0
  let most = 0
  const server = createServer((_, response) => {
    most = Math.max(most, ++now)
    setImmediate(() => {
      now--
      response.end('one')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const extra = LONG ? 1 : 0
    const results = await besideNeighbour(host, async () =>
      (await fetch(`${host.url}/many-fetches?times=${times + extra}&url=${encodeURIComponent(url)}`)).json())
    assert.deepEqual(results, { one: times, ...(LONG ? { outbound_too_many: 1 } : {}) })
    assert.ok(most <= 6, `${most} at once`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
