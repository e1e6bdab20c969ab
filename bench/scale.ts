/**
 * A function that computes, under a load that rises and falls: how many instances there are, what is answered and what is
 * refused each second; whether they go when nobody calls; and what is left of the goodput at twice the load that saturates.
 * `npm run demo:scale`, `node bench/scale.ts [--seconds 30] [--peak 200] [--json]`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { FunctionView } from '../src/host/operator.ts'
import { startHost, until, type HostProcess } from '../test/journeys/host-process.ts'
import { openLoad, quantile, type Shot } from './open-load.ts'

/** How long and how hard. */
export interface ScaleOptions {
  /** Of the ramp: half of it up, half down. */
  seconds: number
  /** Requests per second at its top. */
  peak: number
  /** Of each measurement of goodput. */
  steadySeconds: number
  /** How often goodput is measured at the saturating load and at twice it, one after the other. */
  rounds: number
  /** Told of every second when it is known. */
  onSecond?: (row: SecondRow) => void
}

/** One second of the ramp. Calls are counted in the second in which they ended, `offered` when sent. */
export interface SecondRow {
  second: number
  offered: number
  answered: number
  throttled: number
  overloaded: number
  /** Any other status, or none. */
  other: number
  /** Latency of the answered ones, milliseconds. */
  p50: number
  p99: number
  instances: number
}

/** What a run showed. */
export interface ScaleResult {
  series: SecondRow[]
  most_instances: number
  offered: number
  answered: number
  refused: number
  other: number
  /** Seconds from the last answer until no instance was left; `idle` is 3. */
  seconds_to_zero: number
  /** Answered per second with as many callers as there are places: the load that saturates. */
  saturating_rps: number
  /** Answered per second when so many are offered, and twice as many; medians of the rounds. */
  goodput_rps: number
  goodput_at_twice_rps: number
  /** Of the two, measured one right after the other since others may use the machine too; median of the rounds. */
  goodput_ratio: number
}

const CPU_BURN = join(import.meta.dirname, '../fixtures/functions/cpu-burn.ts')

/** Starts a host and shows how it scales. */
export async function runScale(options: ScaleOptions): Promise<ScaleResult> {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-scale-'))
  mkdirSync(join(folder, 'functions'))
  const config = { concurrency: 4, maxInstances: 8, maxWaiting: 64, idle: 3, timeout: 15 }
  writeFileSync(join(folder, 'functions/burn.ts'), `export { default } from ${JSON.stringify(CPU_BURN)}\nexport const config = ${JSON.stringify(config)}\n`)
  const host = await startHost({ functions: join(folder, 'functions'), cwd: folder })
  // So much CPU per call that the top of the ramp is about twice what this machine can do.
  const workMs = (2000 * Math.min(config.maxInstances, availableParallelism())) / options.peak
  const url = `${host.url}/burn?ms=${workMs}`
  try {
    const { series, shots } = await ramp(host, url, options)
    const ended = performance.now()
    await until('no instance is left', async () => (await instancesOf(host)) === 0, 60_000)
    const toZero = (performance.now() - ended) / 1000
    const saturating = await closedLoop(url, config.concurrency * 4, options.steadySeconds)
    const once: number[] = []
    const twice: number[] = []
    for (let i = 0; i < options.rounds; i++) {
      once.push(await goodput(url, saturating, options.steadySeconds))
      twice.push(await goodput(url, saturating * 2, options.steadySeconds))
    }
    const count = (fits: (status: number) => boolean) => shots.filter(({ status }) => fits(status)).length
    return {
      series,
      most_instances: Math.max(...series.map(({ instances }) => instances)),
      offered: shots.length,
      answered: count((status) => status === 200),
      refused: count((status) => status === 429 || status === 503),
      other: count((status) => ![200, 429, 503].includes(status)),
      seconds_to_zero: round(toZero, 1),
      saturating_rps: round(saturating),
      goodput_rps: round(quantile(once, 0.5)),
      goodput_at_twice_rps: round(quantile(twice, 0.5)),
      goodput_ratio: round(quantile(twice.map((rate, i) => rate / once[i]!), 0.5), 2),
    }
  } finally {
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function instancesOf(host: HostProcess): Promise<number> {
  const { functions } = await host.admin<{ functions: FunctionView[] }>('/functions')
  return functions[0]!.instances.filter(({ state }) => state !== 'draining').length
}

/** The load rises evenly to its peak and falls evenly to nothing. */
async function ramp(host: HostProcess, url: string, { seconds, peak, onSecond }: ScaleOptions): Promise<{ series: SecondRow[]; shots: Shot[] }> {
  const half = seconds / 2
  const load = openLoad(url, seconds, (second) => Math.max(1, peak * (1 - Math.abs(second - half) / half)))
  const series: SecondRow[] = []
  let offered = 0
  let seen = 0
  let over = false
  const all = load.over.then(() => (over = true))
  for (let second = 1; !over; second++) {
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 1000))])
    const instances = await instancesOf(host)
    const ended = load.shots.slice(seen)
    seen += ended.length
    const times = ended.filter(({ status }) => status === 200).map(({ sentAt, doneAt }) => doneAt - sentAt)
    const throttled = ended.filter(({ status }) => status === 429).length
    const overloaded = ended.filter(({ status }) => status === 503).length
    const row: SecondRow = {
      second,
      offered: load.sent - offered,
      answered: times.length,
      throttled,
      overloaded,
      other: ended.length - times.length - throttled - overloaded,
      p50: round(quantile(times, 0.5)),
      p99: round(quantile(times, 0.99)),
      instances,
    }
    offered = load.sent
    series.push(row)
    onSecond?.(row)
  }
  return { series, shots: load.shots }
}

