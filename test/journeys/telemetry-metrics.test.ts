import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faasInstruments, ownInstruments } from '../../src/tracing/instruments.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { plain, startCollector, type OtlpMetric, type OtlpPoint } from './otlp-collector.ts'
import { parsePrometheus } from './prometheus-text.ts'

const CUMULATIVE = 2
const functions = 'fixtures/telemetry'
const ask = (host: HostProcess, path: string) => fetch(host.url + path).then((answer) => answer.arrayBuffer().then(() => answer))
const prometheus = async (host: HostProcess) => {
  const answer = await fetch(`${host.adminUrl}/metrics`)
  assert.match(answer.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
  return parsePrometheus(await answer.text())
}
/** The value of the one sample that has these labels. */
const valueOf = (families: Awaited<ReturnType<typeof prometheus>>, family: string, name: string, labels: Record<string, string>) =>
  families.get(family)?.samples.find((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value
const fire = (host: HostProcess) =>
  fetch(`${host.adminUrl}/schedules/fire`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ function: 'tock', cron: '0 0 1 JAN *' }) })

test('the metrics of the conventions and our own leave with their names, units, types, buckets and values', async () => {
  await using collector = await startCollector()
  await using host = await startHost({
    functions, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_METRIC_EXPORT_INTERVAL: '200', OTEL_TRACES_SAMPLER: 'always_off' },
  })
  for (const path of ['/seen', '/seen', '/fails', '/fails?status=500']) await ask(host, path)
  await fire(host)
  const value = (metrics: OtlpMetric[], name: string, attributes: Record<string, unknown>): OtlpPoint | undefined => {
    const { sum, histogram } = metrics.find((metric) => metric.name === name) ?? {}
    return (sum ?? histogram)?.dataPoints.find((point) => JSON.stringify(plain(point.attributes)) === JSON.stringify(attributes))
  }
  const http = { 'faas.trigger': 'http' }
  const metrics = await until('an export with all five invocations', () =>
    collector.metrics.findLast((one) => Number(value(one, 'faas.invocations', http)?.asInt) === 3 && value(one, 'faas.invocations', { 'faas.trigger': 'timer' })),
  )
  for (const { name, unit, kind, whole, description, bounds } of [...Object.values(faasInstruments), ...Object.values(ownInstruments)]) {
    const metric = metrics.find((one) => one.name === name)
    // Nobody waits for these without a reason: no point, no metric.
    if (!metric && kind === 'histogram') continue
    assert.ok(metric, name)
    assert.deepEqual([metric.unit, metric.description], [unit, description], name)
    const data = kind === 'histogram' ? metric.histogram : metric.sum
    assert.equal(data?.aggregationTemporality, CUMULATIVE, name)
    if (kind === 'counter') assert.equal(metric.sum?.isMonotonic, true, name)
    for (const point of data?.dataPoints ?? []) {
      assert.deepEqual(Object.keys(plain(point.attributes)), name.startsWith('faas.') ? ['faas.trigger'] : ['faas.name', 'faas.trigger'], name)
      if (kind === 'counter') assert.ok(whole ? point.asInt !== undefined : point.asDouble !== undefined, name)
      else {
        assert.deepEqual(point.explicitBounds, bounds, name)
        assert.equal(point.bucketCounts!.reduce<number>((sum, count) => sum + Number(count), 0), Number(point.count), name)
      }
    }
  }
  const count = (name: string, attributes = http) => Number(value(metrics, name, attributes)?.asInt ?? value(metrics, name, attributes)?.count)
  assert.deepEqual(
    ['faas.invocations', 'faas.errors', 'faas.timeouts', 'faas.coldstarts', 'faas.invoke_duration', 'faas.init_duration', 'faas.cpu_usage', 'faas.net_io'].map((name) => count(name)),
    [3, 1, 0, 2, 4, 2, 4, 4],
  )
  // Nothing was sampled: the metrics are complete all the same, as the bill is.
  assert.equal(collector.spans.length, 0)
  const { invocations } = await until('the ledger of all five', async () => {
    const page = await host.admin<{ invocations: { function: string; billed_ms: number; cost_usd: number }[] }>('/invocations?limit=100')
    return page.invocations.length === 5 && page
  })
  for (const name of ['seen', 'fails']) {
    const own = invocations.filter((one) => one.function === name)
    const attributes = { 'faas.name': name, ...http }
    assert.equal(Number(value(metrics, 'pressroom.billed_duration', attributes)?.asInt), own.reduce((sum, one) => sum + one.billed_ms, 0))
    assert.ok(Math.abs(value(metrics, 'pressroom.cost_usd', attributes)!.asDouble! - own.reduce((sum, one) => sum + one.cost_usd, 0)) < 1e-12)
  }
})

