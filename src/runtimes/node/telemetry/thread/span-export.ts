import { TraceFlags } from '@opentelemetry/api'
import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http'
import { BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { toReadableSpan, type SpanOrigin } from '../../../../tracing/export/readable-span.ts'
import type { SpanData } from '../../../../tracing/span-data.ts'
import type { TelemetrySettings } from '../../../../tracing/export/settings.ts'
import { createSpanEncoder } from './encode-spans.ts'
import { limitSpan } from './limits.ts'

/** Sends spans to a collector, in batches. */
export interface SpanExport {
  /** False when the queue is full: then the span is dropped and counted. */
  hasRoom(): boolean
  /** Takes spans that are made when their batch leaves: what waits must be small. */
  add(make: () => SpanData[]): void
  /** Sends what is queued, then ends. */
  close(): Promise<void>
}

/** What waits in the SDK's queue. */
interface Queued {
  make(): SpanData[]
  spanContext(): { traceFlags: TraceFlags }
  resource: SpanOrigin['resource']
}

const sampled = { traceFlags: TraceFlags.SAMPLED }
const isSampled = () => sampled

/** Makes the way out of spans: the SDK's batching, retries and OTLP over HTTP, with every lost span counted. */
export async function createSpanExport(settings: TelemetrySettings, origin: SpanOrigin, dropped: (spans: number, reason: string) => void): Promise<SpanExport> {
  const exporter = new OTLPExporterBase(await createDelegate(settings.traces!.protocol, origin))
  const { maxQueueSize } = settings.batching
  let queued = 0
  const processor = new BatchSpanProcessor({
    exporter: {
      export(spans, done) {
        queued -= spans.length
        const made = (spans as unknown as Queued[]).flatMap(({ make }) => make().map((span) => limitSpan(span, settings.limits)))
        exporter.export(made, (result: ExportResult) => {
          if (result.code !== ExportResultCode.SUCCESS) dropped(made.length, result.error?.message || 'the collector refused them')
          // A failure is told here and nowhere else.
          done({ code: ExportResultCode.SUCCESS })
        })
      },
      shutdown: () => exporter.shutdown(),
      forceFlush: () => exporter.forceFlush(),
    },
    ...settings.batching,
  })
  return {
    hasRoom: () => queued < maxQueueSize,
    add(make) {
      queued++
      const waiting: Queued = { make, spanContext: isSampled, resource: origin.resource }
      processor.onEnd(waiting as unknown as ReadableSpan)
    },
    close: () => processor.shutdown(),
  }
}

async function createDelegate(protocol: 'http/protobuf' | 'http/json', origin: SpanOrigin) {
  const { JsonTraceSerializer: json, ProtobufTraceSerializer: protobuf } = await import('@opentelemetry/otlp-transformer')
  const encode = createSpanEncoder(origin)
  const options = (type: string) => convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', { 'Content-Type': type })
  const helper = { name: 'span' as const, countItems: (spans: SpanData[]) => spans.length }
  if (protocol === 'http/json') {
    const serializer = { serializeRequest: (spans: SpanData[]) => json.serializeRequest(spans.map((span) => toReadableSpan(span, origin))), deserializeResponse: json.deserializeResponse }
    return createOtlpHttpExportDelegate(options('application/json'), serializer, 'otlp_http_json_span_exporter', helper, undefined)
  }
  const serializer = { serializeRequest: (spans: SpanData[]) => encode(spans), deserializeResponse: protobuf.deserializeResponse }
  return createOtlpHttpExportDelegate(options('application/x-protobuf'), serializer, 'otlp_http_span_exporter', helper, undefined)
}