/** Answered per second when each caller waits for its answer before it calls again. */
async function closedLoop(url: string, callers: number, seconds: number): Promise<number> {
  let answered = 0
  let from = Infinity
  const began = performance.now()
  // The first second starts the instances.
  const until = began + (seconds + 1) * 1000
  await Promise.all(Array.from({ length: callers }, async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      if (now - began >= 1000) from = Math.min(from, now)
      const answer = await fetch(url)
      await answer.arrayBuffer()
      if (answer.status === 200 && performance.now() > from && performance.now() < until) answered++
    }
  }))
  return (answered * 1000) / (until - from)
}

/** Answered per second when so many are offered, whatever becomes of them; the first second settles in. */
async function goodput(url: string, rate: number, seconds: number): Promise<number> {
  const load = openLoad(url, seconds + 1, () => rate)
  await load.over
  return load.shots.filter(({ status, doneAt }) => status === 200 && doneAt >= 1000 && doneAt < (seconds + 1) * 1000).length / seconds
}

function round(value: number, places = 0): number {
  return Number(value.toFixed(places))
}

if (import.meta.main) {
  const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '30' }, peak: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } } })
  const line = (cells: (string | number)[]) => console.log(cells.map((cell) => String(cell).padStart(9)).join(''))
  const header = ['second', 'offered', 'answered', '429', '503', 'other', 'p50 ms', 'p99 ms', 'instances']
  if (!flags.json) line(header)
  const result = await runScale({
    seconds: Number(flags.seconds),
    peak: Number(flags.peak),
    steadySeconds: 5,
    rounds: 3,
    ...(flags.json ? {} : { onSecond: (row: SecondRow) => line(Object.values(row) as number[]) }),
  })
  if (flags.json) console.log(JSON.stringify(result))
  else {
    console.log(`\n${result.offered} offered: ${result.answered} answered, ${result.refused} refused with 429 or 503, ${result.other} anything else; at most ${result.most_instances} instances`)
    console.log(`no instance left ${result.seconds_to_zero} s after the last answer (idle 3 s)`)
    console.log(`goodput at the saturating load of ${result.saturating_rps}/s: ${result.goodput_rps}/s; at twice that: ${result.goodput_at_twice_rps}/s, ratio ${result.goodput_ratio}`)
  }
}
