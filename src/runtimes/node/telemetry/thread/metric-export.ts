import { MeterProvider, PeriodicExportingMetricReader, type MetricProducer, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { Resource } from '@opentelemetry/resources'
import type { TelemetrySettings } from '../../../../tracing/export/settings.ts'

/** Starts the periodic export of metrics; `read` is asked each time. The answer ends it after a last export. */
export async function startMetricExport(settings: TelemetrySettings, resource: Resource, read: () => Promise<ResourceMetrics>): Promise<() => Promise<void>> {
  const { protocol, intervalMs, timeoutMs } = settings.metrics!
  const { OTLPMetricExporter } = protocol === 'http/json' ? await import('@opentelemetry/exporter-metrics-otlp-http') : await import('@opentelemetry/exporter-metrics-otlp-proto')
  const producer: MetricProducer = { collect: async () => ({ resourceMetrics: await read(), errors: [] }) }
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
    metricProducers: [producer],
  })
  const provider = new MeterProvider({ resource, readers: [reader] })
  return () => provider.shutdown()
}
