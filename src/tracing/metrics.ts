import type { Invocation, Run, Settlement, Trigger } from '../contract/invocation.ts'
import { faasInstruments, ownInstruments, type Instrument } from './instruments.ts'
import { names } from './names.ts'

/** One value of a metric: a number, or the buckets of a histogram. */
export interface MetricPoint {
  attributes: Record<string, string>
  value: number | HistogramPoint
}

/** What a histogram has counted; `counts` has one more than there are bounds. */
export interface HistogramPoint {
  counts: number[]
  sum: number
  count: number
  /** Of all that was recorded; meaningless while `count` is 0. */
  min: number
  max: number
}

/** A metric and all its points since the host started. */
export interface MetricSeries {
  instrument: Instrument
  points: MetricPoint[]
}

/** Counts every settled invocation, sampled or not. */
export interface Metrics {
  /** @param wallMs from acceptance to the end, by the clock on the wall */
  record(invocation: Invocation, run: Run, settlement: Settlement, wallMs: number): void
  /** All there is, copied. */
  read(): MetricSeries[]
}

/** Makes the metrics of one host: sums and buckets in plain memory, so that counting a call costs a fraction of a microsecond. */
export function createMetrics(): Metrics {
  const faas = new Map<Trigger, FaasCounts>()
  const own = new Map<string, Map<Trigger, OwnCounts>>()
  return {
    record(invocation, run, settlement, wallMs) {
      const { trigger } = invocation
      let shared = faas.get(trigger)
      if (!shared) faas.set(trigger, (shared = new FaasCounts()))
      shared.record(settlement, wallMs)
      let byTrigger = own.get(invocation.function)
      if (!byTrigger) own.set(invocation.function, (byTrigger = new Map()))
      let counts = byTrigger.get(trigger)
      if (!counts) byTrigger.set(trigger, (counts = new OwnCounts()))
      counts.record(run, settlement)
    },
    read() {
      const shared = [...faas].map(([trigger, counts]) => ({ attributes: { [names.faasTrigger]: trigger }, counts }))
      const ours = [...own].flatMap(([name, byTrigger]) =>
        [...byTrigger].map(([trigger, counts]) => ({ attributes: { [names.faasName]: name, [names.faasTrigger]: trigger }, counts })),
      )
      return [...seriesOf(faasInstruments, shared), ...seriesOf(ownInstruments, ours)]
    },
  }
}

class FaasCounts implements Record<keyof typeof faasInstruments, number | Histogram> {
  invokeDuration = new Histogram(faasInstruments.invokeDuration)
  initDuration = new Histogram(faasInstruments.initDuration)
  cpuUsage = new Histogram(faasInstruments.cpuUsage)
  memUsage = new Histogram(faasInstruments.memUsage)
  netIo = new Histogram(faasInstruments.netIo)
  invocations = 0
  errors = 0
  timeouts = 0
  coldstarts = 0
  record({ outcome, delivered, cold, queueMs, initMs, cpuMs, maxMemoryBytes, netBytes }: Settlement, wallMs: number): void {
    if (outcome === 'ok') this.invocations++
    else if (delivered ? outcome !== 'canceled' : outcome === 'init_failed') {
      this.errors++
      if (outcome === 'timeout') this.timeouts++
    }
    if (!delivered) return
    this.invokeDuration.record(Math.max(0, wallMs - queueMs) / 1000)
    this.cpuUsage.record(cpuMs / 1000)
    if (maxMemoryBytes > 0) this.memUsage.record(maxMemoryBytes)
    if (netBytes !== undefined) this.netIo.record(netBytes)
    if (!cold) return
    this.coldstarts++
    this.initDuration.record(initMs / 1000)
  }
}

class OwnCounts implements Record<keyof typeof ownInstruments, number | Histogram> {
  queueDuration = new Histogram(ownInstruments.queueDuration)
  coldWait = new Histogram(ownInstruments.coldWait)
  billedDuration = 0
  throttled = 0
  overloaded = 0
  canceled = 0
  skipped = 0
  #costPico = 0
  get cost(): number {
    return this.#costPico / 1e12
  }
  record({ delivery }: Run, { outcome, bill }: Settlement): void {
    if (outcome === 'throttled' || outcome === 'overloaded' || outcome === 'canceled' || outcome === 'skipped') this[outcome]++
    if (bill) {
      this.billedDuration += bill.billedMs
      this.#costPico += bill.costPico
    }
    if (!delivery) return
    this.queueDuration.record(delivery.queueMs / 1000)
    if (delivery.coldWait) this.coldWait.record(delivery.queueMs / 1000)
  }
}

class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  #sum = 0
  #count = 0
  #min = Infinity
  #max = -Infinity
  constructor({ bounds = [] }: Instrument) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }
  record(value: number): void {
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++
    this.#counts[bucket]!++
    this.#sum += value
    this.#count++
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }
  read(): HistogramPoint {
    return { counts: [...this.#counts], sum: this.#sum, count: this.#count, min: this.#min, max: this.#max }
  }
}

/** A histogram that has seen nothing has no point; a counter begins at 0. */
function seriesOf<Key extends string>(
  instruments: Record<Key, Instrument>,
  rows: { attributes: Record<string, string>; counts: Readonly<Record<NoInfer<Key>, number | Histogram>> }[],
): MetricSeries[] {
  return (Object.keys(instruments) as Key[]).map((key) => ({
    instrument: instruments[key],
    points: rows.flatMap(({ attributes, counts }): MetricPoint[] => {
      const value: number | Histogram = counts[key]
      if (typeof value === 'number') return [{ attributes, value }]
      const point = value.read()
      return point.count === 0 ? [] : [{ attributes, value: point }]
    }),
  }))
}
