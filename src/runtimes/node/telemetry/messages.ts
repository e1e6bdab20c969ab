import type { Batch } from '../../../tracing/record.ts'
import type { MetricSeries } from '../../../tracing/metrics.ts'
import type { TelemetrySettings } from '../../../tracing/export/settings.ts'

/** What the thread is started with. */
export interface ThreadData {
  settings: TelemetrySettings
  /** Of this host, for the resource. */
  version: string
  instance: string
  /** Milliseconds since 1970 at which counting began. */
  startedAt: number
}

/** Spans of one moment: the host's in one batch, those of functions as their instances wrote them. */
export interface SpanBatch extends Batch {
  /** JSON, one list of spans each. */
  functions: string[]
}

/** Host → thread. `metrics` answers what the thread asked, or asks for the Prometheus text itself. */
export type ToThread =
  | { kind: 'spans'; batch: SpanBatch }
  | { kind: 'metrics'; series: MetricSeries[] }
  | { kind: 'prometheus'; id: number; series: MetricSeries[] }
  | { kind: 'close' }

/** Thread → host. */
export type FromThread =
  /** One batch has been taken in. */
  | { kind: 'taken' }
  /** The metrics are due to be exported. */
  | { kind: 'metrics' }
  | { kind: 'prometheus'; id: number; text: string }
  /** Spans lost since the last time, and why. */
  | { kind: 'dropped'; spans: number; reason: string }
  | { kind: 'warning'; message: string }
  | { kind: 'closed' }
