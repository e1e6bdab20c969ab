import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import { until } from '../journeys/host-process.ts'
import { plain, startCollector, type Collector } from '../journeys/otlp-collector.ts'
import { startWorkersHost, type WorkersHost } from './workers-bundle.ts'

const names = ['broken-stream', 'hello', 'never-settles', 'not-a-response', 'null-body', 'set-cookies', 'stream-large', 'throws', 'tick', 'tick-throws', 'used-response', 'wait-until', 'watch-signal']

describe('the host on Workers', () => {
  let collector: Collector
  let host: WorkersHost
  before(async () => {
    collector = await startCollector()
    host = await startWorkersHost(names, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of%20mine' })
  })
  after(async () => {
    await host[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
  })
  const refusal = async (path: string, init?: RequestInit) => {
    const response = await fetch(host.url + path, init)
    const text = await response.text()
    return { status: response.status, error: (JSON.parse(text) as ErrorBody).error, headers: response.headers }
  }

  test('an answer carries its invocation, and its bill where all is over', async () => {
    const response = await fetch(`${host.url}/hello`, { headers: { 'accept-encoding': 'identity' } })
    assert.equal(await response.text(), 'hello')
    assert.match(response.headers.get('pressroom-invocation') ?? '', /^[0-9a-f-]{36}$/)
    assert.match(response.headers.get('server-timing') ?? '', /^queue;dur=0, init;dur=0, run;dur=[\d.]+, billed;dur=\d+$/)
    assert.equal(response.headers.get('content-length'), '5')
    const later = await fetch(`${host.url}/wait-until?ms=50`)
    assert.equal(await later.text(), 'answered')
    assert.equal(later.headers.get('server-timing'), 'queue;dur=0, init;dur=0')
  })

  test('what cannot be routed has the codes of the catalogue', async () => {
    const unknown = await refusal('/nowhere')
    assert.deepEqual([unknown.status, unknown.error.code, unknown.headers.get('access-control-allow-origin')], [404, 'no_route', '*'])
    const hops = await refusal('/hello', { headers: { 'pressroom-hops': '16' } })
    assert.deepEqual([hops.status, hops.error.code], [508, 'loop_detected'])
    const alias = await refusal('/hello', { headers: { 'pressroom-alias': 'next', 'pressroom-admin-token': 'a guess' } })
    assert.deepEqual([alias.status, alias.error.code], [401, 'unauthorized'])
    const head = await fetch(`${host.url}/nowhere`, { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [404, ''])
  })

  test('a function that throws, answers no Response or takes too long is refused with its invocation, and nothing of its inside', async () => {
    for (const [path, status, code] of [
      ['/throws', 500, 'exception'], ['/not-a-response', 500, 'exception'], ['/not-a-response?what=locked', 500, 'exception'],
      ['/used-response', 500, 'exception'], ['/never-settles', 504, 'timeout'],
    ] as const) {
      const { status: got, error, headers } = await refusal(path)
      assert.deepEqual([path, got, error.code, error.function, error.invocation], [path, status, code, path.slice(1).split('?')[0], headers.get('pressroom-invocation')])
      assert.deepEqual(Object.keys(error).sort(), ['code', 'function', 'invocation', 'message'])
    }
  })

  test('a body that fails in the middle never ends as if it were whole', async () => {
    const response = await fetch(`${host.url}/broken-stream`)
    assert.equal(response.status, 200)
    await assert.rejects(response.text())
  })

  test('a long body comes through byte for byte; statuses without a body have none; cookies stay apart', async () => {
    const bytes = 3 * 1024 * 1024 + 17
    assert.equal((await (await fetch(`${host.url}/stream-large?bytes=${bytes}`)).arrayBuffer()).byteLength, bytes)
    for (const status of [204, 304]) {
      const response = await fetch(`${host.url}/null-body?status=${status}`)
      assert.deepEqual([response.status, await response.text(), response.headers.get('etag')], [status, '', '"one"'])
    }
    assert.equal((await fetch(`${host.url}/set-cookies`)).headers.getSetCookie().length, 3)
  })

  test('a caller that leaves in the middle of a body fires the signal, and its call is canceled', async () => {
    const abort = new AbortController()
    const stream = await fetch(`${host.url}/watch-signal`, { signal: abort.signal })
    await stream.body!.getReader().read()
    abort.abort()
    await until('the signal has fired', async () => {
      const { aborts, reason } = (await (await fetch(`${host.url}/watch-signal/aborts`)).json()) as { aborts: number; reason: string | null }
      return aborts === 1 && reason === 'AbortError'
    }, 60_000)
    await until('the ledger has it', async () => (await host.rows('usage')).some((row) => row['function'] === 'watch-signal' && row['outcome'] === 'canceled'), 60_000)
  })

  test('a tick runs every function of its schedule with its time, and the platform is told of a failure', async () => {
    const worker = await host.miniflare.getWorker('main')
    const scheduledTime = new Date('2026-11-24T10:05:00Z')
    assert.equal((await worker.scheduled({ scheduledTime, cron: '*/5 * * * *' })).outcome, 'ok')
    assert.deepEqual(await (await fetch(`${host.url}/tick`)).json(), [{ cron: '*/5 * * * *', scheduledTime: scheduledTime.getTime() }])
    assert.equal((await worker.scheduled({ scheduledTime, cron: '0 * * * *' })).outcome, 'exception')
  })

  test('calls are summed by minute, function and outcome; the Tail Worker adds what the platform measured', async () => {
    const sums = async (table: 'usage' | 'bill') => {
      const rows = new Map<string, number>()
      for (const row of await host.rows(table)) {
        const key = `${String(row['function'])} ${String(row['outcome'])}`
        rows.set(key, (rows.get(key) ?? 0) + Number(row['invocations']))
      }
      return rows
    }
    for (let i = 0; i < 5; i++) await (await fetch(`${host.url}/set-cookies`)).text()
    for (const table of ['usage', 'bill'] as const) {
      await until(`${table} has all six calls`, async () => (await sums(table)).get('set-cookies ok') === 6, 60_000)
      const all = await sums(table)
      assert.deepEqual([all.get('throws exception'), all.get('never-settles timeout'), all.get('tick-throws exception')], [1, 1, 1], table)
    }
    const bill = await host.rows('bill')
    const hello = bill.find((row) => row['function'] === 'hello')!
    assert.equal(hello['cost_pico'], Number(hello['invocations']) * 300_000 + Math.round(Number(hello['cpu_ms']) * 1000) * 20)
  })

  test('spans leave as OTLP after the conventions, below the caller’s', async () => {
    const traceId = 'a'.repeat(32)
    await (await fetch(`${host.url}/hello`, { headers: { traceparent: `00-${traceId}-${'b'.repeat(16)}-01`, 'user-agent': 'a test' } })).text()
    const find = () => collector.spans.find((span) => span.traceId === traceId)
    await until('the span has come', () => find() !== undefined, 60_000)
    const span = find()!
    const attributes = plain(span.attributes)
    assert.deepEqual([span.name, span.kind, span.parentSpanId], ['hello', 2, 'b'.repeat(16)])
    assert.deepEqual(
      ['faas.trigger', 'http.route', 'http.response.status_code', 'faas.max_memory', 'url.path'].map((name) => attributes[name]),
      ['http', '/hello', 200, 128 * 1024 * 1024, '/hello'],
    )
    assert.ok(Number.isInteger(attributes['pressroom.billed_duration_ms']), JSON.stringify(attributes))
    assert.equal(collector.requests.at(-1)?.headers['x-key'], 'of mine')
    assert.ok(collector.spans.some(({ name, status }) => name === 'throws' && status.code === 2))
  })
})

test('a binding that a function names and the Worker lacks keeps it from starting, named', async () => {
  await assert.rejects(async () => {
    await using host = await startWorkersHost(['hello', '../broken/needs-binding'])
    await fetch(host.url)
  }, /needs-binding\.ts: config\.env: expected a variable, binding or secret of this Worker \(.*\), found \\?"NOBODY_HAS_THIS/)
})
