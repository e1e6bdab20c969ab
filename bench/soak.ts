/**
 * Hours of mixed calls with a fault now and then: does the host grow, does it keep what it opened, do the neighbours of the faults notice?
 * `npm run bench:soak`, `node bench/soak.ts [--minutes 120] [--faults-per-minute 10] [--rate 100] [--json]`.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startHost } from '../test/journeys/host-process.ts'
import { treeMib } from './memory.ts'
import { openLoad, quantile, type Shot } from './open-load.ts'

/** How long, how much, and how many faults. */
export interface SoakOptions {
  minutes: number
  faultsPerMinute: number
  /** Healthy calls a second, over all healthy functions. */
  rate: number
}

/** What the host held at one moment. */
interface Sample {
  minute: number
  /** Of the host's own process. */
  rss_mib: number
  /** Of the host, its instances and warm cells. */
  tree_mib: number
  fds: number
  /** All files below `--data`. */
  data_mib: number
  /** Of the healthy calls since the sample before. */
  p50_ms: number
  p99_ms: number
}

/** The samples, and what they say once the first third is over, in which caches fill. */
export interface SoakResult {
  minutes: number
  calls: number
  faults: Record<string, number>
  /** Healthy calls that were not answered 200. */
  neighbour_failures: number
  /** By least squares, of its mean. */
  rss_percent_per_hour: number
  tree_percent_per_hour: number
  /** Least and most seen. */
  fds: [number, number]
  data_mib_per_hour: number
  /** Median of the last third's windows against that of the second third's. */
  p50_drift_percent: number
  p99_drift_percent: number
  samples: Sample[]
}

const FIXTURES = join(import.meta.dirname, '../fixtures/functions')
const healthy = ['hello', 'echo', 'slow', 'cpu-burn', 'set-cookies', 'wait-until'] as const
const paths: Record<(typeof healthy)[number], string> = {
  hello: 'hello', echo: 'echo', slow: 'slow?ms=50', 'cpu-burn': 'cpu-burn?ms=2', 'set-cookies': 'set-cookies', 'wait-until': 'wait-until',
}
const faulty = ['throws', 'buffers', 'process-exit', 'allocation-loop', 'endless-loop', 'kill-self', 'broken-stream', 'reject-after', 'log-flood', 'deep-recursion'] as const

