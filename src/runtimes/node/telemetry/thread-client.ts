import { Worker } from 'node:worker_threads'
import { ownModule } from '../process/own-module.ts'
import type { MetricSeries } from '../../../tracing/metrics.ts'
import type { FromThread, SpanBatch, ThreadData, ToThread } from './messages.ts'

/** Batches handed over and not yet taken in, before spans are dropped instead: a thread that lags must not fill this process's memory. */
const MOST_WAITING = 8
/** Longest that the end waits for a collector. */
const CLOSE_MS = 2_000
/** Longest that anybody waits for the Prometheus text. */
const PROMETHEUS_MS = 10_000

/** The host's side of the telemetry thread. It lives and dies beside the host: what fails there is told, never thrown. */
export interface TelemetryThread {
  send(batch: SpanBatch): void
  prometheus(series: MetricSeries[]): Promise<string>
  /** Sends what is queued, for at most two seconds. */
  close(): Promise<void>
}

/** What the thread asks of the host. */
export interface ThreadHooks {
  metrics(): MetricSeries[]
  dropped(spans: number, reason: string): void
  warning(message: string): void
}

/** Starts the thread. */
export function startTelemetryThread(data: ThreadData, { metrics, dropped, warning }: ThreadHooks): TelemetryThread {
  const worker = new Worker(ownModule(import.meta.dirname, './thread/main'), { workerData: data })
  const asked = new Map<number, { resolve(text: string): void; reject(error: Error): void }>()
  let lastAsked = 0
  let waiting = 0
  let dead: Error | undefined
  let closed = () => {}
  const tell = (message: ToThread) => worker.postMessage(message)
  const ended = (error: Error) => {
    dead ??= error
    for (const { reject } of asked.values()) reject(error)
    asked.clear()
    closed()
  }
  // A host that ends otherwise is not held up.
  worker.unref()
  worker.on('error', (error) => {
    warning(`the telemetry thread failed: ${String(error)}`)
    ended(error as Error)
  })
  worker.on('exit', () => ended(new Error('the telemetry thread has ended')))
  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'taken':
        return void waiting--
      case 'metrics':
        return tell({ kind: 'metrics', series: metrics() })
      case 'prometheus':
        asked.get(message.id)?.resolve(message.text)
        return void asked.delete(message.id)
      case 'dropped':
        return dropped(message.spans, message.reason)
      case 'warning':
        return warning(message.message)
      case 'closed':
        return closed()
    }
  })
  return {
    send(batch) {
      if (dead || waiting >= MOST_WAITING) return dropped(batch.count, dead ? 'the telemetry thread has ended' : 'the telemetry thread lags')
      waiting++
      tell({ kind: 'spans', batch })
    },
    prometheus: (series) =>
      new Promise((resolve, reject) => {
        if (dead) return reject(dead)
        const id = ++lastAsked
        const timer = setTimeout(() => {
          asked.delete(id)
          reject(new Error(`the telemetry thread did not answer within ${PROMETHEUS_MS / 1000} s`))
        }, PROMETHEUS_MS)
        const answered = <T>(give: (value: T) => void) => (value: T) => {
          clearTimeout(timer)
          give(value)
        }
        asked.set(id, { resolve: answered(resolve), reject: answered(reject) })
        tell({ kind: 'prometheus', id, series })
      }),
    async close() {
      if (!dead) {
        const timer = setTimeout(() => closed(), CLOSE_MS)
        await new Promise<void>((resolve) => {
          closed = resolve
          tell({ kind: 'close' })
        })
        clearTimeout(timer)
      }
      await worker.terminate()
    },
  }
}
