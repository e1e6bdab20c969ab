import { ValueType } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { AggregationTemporality, DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { HistogramPoint, MetricPoint, MetricSeries } from '../../../../tracing/metrics.ts'
import { hrTime } from '../../../../tracing/export/readable-span.ts'

/** Whose metrics, and since when. Milliseconds since 1970. */
export interface MetricsFrame {
  resource: Resource
  scope: InstrumentationScope
  startedAt: number
  now: number
}

/** Turns the host's sums and buckets into the SDK's data model: cumulative since the start. */
export function toResourceMetrics(series: readonly MetricSeries[], { resource, scope, startedAt, now }: MetricsFrame): ResourceMetrics {
  const startTime = hrTime(startedAt)
  const endTime = hrTime(now)
  const metrics = series.flatMap(({ instrument, points }): MetricData[] => {
    const { name, description, unit, whole, kind, bounds = [] } = instrument
    if (points.length === 0) return []
    const common = {
      descriptor: { name, description, unit, valueType: whole ? ValueType.INT : ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    }
    const point = <T>({ attributes }: MetricPoint, value: T) => ({ attributes, startTime, endTime, value })
    if (kind !== 'histogram') {
      return [{ ...common, dataPointType: DataPointType.SUM, isMonotonic: kind === 'counter', dataPoints: points.map((one) => point(one, one.value as number)) }]
    }
    return [
      {
        ...common,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: points.map((one) => {
          const { counts, sum, count, min, max } = one.value as HistogramPoint
          return point(one, { buckets: { boundaries: [...bounds], counts }, sum, count, min, max })
        }),
      },
    ]
  })
  return { resource, scopeMetrics: [{ scope, metrics }] }
}
