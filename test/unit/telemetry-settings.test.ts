import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTelemetrySettings } from '../../src/tracing/export/settings.ts'

function read(env: Record<string, string>) {
  const warnings: string[] = []
  return { ...readTelemetrySettings(env, (message) => warnings.push(message)), warnings }
}
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

test('without an endpoint nothing leaves; spans are recorded for whoever asks', () => {
  const { enabled, traces, metrics, sampler, warnings } = read({})
  assert.deepEqual([enabled, traces, metrics, sampler, warnings], [true, undefined, undefined, 'parentbased_always_on', []])
})

test('an endpoint sends both signals as protobuf; each can be told apart', () => {
  assert.deepEqual([read(endpoint).traces, read(endpoint).metrics], [{ protocol: 'http/protobuf' }, { protocol: 'http/protobuf', intervalMs: 60_000, timeoutMs: 30_000 }])
  const apart = read({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf' })
  assert.deepEqual([apart.traces?.protocol, apart.metrics?.protocol], ['http/json', 'http/protobuf'])
  const only = read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' })
  assert.deepEqual([only.traces !== undefined, only.metrics], [true, undefined])
  assert.equal(read({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).traces, undefined)
  assert.equal(read({ ...endpoint, OTEL_METRICS_EXPORTER: 'prometheus' }).metrics, undefined)
  const off = read({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' })
  assert.deepEqual([off.enabled, off.traces, off.metrics], [false, undefined, undefined])
})

test('a value that is not understood is told, by name, and counts as not given', () => {
  const { sampler, ratio, batching, traces, warnings } = read({
    ...endpoint, OTEL_TRACES_SAMPLER: 'sometimes', OTEL_TRACES_SAMPLER_ARG: '7', OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'otlp,zipkin',
  })
  assert.deepEqual([sampler, ratio, batching.maxQueueSize, traces?.protocol], ['parentbased_always_on', 1, 2_048, 'http/protobuf'])
  for (const name of ['OTEL_TRACES_SAMPLER', 'OTEL_BSP_MAX_QUEUE_SIZE', 'OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_TRACES_EXPORTER']) {
    assert.ok(warnings.some((warning) => warning.startsWith(`${name}: `)), name)
  }
  assert.match(read({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' }).warnings.join(), /OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1/)
  assert.match(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'nowhere' }).warnings.join(), /expected a URL, found "nowhere"/)
})

test('batching and limits follow their variables', () => {
  const { batching, limits, ratio } = read({
    OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5', OTEL_BSP_EXPORT_TIMEOUT: '1000',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '40', OTEL_ATTRIBUTE_COUNT_LIMIT: '9', OTEL_SPAN_EVENT_COUNT_LIMIT: '2', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25',
  })
  assert.deepEqual(batching, { scheduledDelayMillis: 100, exportTimeoutMillis: 1000, maxQueueSize: 10, maxExportBatchSize: 5 })
  assert.deepEqual(limits, { attributes: 9, valueLength: 40, events: 2, links: 128 })
  assert.equal(ratio, 0.25)
})