test('Prometheus reads the same metrics, without any collector', async () => {
  await using host = await startHost({ functions })
  await ask(host, '/seen')
  await ask(host, '/fails')
  const families = await prometheus(host)
  const http = { faas_trigger: 'http' }
  assert.equal(families.get('faas_invocations_total')?.type, 'counter')
  assert.equal(valueOf(families, 'faas_invocations_total', 'faas_invocations_total', http), 1)
  assert.equal(valueOf(families, 'faas_errors_total', 'faas_errors_total', http), 1)
  assert.equal(families.get('faas_invoke_duration')?.type, 'histogram')
  assert.equal(valueOf(families, 'faas_invoke_duration', 'faas_invoke_duration_count', http), 2)
  assert.equal(valueOf(families, 'pressroom_instances', 'pressroom_instances', { faas_name: 'seen', pressroom_instance_state: 'ready' }), 1)
  assert.equal(families.get('pressroom_instances')?.type, 'gauge')
  assert.equal(valueOf(families, 'target_info', 'target_info', { service_name: 'pressroom' }), 1)
})

test('by default spans and metrics leave as protobuf, and what is left leaves at the end', async () => {
  await using collector = await startCollector()
  const host = await startHost({ functions, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  await ask(host, '/seen?needle')
  assert.equal(await host.stop(), 0)
  const of = (path: string) => collector.requests.filter((request) => request.path === path)
  assert.ok(of('/v1/traces').length > 0 && of('/v1/metrics').length > 0)
  assert.ok(collector.requests.every(({ type }) => type === 'application/x-protobuf'))
  assert.ok(of('/v1/traces').some(({ body }) => body.includes('needle')))
  assert.ok(of('/v1/metrics').some(({ body }) => body.includes('faas.invoke_duration')))
})

for (const [what, status] of [['is silent', null], ['answers 500', 500]] as const) {
  test(`a collector that ${what} costs spans, which are counted and told, and nothing else`, async () => {
    await using collector = await startCollector()
    collector.answer(status)
    const host = await startHost({
      functions, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2', OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BSP_EXPORT_TIMEOUT: '500', OTEL_EXPORTER_OTLP_TIMEOUT: '300' },
    })
    for (let i = 0; i < 40; i++) assert.equal((await ask(host, '/seen')).status, 200)
    await until('drops that are counted', async () => (valueOf(await prometheus(host), 'pressroom_spans_dropped_total', 'pressroom_spans_dropped_total', {}) ?? 0) > 0)
    assert.equal(valueOf(await prometheus(host), 'faas_invocations_total', 'faas_invocations_total', { faas_trigger: 'http' }), 40)
    await host.line((line) => /telemetry: \d+ spans were dropped: /.test(line))
    assert.equal(await host.stop(), 0)
  })
}

test('switched off, telemetry records nothing and carries a caller’s trace on all the same', async () => {
  await using collector = await startCollector()
  await using host = await startHost({ functions, env: { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  const traceparent = `00-${'d'.repeat(32)}-${'e'.repeat(16)}-01`
  const answer = await fetch(`${host.url}/seen`, { headers: { traceparent } })
  assert.equal(((await answer.json()) as { traceparent: string }).traceparent, traceparent)
  assert.equal((await prometheus(host)).has('faas_invocations_total'), false)
  assert.equal((await fetch(`${host.adminUrl}/traces/${'d'.repeat(32)}`)).status, 404)
  assert.equal(collector.requests.length, 0)
})
