import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { startHost, type HostProcess } from './host-process.ts'
import { besideNeighbour, viewOf } from './neighbour.ts'

const FUNCTIONS = ['hello', 'echo', 'self-call', 'pollute', 'raw-wire', 'odd-throws', 'read-files', 'read-env', 'outbound', 'wait-after-cancel']

let folder: FunctionFolder
let host: HostProcess
before(async () => {
  folder = makeFunctionFolder(...FUNCTIONS.map((name) => `functions/${name}`))
  host = await startHost({
    ...folder,
    flags: ['--allow-outbound', '127.0.0.1'],
    env: { PRESSROOM_TEST_SECRET: 'not for functions' },
  })
})
after(async () => {
  await host.stop()
  folder[Symbol.dispose]()
})

const textOf = async (path: string) => (await fetch(host.url + path)).text()

test('a function that calls itself is cut at the sixteenth hop, and told so', async () => {
  const { status, text } = await besideNeighbour(host, async () => {
    const answer = await fetch(`${host.url}/self-call`)
    return { status: answer.status, text: await answer.text() }
  })
  assert.equal(status, 508)
  assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, 'loop_detected')
  assert.equal((await viewOf(host, 'self-call')).totals.invocations, 16)
})

test('what a function spoils is spoiled in its own instance alone', async () => {
  const found = await besideNeighbour(host, async () => {
    for (let call = 0; call < 3; call++) {
      // What becomes of the one who did it is its own matter: served, failed, or ended.
      const answer = await fetch(`${host.url}/pollute`)
      assert.ok([200, 299, 500, 502].includes(answer.status), `${answer.status}`)
      await answer.text()
    }
    return (await fetch(`${host.url}/echo`, { method: 'POST', body: 'unspoiled' })).text()
  })
  assert.equal(found, 'unspoiled')
  const { functions } = await host.admin<{ functions: { name: string }[] }>('/functions')
  assert.ok(functions.every(({ name }) => typeof name === 'string'), 'the host itself is not spoiled')
})

const NO_MESSAGES = ['zeros', 'noise', 'no-json', 'no-status', 'no-headers', 'no-report', 'negative-cpu', 'no-pulse', 'no-log', 'head-beyond-frame']

test('an instance that sends its host what is no message is ended; the host believes nothing of it and serves on', async () => {
  await besideNeighbour(host, async () => {
    for (const what of NO_MESSAGES) {
      const answer = await fetch(`${host.url}/raw-wire?what=${what}`)
      const { error } = (await answer.json()) as ErrorBody
      assert.deepEqual([what, answer.status, error.code], [what, 502, 'exited'])
    }
  })
  await host.line((line) => line.includes('raw-wire') && line.includes('sent what the host does not understand'))
})

test('whatever is thrown, and headers too large to send, are an exception told in bounded words; the instance serves on', async () => {
  await besideNeighbour(host, async () => {
    for (const what of ['circular', 'bigint', 'symbol', 'undefined', 'getter', 'huge', 'headers']) {
      const answer = await fetch(`${host.url}/odd-throws?what=${what}`)
      const { error } = (await answer.json()) as ErrorBody
      assert.deepEqual([what, answer.status, error.code], [what, 500, 'exception'])
    }
  })
  assert.equal((await viewOf(host, 'odd-throws')).instances.length, 1)
  assert.ok(host.lines.every((line) => line.length < 20_000))
})

test('of files a function reads code and assets alone, and writes none', async () => {
  writeFileSync(join(host.data, 'secret'), 'not for functions')
  const before = readFileSync(join(host.data, 'host.db'))
  const refused = [
    ...['host.db', 'secret', 'lock', 'd1', 'kv'].map((name) => ['read', join(host.data, name)]),
    ['list', host.data],
    ['read', '/etc/passwd'],
    ['read', '/proc/self/environ'],
    ['read', `/proc/${host.child.pid}/environ`],
    ['list', '/proc/self/fd'],
    ['read', join(import.meta.dirname, '../../.dev.vars')],
    ['write', join(host.data, 'host.db')],
    ['write', join(host.data, 'revisions', 'mine')],
    ['write', join(import.meta.dirname, '../../fixtures/functions/hello.ts')],
    ['write', '/tmp/pressroom-written-by-a-function'],
  ] as [string, string][]
  for (const [action, path] of refused) {
    assert.equal(await textOf(`/read-files?${action}=${encodeURIComponent(path)}`), 'ERR_ACCESS_DENIED', `${action} ${path}`)
  }
  assert.equal(await textOf(`/read-files?read=${encodeURIComponent(join(import.meta.dirname, '../../package.json'))}`), 'done', 'what is open is read')
  assert.equal(Buffer.compare(before.subarray(0, 16), readFileSync(join(host.data, 'host.db')).subarray(0, 16)), 0)
})

test('a function sees no variable of the host, and does not reach the operator’s port although its address is allowed', async () => {
  const seen = JSON.parse(await textOf('/read-env')) as { env: string[]; process: string[] }
  assert.ok(![...seen.env, ...seen.process].some((name) => name === 'PRESSROOM_TEST_SECRET' || name === 'PATH'), JSON.stringify(seen))
  const port = new URL(host.adminUrl).port
  for (const name of ['127.0.0.1', 'localhost', '0.0.0.0', '[::ffff:127.0.0.1]', '127.1']) {
    const { code } = JSON.parse(await textOf(`/outbound?url=${encodeURIComponent(`http://${name}:${port}/functions`)}`)) as { code: string }
    assert.equal(code, 'outbound_refused', name)
  }
  const { status } = JSON.parse(await textOf(`/outbound?url=${encodeURIComponent(`${host.url}/hello`)}`)) as { status: number }
  assert.equal(status, 200, 'what is allowed is reached')
})

test('a caller that leaves fires the signal; work handed to waitUntil goes on to its end and is billed as canceled', async () => {
  const gone = new AbortController()
  const id = await besideNeighbour(host, async () => {
    const answer = await fetch(`${host.url}/wait-after-cancel`, { signal: gone.signal })
    await answer.body!.getReader().read()
    gone.abort()
    await host.line((line) => line.includes('the caller has gone'))
    await host.line((line) => line.includes('worked on behind the caller'))
    return answer.headers.get('pressroom-invocation')!
  })
  const report = await host.line((line) => line.startsWith('REPORT') && line.includes(id))
  assert.match(report, /Outcome: canceled/)
  const worked = host.lines.findIndex((line) => line.includes('worked on behind the caller'))
  assert.ok(host.lines.indexOf(report) > worked, 'settled when the work was over, not before')
})
