import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import type { BillRow, BillSums, InvocationRecord } from '../../src/admin/ledger-routes.ts'
import type { BudgetView } from '../../src/host/operator.ts'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'

interface Bill {
  rows: BillRow[]
  total: BillSums
  budgets: BudgetView[]
}

const hello = `
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname.endsWith('/fails')) throw new Error('as asked')
    if (pathname.endsWith('/later')) ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 50)))
    if (pathname.endsWith('/large')) return new Response(new Uint8Array(100_000))
    if (pathname.endsWith('/stream')) return new Response(new ReadableStream({ async pull(to) { await new Promise((go) => setTimeout(go, 20)); to.enqueue(new Uint8Array(10)) } }))
    if (pathname.endsWith('/memory')) globalThis.held = Buffer.alloc(40 * 1024 * 1024, 1)
    return new Response('hello')
  },
  async scheduled() {},
}
export const config = { routes: ['GET /hello/*', 'POST /hello/*'], schedules: ['0 0 1 1 *'], memory: 256 }`

describe('what calls cost', () => {
  const folder = makeFunctionFolder()
  folder.write('hello.ts', hello)
  let host: HostProcess
  before(async () => {
    host = await startHost({ functions: folder.functions, cwd: folder.cwd, data: folder.data, flags: ['--max-body', '1KiB'] })
  })
  after(async () => {
    await host.stop()
    folder[Symbol.dispose]()
  })
  const records = async (query = '') => (await host.admin<{ invocations: InvocationRecord[] }>(`/invocations?limit=1000${query}`)).invocations
  const record = async (id: string) => {
    let found: InvocationRecord | undefined
    await until(`the record of ${id}`, async () => (found = (await records()).find((one) => one.id === id)) !== undefined)
    return found!
  }
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${host.url}/hello${path}`, init)
    await response.arrayBuffer()
    return { status: response.status, id: response.headers.get('pressroom-invocation'), timing: response.headers.get('server-timing') }
  }
  const timing = ({ queue_ms, init_ms, run_ms, billed_ms }: InvocationRecord) => {
    const told = (ms: number) => String(Math.round(ms * 1000) / 1000)
    return `queue;dur=${told(queue_ms)}, init;dur=${told(init_ms)}, run;dur=${told(run_ms)}, billed;dur=${billed_ms}`
  }

  test('the bill on an answer is the one in the ledger, cold and warm', async () => {
    for (const cold of [true, false]) {
      const { status, id, timing: told } = await call('/')
      const kept = await record(id!)
      assert.equal(told, timing(kept))
      assert.deepEqual([status, kept.status, kept.outcome, kept.trigger, kept.cold, kept.memory_mb], [200, 200, 'ok', 'http', cold, 256])
      assert.equal(kept.init_ms > 0, cold)
      assert.equal(kept.billed_ms, Math.ceil(Math.round((kept.init_ms + kept.run_ms) * 1000) / 1000))
      assert.equal(kept.gb_seconds, (256 / 1024) * (kept.billed_ms / 1000))
      assert.equal(kept.cost_usd, (200_000 + Math.round((256 * kept.billed_ms * 16_666_700) / 1_024_000)) / 1e12)
      assert.ok(kept.max_memory_mb > 1 && kept.max_memory_mb < 200, `measured: ${kept.max_memory_mb}`)
    }
  })

  test('a failure is billed and says so', async () => {
    const { status, id, timing: told } = await call('/fails')
    const kept = await record(id!)
    assert.deepEqual([status, kept.outcome, kept.status], [500, 'exception', 500])
    assert.equal(told, timing(kept))
  })

  test('what is not over yet promises only what is known', async () => {
    for (const path of ['/later', '/large']) {
      const { id, timing: told } = await call(path)
      const kept = await record(id!)
      assert.match(told!, /^queue;dur=[\d.]+, init;dur=0$/)
      assert.equal(kept.outcome, 'ok')
      if (path === '/later') assert.ok(kept.billed_ms >= 49, 'work after the answer is billed')
    }
  })

  test('a client that leaves is billed until the call has settled', async () => {
    const sent = request(`${host.url}/hello/stream`).end()
    const [response] = await once(sent, 'response')
    await once(response, 'data')
    sent.destroy()
    const kept = await record(response.headers['pressroom-invocation'])
    assert.deepEqual([kept.outcome, kept.status], ['canceled', 200])
    assert.ok(kept.billed_ms > 0)
  })

  test('a tick has its record', async () => {
    const answer = await fetch(`${host.adminUrl}/schedules/fire`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ function: 'hello', cron: '0 0 1 1 *' }),
    })
    const { invocation } = (await answer.json()) as { invocation: string }
    const kept = await record(invocation)
    assert.deepEqual([kept.trigger, kept.outcome, kept.status], ['timer', 'ok', null])
    assert.ok(kept.cost_usd > 0)
  })

  test('peak memory is what was measured, never the configured size', async () => {
    const { max_memory_mb: before } = await record((await call('/')).id!)
    const { max_memory_mb: filled } = await record((await call('/memory')).id!)
    assert.ok(filled > before + 30 && filled !== 256, `${before} → ${filled}`)
  })

  test('what no function ran is no invocation', async () => {
    const before = (await records()).length
    assert.deepEqual(
      [(await fetch(`${host.url}/nobody`)).status, (await call('/', { method: 'DELETE' })).status, (await call('/', { method: 'POST', body: 'x'.repeat(2000) })).status],
      [404, 405, 413],
    )
    assert.equal((await records()).length, before)
  })

  test('the total of a bill is the sum of its rows and of the records, and a restart loses none of it', async () => {
    const check = async () => {
      const [kept, byFunction, byHour] = await Promise.all([records(), host.admin<Bill>('/bill'), host.admin<Bill>('/bill?group=hour')])
      const pico = (usd: number) => Math.round(usd * 1e12)
      assert.equal(byFunction.total.invocations, kept.length)
      assert.equal(byFunction.total.errors, kept.filter(({ outcome }) => outcome === 'exception').length)
      assert.equal(byFunction.total.billed_ms, kept.reduce((sum, { billed_ms }) => sum + billed_ms, 0))
      assert.equal(pico(byFunction.total.cost_usd), kept.reduce((sum, { cost_usd }) => sum + pico(cost_usd), 0))
      assert.equal(byHour.rows.reduce((sum, { billed_ms }) => sum + billed_ms, 0), byFunction.total.billed_ms)
      return byFunction.total
    }
    await Promise.all(Array.from({ length: 50 }, () => call('/')))
    const before = await check()
    assert.equal(await host.stop(), 0)
    host = await startHost({ functions: folder.functions, cwd: folder.cwd, data: folder.data })
    assert.deepEqual(await check(), before)
  })
})

test('a function that calls itself without end is stopped by its budget', async () => {
  using folder = makeFunctionFolder()
  // Twice as many calls with every hop: what the limit on hops allows is more than anybody wants to pay for.
  folder.write('runaway.ts', `
export default { async fetch(request) {
  const again = () => fetch(request.url).then((response) => response.arrayBuffer()).catch(() => {})
  await Promise.all([again(), again()])
  return new Response('and on')
} }
export const config = { timeout: 2, budget: 0.0008, maxInstances: 2, maxWaiting: 10000 }`)
  await using host = await startHost({ functions: folder.functions, cwd: folder.cwd, flags: ['--allow-outbound', '127.0.0.1'] })
  await fetch(`${host.url}/runaway`)
  const refused = await (async () => {
    for (;;) {
      const response = await fetch(`${host.url}/runaway`)
      const body = (await response.json().catch(() => null)) as { error: { code: string } } | null
      if (body?.error.code === 'budget_exceeded' && Number(response.headers.get('retry-after')) > 1) return response
    }
  })()
  assert.equal(refused.status, 429)
  const untilMidnight = 86_400 - (Date.now() / 1000) % 86_400
  assert.ok(Math.abs(Number(refused.headers.get('retry-after')) - untilMidnight) < 60)
  await until('nothing is in flight', async () => (await host.admin<Bill>('/bill')).budgets[0]!.reserved_usd === 0)
  const { total, budgets } = await host.admin<Bill>('/bill')
  assert.ok(total.cost_usd <= 0.0008 && total.throttled > 0, JSON.stringify(total))
  assert.equal(budgets[0]!.spent_usd, total.cost_usd)
  assert.ok(host.lines.some((line) => line.includes('the budget of runaway is spent')))
})
