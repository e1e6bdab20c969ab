import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { names } from '../../src/tracing/names.ts'
import type { SpanView } from '../../src/ports/telemetry.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { plain, startCollector, typesOf, type Collector, type OtlpSpan } from './otlp-collector.ts'

const SERVER = 2
const CLIENT = 3
const INTERNAL = 1
const ERROR = 2
const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }

let collector: Collector
let host: HostProcess
before(async () => {
  collector = await startCollector()
  host = await startHost({
    functions: 'fixtures/telemetry',
    flags: ['--allow-outbound', '127.0.0.0/8'],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=news',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_SERVICE_NAME: 'morning',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
  })
})
after(async () => {
  await host.stop()
  await collector[Symbol.asyncDispose]()
})

/** The span of an invocation, once it has arrived. */
async function serverSpan(invocation: string): Promise<OtlpSpan> {
  return until(`the span of ${invocation}`, () => collector.spans.find((span) => span.kind === SERVER && plain(span.attributes)[names.faasInvocationId] === invocation))
}
async function call(path: string, headers: Record<string, string> = {}): Promise<{ id: string; status: number; body: string; span: OtlpSpan }> {
  const answer = await fetch(host.url + path, { headers })
  const id = answer.headers.get('pressroom-invocation')!
  return { id, status: answer.status, body: await answer.text(), span: await serverSpan(id) }
}
interface LedgerRecord {
  id: string; billed_ms: number; cost_usd: number; init_ms: number; queue_ms: number; run_ms: number; cold: boolean; trace_id: string; revision: string
}
async function recordOf(id: string): Promise<LedgerRecord> {
  return until(`the record of ${id}`, async () => (await host.admin<{ invocations: LedgerRecord[] }>('/invocations?limit=1000')).invocations.find((one) => one.id === id))
}
const milliseconds = ({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan) => Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6

test('an HTTP invocation is one SERVER span after the conventions, cold and warm, and agrees with the ledger', async () => {
  const port = Number(new URL(host.url).port)
  for (const cold of [true, false]) {
    const { id, span } = await call('/seen?a=1', { 'user-agent': 'reader/1' })
    const record = await recordOf(id)
    const attributes = plain(span.attributes)
    assert.deepEqual([span.name, span.kind, span.status.code, span.parentSpanId ?? '', span.scope.name], ['seen', SERVER, 0, '', 'pressroom'])
    const { [names.faasInstance]: instance, [names.memoryBytes]: memory, [names.cpuMs]: cpu, ...fixed } = attributes
    assert.match(String(instance), /^[0-9a-f-]{36}$/)
    assert.ok(memory === undefined || Number.isInteger(memory))
    assert.ok(Number(cpu) >= 0)
    assert.deepEqual(fixed, {
      'faas.name': 'seen',
      'faas.trigger': 'http',
      'faas.invocation.id': id,
      'faas.invocation_id': id,
      'faas.coldstart': cold,
      'faas.version': record.revision,
      'faas.max_memory': 128 * 1024 * 1024,
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/seen',
      'url.scheme': 'http',
      'url.path': '/seen',
      'url.query': 'a=1',
      'server.address': '127.0.0.1',
      'server.port': port,
      'user_agent.original': 'reader/1',
      'network.protocol.name': 'http',
      'pressroom.outcome': 'ok',
      'pressroom.billed_duration_ms': record.billed_ms,
      'pressroom.cost_usd': record.cost_usd,
      'pressroom.init_duration_ms': record.init_ms,
      'pressroom.queue_duration_ms': record.queue_ms,
      'pressroom.run_duration_ms': record.run_ms,
    })
    assert.deepEqual([record.cold, record.trace_id], [cold, span.traceId])
    const types = typesOf(span.attributes)
    for (const name of ['faas.max_memory', 'http.response.status_code', 'server.port', 'pressroom.billed_duration_ms']) assert.equal(types[name], 'int', name)
    assert.equal(types['faas.coldstart'], 'bool')
    const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === span.spanId)
    for (const child of children) assert.deepEqual([child.kind, child.traceId], [INTERNAL, span.traceId])
    if (!cold) continue
    await until('the span of the load', () => collector.spans.some(({ name, parentSpanId }) => name === 'pressroom.init' && parentSpanId === span.spanId))
    assert.ok(children.every((child) => BigInt(child.startTimeUnixNano) >= BigInt(span.startTimeUnixNano) && milliseconds(child) <= milliseconds(span)))
  }
})

test('a timer invocation tells its cron and its time', async () => {
  const time = '2026-01-01T00:00:00.000Z'
  const answer = await fetch(`${host.adminUrl}/schedules/fire`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ function: 'tock', cron: '0 0 1 JAN *', time }),
  })
  const { invocation } = (await answer.json()) as { invocation: string }
  const span = await serverSpan(invocation)
  const attributes = plain(span.attributes)
  assert.deepEqual([span.name, span.kind, span.status.code], ['tock', SERVER, 0])
  assert.deepEqual(
    ['faas.trigger', 'faas.cron', 'faas.time', 'faas.invocation.start_time', 'faas.coldstart', 'http.request.method', 'url.path'].map((name) => attributes[name]),
    ['timer', '0 0 1 JAN *', time, time, true, undefined, undefined],
  )
})