/** Runs the soak; rejects when the host ends. */
export async function runSoak({ minutes, faultsPerMinute, rate }: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-soak-'))
  mkdirSync(join(folder, 'functions'))
  for (const name of [...healthy, ...faulty]) {
    const from = JSON.stringify(join(FIXTURES, `${name}.ts`))
    const config = `{ concurrency: 16, maxInstances: 2, memory: 128, timeout: ${(faulty as readonly string[]).includes(name) ? 2 : 30} }`
    writeFileSync(join(folder, 'functions', `${name}.ts`), `export { default } from ${from}\nexport const config = ${config}\n`)
  }
  const host = await startHost({ functions: join(folder, 'functions'), cwd: folder })
  const pid = host.child.pid as number
  const samples: Sample[] = []
  const faults: Record<string, number> = {}
  const shots: Shot[] = []
  try {
    const began = Date.now()
    const loads = healthy.map((name) => openLoad(`${host.url}/${paths[name]}`, minutes * 60, () => rate / healthy.length))
    const fault = setInterval(() => {
      const name = faulty[Math.floor(Math.random() * faulty.length)] as string
      void fetch(`${host.url}/${name}`).then(async (answer) => (await answer.arrayBuffer(), String(answer.status)), () => 'no answer').then((end) => {
        faults[`${name} ${end}`] = (faults[`${name} ${end}`] ?? 0) + 1
      }, () => undefined)
    }, 60_000 / faultsPerMinute)
    const seen = loads.map(() => 0)
    const take = () => {
      const fresh = loads.flatMap((load, index) => load.shots.slice(seen[index]))
      for (const [index, load] of loads.entries()) seen[index] = load.shots.length
      for (const shot of fresh) shots.push(shot)
      samples.push(sampleOf(pid, host.data, (Date.now() - began) / 60_000, fresh.map(({ sentAt, doneAt }) => doneAt - sentAt)))
    }
    // Sixty windows, whatever the length.
    const sampling = setInterval(take, minutes * 1000)
    await Promise.all(loads.map(({ over }) => over))
    clearInterval(fault)
    clearInterval(sampling)
    return resultOf(minutes, samples, faults, shots)
  } finally {
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function sampleOf(pid: number, data: string, minute: number, latencies: number[]): Sample {
  const rss = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return {
    minute: short(minute),
    rss_mib: short(rss / 1024),
    tree_mib: short(treeMib(pid)),
    fds: readdirSync(`/proc/${pid}/fd`).length,
    data_mib: short(sizeOf(data) / 2 ** 20),
    p50_ms: short(quantile(latencies, 0.5)),
    p99_ms: short(quantile(latencies, 0.99)),
  }
}

function sizeOf(folder: string): number {
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    if (!entry.isFile()) return 0
    // A journal may go while it is looked at.
    return statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}

function resultOf(minutes: number, samples: Sample[], faults: Record<string, number>, shots: Shot[]): SoakResult {
  const steady = samples.slice(Math.floor(samples.length / 3))
  const [second, last] = [steady.slice(0, steady.length >> 1), steady.slice(steady.length >> 1)]
  const drift = (field: 'p50_ms' | 'p99_ms') => {
    const [before, after] = [second, last].map((part) => quantile(part.map((sample) => sample[field]), 0.5)) as [number, number]
    return short((after / before - 1) * 100)
  }
  const growth = (field: 'rss_mib' | 'tree_mib') => {
    const mean = steady.reduce((sum, sample) => sum + sample[field], 0) / steady.length
    return short((slope(steady, field) * 60 * 100) / mean)
  }
  return {
    minutes,
    calls: shots.length,
    faults,
    neighbour_failures: shots.filter(({ status }) => status !== 200).length,
    rss_percent_per_hour: growth('rss_mib'),
    tree_percent_per_hour: growth('tree_mib'),
    fds: [Math.min(...steady.map(({ fds }) => fds)), Math.max(...steady.map(({ fds }) => fds))],
    data_mib_per_hour: short(slope(steady, 'data_mib') * 60),
    p50_drift_percent: drift('p50_ms'),
    p99_drift_percent: drift('p99_ms'),
    samples,
  }
}

/** Least squares, per minute. */
function slope(samples: Sample[], field: 'rss_mib' | 'tree_mib' | 'data_mib'): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [x, y] = [mean(({ minute }) => minute), mean((sample) => sample[field])]
  const across = samples.reduce((sum, sample) => sum + (sample.minute - x) * (sample[field] - y), 0)
  return across / samples.reduce((sum, sample) => sum + (sample.minute - x) ** 2, 0)
}

function short(value: number): number {
  return Number(value.toFixed(2))
}

if (import.meta.main) {
  const { values: flags } = parseArgs({
    options: {
      minutes: { type: 'string', default: '120' },
      'faults-per-minute': { type: 'string', default: '10' },
      rate: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
    },
  })
  const result = await runSoak({ minutes: Number(flags.minutes), faultsPerMinute: Number(flags['faults-per-minute']), rate: Number(flags.rate) })
  if (flags.json) console.log(JSON.stringify(result))
  else {
    console.log(`${result.minutes} min, ${result.calls} healthy calls, ${result.neighbour_failures} of them failed, beside these faults:`)
    console.table(result.faults)
    console.log(`host's memory ${result.rss_percent_per_hour} %/h, with instances ${result.tree_percent_per_hour} %/h, data ${result.data_mib_per_hour} MiB/h`)
    console.log(`open files ${result.fds.join(' to ')}; drift of p50 ${result.p50_drift_percent} %, of p99 ${result.p99_drift_percent} %`)
  }
}
