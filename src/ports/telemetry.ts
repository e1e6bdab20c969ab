import type { Invocation, Run, Settlement, TraceContext } from '../contract/invocation.ts'

/** One invocation under way, as telemetry sees it. */
export interface OpenSpan {
  /** Its place in a trace: the caller's when that came along and is valid. */
  readonly context: TraceContext
  /** Takes what it turned out to be. Never throws, waits or blocks; called once. */
  end(run: Run, settlement: Settlement): void
}

/** Tells the world outside what runs here: spans and metrics. What it loses, it counts; it never touches a bill. */
export interface Telemetry {
  /** Begins an invocation. `memoryMib`: configured size of its function, 0 when that is not served any more. */
  open(invocation: Invocation, memoryMib: number): OpenSpan
}

/** One finished span as the operator sees it. */
export interface SpanView {
  name: string
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  span_id: string
  /** null: the first of its trace. May be a span of somebody else. */
  parent_span_id: string | null
  /** Which library made it; `pressroom`: the host. */
  scope: string
  /** ISO 8601 UTC with milliseconds. */
  start: string
  duration_ms: number
  status: 'unset' | 'ok' | 'error'
  message: string | null
  attributes: Record<string, unknown>
  events: { name: string; time: string; attributes: Record<string, unknown> }[]
}

/** What the operator may read of a host's telemetry. */
export interface TelemetryReader {
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<string>
  /** The spans of one trace, oldest first, found by its id or by that of one of its invocations; undefined when they are not kept. */
  trace(id: string): { trace_id: string; spans: SpanView[] } | undefined
}
