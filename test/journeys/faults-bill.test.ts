import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BillRow, InvocationRecord } from '../../src/admin/ledger-routes.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { besideNeighbour, viewOf } from './neighbour.ts'

const ROUNDS = process.env['PRESSROOM_TEST_LONG'] ? 20 : 3
/** For what is told in steps of microseconds, and two clocks that are read one after the other. */
const TOLERANCE_MS = 1

let folder: FunctionFolder
let host: HostProcess
before(async () => {
  folder = makeFunctionFolder(...['hello', 'process-exit', 'kill-self', 'endless-loop', 'endless-loop-cpu', 'never-settles', 'throws', 'slow', 'stalled-stream'].map((name) => `functions/${name}`))
  folder.write('together.ts', `
    export const config = { concurrency: 8, maxInstances: 1, maxWaiting: 100 }
    let calls = 0
    export default {
      async fetch() {
        if (++calls === 8) setTimeout(() => process.exit(1), 100)
        await new Promise(() => {})
      },
    }
  `)
  host = await startHost({ ...folder, flags: ['--memory', '4GiB'] })
})
after(async () => {
  await host.stop()
  folder[Symbol.dispose]()
})

interface Call {
  id: string
  status: number
  code: string | null
  /** Milliseconds that its caller waited. */
  wallMs: number
}

async function call(path: string): Promise<Call> {
  const began = performance.now()
  const answer = await fetch(host.url + path)
  const text = await answer.text().catch(() => 'broken off')
  const { error } = (text.startsWith('{"error"') ? JSON.parse(text) : { error: { code: null } }) as { error: { code: string | null } }
  return { id: answer.headers.get('pressroom-invocation')!, status: answer.status, code: error.code, wallMs: performance.now() - began }
}

/** The records of these calls, when all are written: one each. */
async function recordsOf(name: string, calls: readonly Call[]): Promise<InvocationRecord[]> {
  const records = await until(`${calls.length} records of ${name}`, async () => {
    const { invocations } = await host.admin<{ invocations: InvocationRecord[] }>(`/invocations?function=${name}&limit=1000`)
    const mine = invocations.filter(({ id }) => calls.some((one) => one.id === id))
    return mine.length >= calls.length && mine
  })
  assert.deepEqual(records.map(({ id }) => id).sort(), calls.map(({ id }) => id).sort(), 'each call has one record')
  return records
}

/** What holds for every record, whatever happened to its call. */
function checkRecord(record: InvocationRecord, wallMs: number): void {
  const { init_ms: init, run_ms: run, queue_ms: queue, billed_ms: billed, cpu_ms: cpu } = record
  const told = JSON.stringify(record)
  for (const ms of [init, run, queue, billed, cpu]) assert.ok(ms >= 0 && ms < Infinity, told)
  assert.equal(billed, Math.ceil(Math.round((init + run) * 1000) / 1000), `billed is what it ran and loaded, to the next whole millisecond: ${told}`)
  assert.ok(run <= wallMs + TOLERANCE_MS, `it ran no longer than its caller waited (${wallMs} ms): ${told}`)
}

/** What its caller got → how its record must say it ended, and from which time on. */
const endings: { path: string; code: string | null; outcome: string; atLeastMs: number; atLeastCpuMs: number }[] = [
  { path: '/slow?ms=50', code: null, outcome: 'ok', atLeastMs: 49, atLeastCpuMs: 0 },
  { path: '/throws', code: 'exception', outcome: 'exception', atLeastMs: 0, atLeastCpuMs: 0 },
  { path: '/process-exit', code: 'exited', outcome: 'exited', atLeastMs: 0, atLeastCpuMs: 0 },
  { path: '/kill-self', code: 'exited', outcome: 'exited', atLeastMs: 0, atLeastCpuMs: 0 },
]
/** One call at a time on an instance, so that none shares its time with another. */
const alone: typeof endings = [
  { path: '/never-settles', code: 'timeout', outcome: 'timeout', atLeastMs: 1000, atLeastCpuMs: 0 },
  { path: '/endless-loop', code: 'timeout', outcome: 'timeout', atLeastMs: 1000, atLeastCpuMs: 0 },
  { path: '/endless-loop-cpu', code: 'cpu_exceeded', outcome: 'cpu_exceeded', atLeastMs: 0, atLeastCpuMs: 200 },
  { path: '/stalled-stream', code: null, outcome: 'timeout', atLeastMs: 1000, atLeastCpuMs: 0 },
]

test('kills and timeouts are billed up to the end, each call once, none for less or more than it ran', async () => {
  for (const { path, code, outcome, atLeastMs, atLeastCpuMs } of [...endings, ...alone]) {
    const name = path.slice(1).split('?')[0]!
    const one = await besideNeighbour(host, () => call(path))
    assert.equal(one.code, code, `${path}: ${one.status}`)
    const [record] = await recordsOf(name, [one])
    checkRecord(record!, one.wallMs)
    assert.equal(record!.outcome, outcome)
    assert.ok(record!.run_ms >= atLeastMs && record!.cpu_ms >= atLeastCpuMs, JSON.stringify(record))
  }
})

test(`${ROUNDS} rounds of calls at once, whose instances die under each other: every call has its record, the sums are those of the bill`, async () => {
  const calls = new Map<string, Call[]>()
  await besideNeighbour(host, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(endings.flatMap(({ path }) => Array.from({ length: 4 }, async () => {
        const name = path.slice(1).split('?')[0]!
        const one = await call(path)
        calls.set(name, [...(calls.get(name) ?? []), one])
      })))
    }
  })
  for (const [name, mine] of calls) {
    const records = await recordsOf(name, mine)
    for (const record of records) checkRecord(record, mine.find(({ id }) => id === record.id)!.wallMs)
    const { invocations } = await host.admin<{ invocations: InvocationRecord[] }>(`/invocations?function=${name}&limit=1000`)
    const billed = invocations.reduce((sum, { billed_ms }) => sum + billed_ms, 0)
    const { rows } = await host.admin<{ rows: BillRow[] }>('/bill?group=function')
    const row = rows.find(({ key }) => key === name)!
    assert.deepEqual([row.invocations, row.billed_ms], [invocations.length, billed], name)
    const { totals } = await viewOf(host, name)
    assert.deepEqual([totals.invocations, totals.billed_ms], [invocations.length, billed], name)
  }
})

test('eight calls that die with one instance share the time until its death: together they are billed for it once', async () => {
  const began = performance.now()
  const calls = await besideNeighbour(host, () => Promise.all(Array.from({ length: 8 }, () => call('/together'))))
  const wallMs = performance.now() - began
  assert.deepEqual(new Set(calls.map(({ code }) => code)), new Set(['exited']))
  const records = await recordsOf('together', calls)
  for (const record of records) checkRecord(record, wallMs)
  const run = records.reduce((sum, { run_ms }) => sum + run_ms, 0)
  assert.ok(run >= 99 && run <= wallMs + TOLERANCE_MS, `${run} ms of ${wallMs} ms`)
  assert.equal(records.filter(({ cold }) => cold).length, 1)
  assert.equal(records.filter(({ init_ms }) => init_ms > 0).length, 1, 'loading is charged once')
})

test('a function that dies at every call is started anew for each, and its neighbour does not notice', async () => {
  const times = ROUNDS * 5
  await besideNeighbour(host, async () => {
    for (let time = 0; time < times; time++) {
      const { status, code } = await call('/process-exit')
      assert.deepEqual([status, code], [502, 'exited'])
    }
  })
  await until('nothing of it is left', async () => (await viewOf(host, 'process-exit')).instances.length === 0)
})
