/** The thread that talks to collectors: encoding, sending and waiting happen here, never on the loop that serves. */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { diag, DiagLogLevel } from '@opentelemetry/api'
import { BatchReader } from '../../../../tracing/record.ts'
import { spansOf } from '../../../../tracing/make-spans.ts'
import type { MetricSeries } from '../../../../tracing/metrics.ts'
import { readFunctionSpans } from '../function-spans.ts'
import type { FromThread, SpanBatch, ThreadData, ToThread } from '../messages.ts'
import { toResourceMetrics } from './metric-data.ts'
import type { SpanOrigin } from '../../../../tracing/export/readable-span.ts'
import { hostResource } from './resource.ts'

const { settings, version, instance, startedAt } = workerData as ThreadData
const port = parentPort!
const tell = (message: FromThread) => port.postMessage(message)
const resource = hostResource({ version, instance })
const origin: SpanOrigin = { resource, scope: { name: 'pressroom', version } }
const frame = () => ({ resource, scope: origin.scope, startedAt, now: Date.now() })

yieldToServing()
// The SDK's own words, but for what it repeats: the host says each once a minute.
const repeat = (...said: unknown[]) => tell({ kind: 'warning', message: said.map(String).join(' ').slice(0, 500) })
diag.setLogger({ error: repeat, warn: repeat, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN)

let answerMetrics: ((series: MetricSeries[]) => void) | undefined
const readMetrics = () =>
  new Promise<MetricSeries[]>((resolve) => {
    answerMetrics = resolve
    tell({ kind: 'metrics' })
  })
const sender =
  settings.traces && (await (await import('./span-export.ts')).createSpanExport(settings, origin, (count, reason) => tell({ kind: 'dropped', spans: count, reason })))
const stopMetrics =
  settings.metrics && (await (await import('./metric-export.ts')).startMetricExport(settings, resource, async () => toResourceMetrics(await readMetrics(), frame())))

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'spans':
      take(message.batch)
      return tell({ kind: 'taken' })
    case 'metrics':
      answerMetrics?.(message.series)
      answerMetrics = undefined
      return
    case 'prometheus':
      return void prometheus(message.series).then((text) => tell({ kind: 'prometheus', id: message.id, text }))
    case 'close':
      return void Promise.allSettled([sender?.close(), stopMetrics?.()]).then(() => tell({ kind: 'closed' }))
  }
})

function take(batch: SpanBatch) {
  if (!sender) return
  let lost = 0
  const reader = new BatchReader(batch)
  for (let i = 0; i < reader.count; i++) {
    if (sender.hasRoom()) sender.add(() => spansOf(reader.record(i)))
    else lost++
  }
  for (const json of batch.functions) {
    if (sender.hasRoom()) sender.add(() => readFunctionSpans(json))
    else lost += readFunctionSpans(json).length
  }
  if (lost > 0) tell({ kind: 'dropped', spans: lost, reason: 'the queue is full (OTEL_BSP_MAX_QUEUE_SIZE)' })
}

async function prometheus(series: MetricSeries[]): Promise<string> {
  const { PrometheusSerializer } = await import('@opentelemetry/exporter-prometheus')
  const text = new PrometheusSerializer().serialize(toResourceMetrics(series, frame()))
  return text.endsWith('\n') ? text : `${text}\n`
}

/** Gives way to the threads that serve: what is left of the CPU is enough for telemetry, and what it cannot do it drops and counts. */
function yieldToServing() {
  try {
    const [, thread] = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? []
    if (thread) setPriority(Number(thread), 10)
  } catch {
    // Not on Linux, or not allowed: an equal share then.
  }
}
