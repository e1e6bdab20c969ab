import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import type { FunctionView } from '../../src/host/operator.ts'
import { startHost, type HostProcess } from './host-process.ts'

let host: HostProcess
before(async () => {
  host = await startHost({ functions: 'fixtures/functions', env: { PRESSROOM_TEST_SECRET: 'not for functions' } })
})
after(() => host.stop())

/** One misbehaviour each: what the caller gets. `code` null: served. */
const faults: { name: string; status: number; code: string | null; replaced: boolean }[] = [
  { name: 'endless-loop', status: 504, code: 'timeout', replaced: true },
  { name: 'endless-loop-cpu', status: 504, code: 'cpu_exceeded', replaced: true },
  { name: 'allocation-loop', status: 502, code: 'memory_exceeded', replaced: true },
  { name: 'json-bomb', status: 502, code: 'memory_exceeded', replaced: true },
  { name: 'buffers', status: 502, code: 'memory_exceeded', replaced: true },
  { name: 'process-exit', status: 502, code: 'exited', replaced: true },
  { name: 'process-abort', status: 502, code: 'exited', replaced: true },
  { name: 'kill-self', status: 502, code: 'exited', replaced: true },
  { name: 'reject-before', status: 500, code: 'exception', replaced: false },
  { name: 'reject-after', status: 200, code: null, replaced: false },
  { name: 'never-settles', status: 504, code: 'timeout', replaced: true },
  { name: 'not-a-response', status: 500, code: 'exception', replaced: false },
  { name: 'atomics-wait', status: 504, code: 'timeout', replaced: true },
  { name: 'log-flood', status: 200, code: null, replaced: false },
  { name: 'ten-thousand-timers', status: 200, code: null, replaced: false },
]

async function view(name: string): Promise<FunctionView> {
  const { functions } = await host.admin<{ functions: FunctionView[] }>('/functions')
  return functions.find((one) => one.name === name)!
}

/** Calls the neighbour without pause until told to stop; answers how it went. */
function neighbour(): { stop(): Promise<{ served: number; failed: number }> } {
  let going = true
  let served = 0
  let failed = 0
  const work = (async () => {
    while (going) {
      const answer = await fetch(`${host.url}/hello`)
      if (answer.status === 200 && (await answer.text()) === 'hello') served++
      else failed++
    }
  })()
  return {
    async stop() {
      going = false
      await work
      return { served, failed }
    },
  }
}

for (const { name, status, code, replaced } of faults) {
  test(`${name} → ${status} ${code ?? 'served'}; only its own instance is touched, and the next call is answered`, async () => {
    await (await fetch(`${host.url}/hello`)).text()
    const others = (await view('hello')).instances.map(({ id }) => id)
    const beside = neighbour()
    const answer = await fetch(`${host.url}/${name}`)
    const text = await answer.text()
    const { served, failed } = await beside.stop()
    assert.equal(answer.status, status, text)
    assert.ok(answer.headers.get('pressroom-invocation'))
    if (code !== null) {
      const { error } = JSON.parse(text) as ErrorBody
      assert.deepEqual([error.code, error.function, error.invocation], [code, name, answer.headers.get('pressroom-invocation')])
      assert.deepEqual(Object.keys(error).sort(), ['code', 'function', 'invocation', 'message'], 'no stack and no exception text')
    }
    assert.equal(failed, 0)
    assert.ok(served > 0)
    const report = await host.line((line) => line.startsWith('REPORT') && line.includes(answer.headers.get('pressroom-invocation')!))
    assert.match(report, /Billed Duration: \d+ ms/)
    assert.ok((await view('hello')).instances.some(({ id }) => others.includes(id)), 'the neighbour keeps its instance')
    const left = (await view(name)).instances.filter(({ state }) => state !== 'draining')
    if (replaced) assert.equal(left.length, 0, JSON.stringify(left))
    else assert.ok(left.length > 0)
  })
}

test('a rejection after the response leaves it unharmed and is logged', async () => {
  const answer = await fetch(`${host.url}/reject-after`)
  assert.equal(answer.status, 200)
  await host.line((line) => line.includes('reject-after') && line.includes('"level":"error"'))
})

test('a stream that stalls is cut at the timeout, never ended cleanly', async () => {
  const answer = await fetch(`${host.url}/stalled-stream`)
  assert.equal(answer.status, 200)
  await assert.rejects(answer.text())
  await host.line((line) => line.startsWith('REPORT') && line.includes(answer.headers.get('pressroom-invocation')!) && line.includes('Outcome: timeout'))
})

test('a function reads neither the environment of its process nor that of the host', async () => {
  const text = await (await fetch(`${host.url}/read-environ`)).text()
  assert.match(text, /refused|denied|ERR_ACCESS_DENIED/i)
  assert.doesNotMatch(text, /not for functions/)
})

test('a function cannot end the host', async () => {
  const answer = await fetch(`${host.url}/kill-parent`)
  await answer.text()
  assert.equal((await fetch(`${host.url}/hello`)).status, 200)
})

test('a function cannot open a database file by node:sqlite', async () => {
  assert.match(await (await fetch(`${host.url}/open-sqlite`)).text(), /ERR_ACCESS_DENIED|refused|denied/i)
})

test('200 concurrent calls to a cold function are all answered, by few instances', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(`${host.url}/slow?ms=20`)))
  for (const answer of answers) assert.equal(answer.status, 200, await answer.text())
  const { instances } = await view('slow')
  assert.ok(instances.length <= 8, `${instances.length} instances`)
})
