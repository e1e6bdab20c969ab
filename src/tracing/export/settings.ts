import { samplerNames, type SamplerName } from '../sampler.ts'

/** What the standard `OTEL_*` variables ask for; endpoints, headers, time limits and compression are read by the exporters themselves. */
export interface TelemetrySettings {
  /** False: nothing is recorded or exported; trace context is still carried on. */
  enabled: boolean
  sampler: SamplerName
  /** Of `traceidratio`. */
  ratio: number
  traces: ExportSettings | undefined
  metrics: (ExportSettings & { intervalMs: number; timeoutMs: number }) | undefined
  batching: { scheduledDelayMillis: number; exportTimeoutMillis: number; maxQueueSize: number; maxExportBatchSize: number }
  limits: SpanLimits
}

/** How one signal leaves. */
export interface ExportSettings {
  protocol: 'http/protobuf' | 'http/json'
}

/** What a span may hold; `Infinity`: no limit. */
export interface SpanLimits {
  attributes: number
  /** Characters of a text. */
  valueLength: number
  events: number
  links: number
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the variables. As the specification demands, a value that is not understood is told and counts as not given: telemetry
 * never keeps a host from starting.
 */
export function readTelemetrySettings(env: Environment, warn: (message: string) => void): TelemetrySettings {
  const enabled = !/^true$/i.test(env['OTEL_SDK_DISABLED']?.trim() ?? '')
  const number = (name: string, fallback: number, most = Infinity): number => {
    const text = env[name]?.trim()
    if (!text) return fallback
    const value = Number(text)
    if (Number.isFinite(value) && value >= 0 && value <= most) return value
    warn(`${name}: expected a number ${most === 1 ? 'from 0 to 1' : 'not below 0'}, found "${text}"; ${fallback} is used`)
    return fallback
  }
  const oneOf = <T extends string>(name: string, known: readonly T[], fallback: T): T => {
    const text = env[name]?.trim().toLowerCase()
    if (!text) return fallback
    const found = known.find((one) => one === text)
    if (found === undefined) warn(`${name}: expected one of ${known.join(', ')}, found "${text}"; ${fallback} is used`)
    return found ?? fallback
  }
  const exported = (signal: 'TRACES' | 'METRICS'): ExportSettings | undefined => {
    const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim() || env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim()
    const exporters = (env[`OTEL_${signal}_EXPORTER`] ?? 'otlp').split(',').map((name) => name.trim().toLowerCase())
    for (const name of exporters) {
      if (!['', 'otlp', 'none', ...(signal === 'METRICS' ? ['prometheus'] : [])].includes(name)) {
        warn(`OTEL_${signal}_EXPORTER: expected otlp or none, found "${name}"; it is not used`)
      }
    }
    if (!enabled || !endpoint || !(exporters.includes('otlp') || exporters.includes(''))) return undefined
    if (!URL.canParse(endpoint)) {
      warn(`OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL, found "${endpoint}"; ${signal.toLowerCase()} are not exported`)
      return undefined
    }
    const general = oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', ['http/protobuf', 'http/json'], 'http/protobuf')
    return { protocol: oneOf(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, ['http/protobuf', 'http/json'], general) }
  }
  const sampler = oneOf('OTEL_TRACES_SAMPLER', samplerNames, 'parentbased_always_on')
  const metrics = exported('METRICS')
  const values = number('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', Infinity)
  const intervalMs = Math.max(1, number('OTEL_METRIC_EXPORT_INTERVAL', 60_000))
  return {
    enabled,
    sampler,
    ratio: sampler.endsWith('traceidratio') ? number('OTEL_TRACES_SAMPLER_ARG', 1, 1) : 1,
    traces: exported('TRACES'),
    metrics: metrics && { ...metrics, intervalMs, timeoutMs: Math.min(intervalMs, number('OTEL_METRIC_EXPORT_TIMEOUT', 30_000)) },
    batching: {
      scheduledDelayMillis: number('OTEL_BSP_SCHEDULE_DELAY', 5_000),
      exportTimeoutMillis: number('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
      maxQueueSize: Math.max(1, number('OTEL_BSP_MAX_QUEUE_SIZE', 2_048)),
      maxExportBatchSize: Math.max(1, number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512)),
    },
    limits: {
      attributes: number('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', number('OTEL_ATTRIBUTE_COUNT_LIMIT', 128)),
      valueLength: number('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', values),
      events: number('OTEL_SPAN_EVENT_COUNT_LIMIT', 128),
      links: number('OTEL_SPAN_LINK_COUNT_LIMIT', 128),
    },
  }
}
