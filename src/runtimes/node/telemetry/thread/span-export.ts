import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace'
import type { TelemetrySettings } from '../settings.ts'

/** Sends spans to a collector, in batches. */
export interface SpanExport {
  /** False when the queue is full: then the span is dropped and counted. */
  hasRoom(): boolean
  add(span: ReadableSpan): void
  /** Counts spans that were given up before they became spans. */
  drop(spans: number, reason: string): void
  /** Sends what is queued, then ends. */
  close(): Promise<void>
}

/** Makes the way out of spans: the SDK's batching and OTLP, with every lost span counted. */
export async function createSpanExport(settings: TelemetrySettings, dropped: (spans: number, reason: string) => void): Promise<SpanExport> {
  const { OTLPTraceExporter } =
    settings.traces!.protocol === 'http/json' ? await import('@opentelemetry/exporter-trace-otlp-http') : await import('@opentelemetry/exporter-trace-otlp-proto')
  const exporter: SpanExporter = new OTLPTraceExporter()
  const { maxQueueSize } = settings.batching
  let queued = 0
  const counting: SpanExporter = {
    export(spans, done) {
      queued -= spans.length
      exporter.export(spans, (result: ExportResult) => {
        if (result.code !== ExportResultCode.SUCCESS) dropped(spans.length, result.error?.message || 'the collector refused them')
        // A failure is told here and nowhere else.
        done({ code: ExportResultCode.SUCCESS })
      })
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush ? { forceFlush: () => exporter.forceFlush!() } : {}),
  }
  const processor = new BatchSpanProcessor({ exporter: counting, ...settings.batching })
  return {
    hasRoom: () => queued < maxQueueSize,
    add(span) {
      queued++
      processor.onEnd(span)
    },
    drop: dropped,
    close: () => processor.shutdown(),
  }
}
