import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { TraceContext } from '../../contract/invocation.ts'
import type { OpenSpan, Telemetry } from '../../ports/telemetry.ts'
import { readTelemetrySettings } from '../../tracing/export/settings.ts'
import { toReadableSpan } from '../../tracing/export/readable-span.ts'
import { spansOf } from '../../tracing/make-spans.ts'
import { addRecord, BATCH_RECORDS, createBatch, readRecords, takeBatch } from '../../tracing/record.ts'
import { createSampler } from '../../tracing/sampler.ts'
import { callerOf } from '../../tracing/trace-context.ts'

/** Telemetry of one isolate. */
export interface WorkersTelemetry extends Telemetry {
  /** Sends the spans that are there as OTLP/HTTP; what is not taken is lost and told. Never rejects. */
  flush(): Promise<void>
}

/** Makes the telemetry that the `OTEL_*` variables of `env` ask for: spans of invocations, as on Node; metrics are not sent from Workers. */
export function createWorkersTelemetry(env: Record<string, unknown>): WorkersTelemetry {
  const variables = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (name.startsWith('OTEL_') && typeof value === 'string' ? [[name, value]] : [])))
  const settings = readTelemetrySettings(variables, (message) => console.warn(message))
  const sample = createSampler(settings.sampler, settings.ratio)
  const endpoint = settings.traces && (variables['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? `${variables['OTEL_EXPORTER_OTLP_ENDPOINT']!.replace(/\/$/, '')}/v1/traces`)
  const headers = { ...readHeaders(variables['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? variables['OTEL_EXPORTER_OTLP_HEADERS']), 'content-type': 'application/json' }
  const origin = {
    resource: resourceFromAttributes({ 'service.name': variables['OTEL_SERVICE_NAME'] ?? 'pressroom', 'cloud.provider': 'cloudflare', 'cloud.platform': 'cloudflare.workers' }),
    scope: { name: 'pressroom' },
  }
  const batch = createBatch()
  let lost = 0

  return {
    open(invocation, memoryMib): OpenSpan {
      const parent = callerOf(invocation)
      const traceId = parent?.traceId ?? randomHex(16)
      const sampled = settings.enabled && sample(traceId, parent?.flags)
      const context: TraceContext = { traceId, spanId: randomHex(8), flags: sampled ? 1 : 0 }
      if (parent?.state !== undefined) context.state = parent.state
      const startAt = Date.now()
      return {
        context,
        end(run, settlement) {
          if (!sampled || endpoint === undefined) return
          if (batch.count === BATCH_RECORDS) lost++
          else addRecord(batch, invocation, run, settlement, { parentSpanId: parent?.spanId ?? '', memoryMib, startAt, endAt: Date.now() })
        },
      }
    },
    async flush() {
      if (endpoint === undefined || batch.count === 0) return
      const spans = [...readRecords(takeBatch(batch))].flatMap(spansOf)
      try {
        const body = JsonTraceSerializer.serializeRequest(spans.map((span) => toReadableSpan(span, origin)))!
        const answer = await fetch(endpoint, { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> })
        await answer.body?.cancel()
        if (!answer.ok) throw new Error(`the collector answered ${answer.status}`)
      } catch (error) {
        lost += spans.length
        console.warn(`telemetry: ${lost} spans lost so far: ${String(error)}`)
      }
    },
  }
}

/** `name=value` pairs with commas between, percent-encoded, as the specification has them. */
function readHeaders(text = ''): Record<string, string> {
  return Object.fromEntries(text.split(',').flatMap((pair) => {
    const equals = pair.indexOf('=')
    return equals > 0 ? [[pair.slice(0, equals).trim(), decodeURIComponent(pair.slice(equals + 1).trim())]] : []
  }))
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex()
}