test('a failed invocation is an error with its exception; 500 is an error, 404 is the caller’s', async () => {
  const { span, status } = await call('/fails')
  const attributes = plain(span.attributes)
  assert.equal(status, 500)
  assert.deepEqual([span.status.code, attributes['error.type'], attributes['pressroom.outcome'], attributes['http.response.status_code']], [ERROR, 'RangeError', 'exception', 500])
  const [event] = span.events
  const told = plain(event!.attributes)
  assert.deepEqual([event!.name, told['exception.type'], told['exception.message']], ['exception', 'RangeError', 'on purpose'])
  assert.match(String(told['exception.stacktrace']), /fails\.ts/)
  const answered = await call('/fails?status=500')
  assert.deepEqual([answered.span.status.code, plain(answered.span.attributes)['error.type']], [ERROR, '500'])
  const missing = await call('/fails?status=404')
  assert.deepEqual([missing.span.status.code, plain(missing.span.attributes)['error.type']], [0, undefined])
})

test('a function that imports the API alone: its spans below the host’s, its fetch with traceparent, the callee below that', async () => {
  const { span, body, id } = await call('/traced', { traceparent: `00-${caller.traceId}-${caller.spanId}-01`, tracestate: 'vendor=x' })
  const told = JSON.parse(body) as { byHand: { traceparent: string; tracestate: string }; seen: { traceparent: string; tracestate: string } }
  assert.deepEqual([span.traceId, span.parentSpanId, span.traceState], [caller.traceId, caller.spanId, 'vendor=x'])
  assert.equal(plain(span.attributes)['reader.id'], 'r1')
  const named = (name: string, kind: number) => until(`${name} of the trace`, () => collector.spans.find((one) => one.traceId === caller.traceId && one.name === name && one.kind === kind))
  const [work, inner, client, callee] = [await named('work', INTERNAL), await named('inner', INTERNAL), await named('GET', CLIENT), await named('seen', SERVER)]
  assert.deepEqual([work, inner, client, callee].map(({ parentSpanId }) => parentSpanId), [span.spanId, work.spanId, work.spanId, client.spanId])
  assert.deepEqual([work.scope.name, work.scope.version, plain(work.attributes)], ['fixture', '1.2.3', { items: 3, names: ['a', 'b'] }])
  assert.deepEqual([inner.status.code, inner.status.message, plain(inner.events[0]!.attributes)['exception.type']], [ERROR, 'not now', 'TypeError'])
  assert.deepEqual(plain(client.attributes), {
    'http.request.method': 'GET', 'url.full': `${host.url}/seen?part=a%20b&token=REDACTED`, 'server.address': '127.0.0.1', 'server.port': Number(new URL(host.url).port), 'http.response.status_code': 200,
  })
  assert.deepEqual([told.byHand.traceparent, told.byHand.tracestate], [`00-${caller.traceId}-${work.spanId}-01`, 'vendor=x'])
  assert.deepEqual([told.seen.traceparent, told.seen.tracestate], [`00-${caller.traceId}-${client.spanId}-01`, 'vendor=x'])
  assert.equal((await recordOf(id)).trace_id, caller.traceId)
})

test('the operator reads a trace by its id or that of an invocation, without any collector', async () => {
  const { id, span } = await call('/seen')
  const byTrace = await host.admin<{ trace_id: string; spans: SpanView[] }>(`/traces/${span.traceId}`)
  assert.deepEqual([byTrace.trace_id, byTrace.spans[0]!.span_id, byTrace.spans[0]!.kind, byTrace.spans[0]!.name], [span.traceId, span.spanId, 'server', 'seen'])
  assert.deepEqual(await host.admin(`/traces/${id}`), byTrace)
  assert.equal((await fetch(`${host.adminUrl}/traces/${'1'.repeat(32)}`)).status, 404)
})

test('a traceparent that a function sets itself stands', async () => {
  const mine = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const { body } = await call('/own-header', { 'x-mine': mine })
  assert.equal((JSON.parse(body) as { traceparent: string }).traceparent, mine)
})

test('what the caller does not sample is counted and billed, not recorded; the decision travels on', async () => {
  const traceId = 'c'.repeat(32)
  const answer = await fetch(`${host.url}/traced`, { headers: { traceparent: `00-${traceId}-${caller.spanId}-00` } })
  const { seen } = (await answer.json()) as { seen: { traceparent: string } }
  assert.match(seen.traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
  assert.equal((await recordOf(answer.headers.get('pressroom-invocation')!)).trace_id, traceId)
  // A later one has arrived: the earlier would have, too.
  await call('/seen')
  assert.equal(collector.spans.filter((span) => span.traceId === traceId).length, 0)
})

test('an invocation may make a thousand spans; the rest is counted', async () => {
  const { span } = await call('/many-spans')
  const theirs = () => collector.spans.filter(({ parentSpanId, scope }) => parentSpanId === span.spanId && scope.name === 'many')
  await until('a thousand spans', () => theirs().length >= 1000)
  assert.equal(theirs().length, 1000)
  await until('the count of the others', async () => /pressroom_spans_dropped_total\{[^}]*\} 500$/m.test(await (await fetch(`${host.adminUrl}/metrics`)).text()))
})

test('the collector learns who sends: resource, headers, paths', () => {
  const resource = plain(collector.resources[0]!)
  assert.deepEqual([resource['service.name'], resource['deployment.environment.name'], resource['telemetry.sdk.language']], ['morning', 'test', 'nodejs'])
  assert.deepEqual([...new Set(collector.requests.map(({ path }) => path))].toSorted(), ['/v1/metrics', '/v1/traces'])
  assert.ok(collector.requests.every(({ headers }) => headers['x-team'] === 'news'))
})
