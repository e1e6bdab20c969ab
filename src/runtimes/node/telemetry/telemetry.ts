import { randomUUID } from 'node:crypto'
import type { Invocation, Run, Settlement, TraceContext } from '../../../contract/invocation.ts'
import type { QueueView } from '../../../host/operator.ts'
import type { OpenSpan, Telemetry, TelemetryReader } from '../../../ports/telemetry.ts'
import { createMetrics, type MetricSeries } from '../../../tracing/metrics.ts'
import { hostInstruments } from '../../../tracing/instruments.ts'
import { names } from '../../../tracing/names.ts'
import { addRecord, createBatch, takeBatch } from '../../../tracing/record.ts'
import { createSampler } from '../../../tracing/sampler.ts'
import { callerOf } from '../../../tracing/trace-context.ts'
import { newSpanId, newTraceId } from './ids.ts'
import type { SpanBatch } from './messages.ts'
import { createRecentSpans } from './recent.ts'
import type { TelemetrySettings } from '../../../tracing/export/settings.ts'
import { createTeller } from './teller.ts'
import { startTelemetryThread, type TelemetryThread } from './thread-client.ts'
import { toSpanView } from './trace-view.ts'
import { wallNow } from './wall-clock.ts'

/** How long a span waits for others before it is handed on. */
const EVERY_MS = 200
/** Characters of functions' spans in one batch. */
const FUNCTION_CHARACTERS = 4 * 1024 * 1024

/** Telemetry on Node: counted and packed on the host's loop, encoded and sent by a thread. */
export interface NodeTelemetry extends Telemetry, TelemetryReader {
  /** Takes spans that a function made, as its instance wrote them, and how many it dropped there. */
  functionSpans(json: string, dropped: number): void
  /** Sends what is not yet sent, for at most two seconds. */
  close(): Promise<void>
}

/** With telemetry switched off the caller's trace is still carried on, unsampled if there is none. */
function passOn(invocation: Invocation): OpenSpan {
  const parent = callerOf(invocation)
  const context: TraceContext = { traceId: parent?.traceId ?? newTraceId(), spanId: parent?.spanId ?? newSpanId(), flags: parent?.flags ?? 0 }
  if (parent?.state !== undefined) context.state = parent.state
  return { context, end() {} }
}

/** What telemetry needs to know of its host. */
export interface NodeTelemetryOptions {
  settings: TelemetrySettings
  version: string
  warn(message: string): void
  /** Instances alive now, by function and state. */
  instances(): { function: string; state: string; count: number }[]
  /** Default: there are none. */
  queues?(): Promise<Pick<QueueView, 'queue' | 'messages' | 'oldest_age_s' | 'dead'>[]>
}

/** Starts telemetry. Without an endpoint there is no thread until somebody asks for the metrics. */
export function createNodeTelemetry({ settings, version, warn, instances, queues = async () => [] }: NodeTelemetryOptions): NodeTelemetry {
  const sample = createSampler(settings.sampler, settings.ratio)
  const metrics = createMetrics()
  const recent = createRecentSpans()
  const startedAt = wallNow()
  const exporting = settings.traces !== undefined
  let thread: TelemetryThread | undefined
  const batch = createBatch()
  let functions: string[] = []
  let functionCharacters = 0
  let timer: NodeJS.Timeout | undefined
  let droppedTotal = 0

  const dropped = (spans: number, reason: string) => {
    droppedTotal += spans
    tellLater('dropped', spans, reason)
  }
  const tellLater = createTeller(warn)
  const theThread = () =>
    (thread ??= startTelemetryThread(
      { settings, version, instance: randomUUID(), startedAt },
      { metrics: read, dropped, warning: (message) => tellLater('warning', 1, message) },
    ))
  if (exporting || settings.metrics) theThread()

  /** As they were when somebody last asked: the store answers later than metrics are read. */
  let depths: Awaited<ReturnType<typeof queues>> = []
  const askQueues = async () => {
    depths = await queues().catch(() => depths)
  }
  const ofQueues = (value: (queue: (typeof depths)[number]) => number) => depths.map((at) => ({ attributes: { [names.messagingDestination]: at.queue }, value: value(at) }))

  function read(): MetricSeries[] {
    void askQueues()
    const alive = instances().map((at) => ({ attributes: { [names.faasName]: at.function, [names.instanceState]: at.state }, value: at.count }))
    return [
      ...metrics.read(),
      { instrument: hostInstruments.instances, points: alive },
      { instrument: hostInstruments.queueMessages, points: ofQueues(({ messages }) => messages) },
      { instrument: hostInstruments.queueOldest, points: ofQueues(({ oldest_age_s: age }) => age ?? 0) },
      { instrument: hostInstruments.queueDead, points: ofQueues(({ dead }) => dead) },
      { instrument: hostInstruments.spansDropped, points: [{ attributes: {}, value: droppedTotal }] },
    ]
  }
  function flush() {
    clearTimeout(timer)
    timer = undefined
    if (batch.count === 0 && functions.length === 0) return
    const full: SpanBatch = { ...takeBatch(batch), functions }
    functions = []
    functionCharacters = 0
    recent.keep(full)
    if (exporting) theThread().send(full)
  }
  const flushLater = () => {
    timer ??= setTimeout(flush, EVERY_MS).unref()
  }

  class Recorded implements OpenSpan {
    readonly context: TraceContext
    readonly #invocation: Invocation
    readonly #parentSpanId: string
    readonly #memoryMib: number
    readonly #startAt = wallNow()
    constructor(invocation: Invocation, memoryMib: number) {
      const parent = callerOf(invocation)
      const traceId = parent?.traceId ?? newTraceId()
      this.#invocation = invocation
      this.#memoryMib = memoryMib
      this.#parentSpanId = parent?.spanId ?? ''
      this.context = { traceId, spanId: newSpanId(), flags: sample(traceId, parent?.flags) ? 1 : 0 }
      if (parent?.state !== undefined) this.context.state = parent.state
    }
    end(run: Run, settlement: Settlement): void {
      const endAt = wallNow()
      metrics.record(this.#invocation, run, settlement, endAt - this.#startAt)
      if (this.context.flags === 0) return
      const frame = { parentSpanId: this.#parentSpanId, memoryMib: this.#memoryMib, startAt: this.#startAt, endAt }
      if (addRecord(batch, this.#invocation, run, settlement, frame)) flush()
      else if (timer === undefined) flushLater()
    }
  }

  return {
    open: settings.enabled ? (invocation, memoryMib) => new Recorded(invocation, memoryMib) : passOn,
    functionSpans(json, lost) {
      if (!settings.enabled) return
      if (lost > 0) dropped(lost, 'more than 1,000 spans, or 1 MiB of them, in one invocation')
      if (json === '[]') return
      functionCharacters += json.length
      functions.push(json)
      if (functionCharacters > FUNCTION_CHARACTERS) flush()
      else flushLater()
    },
    async metrics() {
      if (settings.enabled) await askQueues()
      return theThread().prometheus(settings.enabled ? read() : [])
    },
    trace(id) {
      flush()
      const [first, ...rest] = recent.find(id)
      return first && { trace_id: first.traceId, spans: [first, ...rest].map(toSpanView) }
    },
    async close() {
      flush()
      await thread?.close()
      tellLater.rest()
    },
  }
}
