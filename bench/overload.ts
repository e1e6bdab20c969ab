/**
 * Ten times as many calls as a function can take: what is left of its goodput, how fast the others are refused, and how soon all is
 * as before. Once with a function that waits, as for a database, and once with one that computes, which then shares the CPUs with the
 * host that refuses and with the load generator. `npm run bench:overload`, `node bench/overload.ts [--seconds 60] [--json]`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startHost } from '../test/journeys/host-process.ts'
import { openLoad, quantile, type Shot } from './open-load.ts'

/** How long and how hard. */
export interface OverloadOptions {
  /** Of the overload; before and after it come shorter phases. */
  seconds: number
  /** Offered load during it, as a multiple of the capacity measured just before. */
  times: number
}

/** What one function's overload showed. */
export interface OverloadResult {
  load: string
  /** Answered per second with as many callers as there are places: the peak. */
  peak_rps: number
  offered_rps: number
  goodput_rps: number
  /** Of the peak. */
  goodput_ratio: number
  answered: number
  /** By status. */
  refused: Record<string, number>
  /** Any other status, or no answer. */
  other: number
  /** Refusals without Retry-After. */
  without_retry_after: number
  answered_p50_ms: number
  answered_p99_ms: number
  refused_p50_ms: number
  refused_p99_ms: number
  /**
   * From the end of the overload, at half the capacity, to the end of the last half second in which a call was refused, or more than one
   * in ten took over twice what 99 of 100 had taken before.
   */
  recovery_s: number
}

const FIXTURES = join(import.meta.dirname, '../fixtures/functions')
const loads = {
  waiting: { fixture: 'slow', query: 'ms=100', config: { concurrency: 8, maxInstances: 4 } },
  computing: { fixture: 'cpu-burn', query: 'ms=10', config: { concurrency: 4, maxInstances: availableParallelism() } },
} as const

/** Starts a host for each kind of function and overloads it. */
export async function runOverload(options: OverloadOptions): Promise<OverloadResult[]> {
  const results: OverloadResult[] = []
  for (const name of Object.keys(loads) as (keyof typeof loads)[]) results.push(await overload(name, options))
  return results
}

async function overload(name: keyof typeof loads, { seconds, times }: OverloadOptions): Promise<OverloadResult> {
  const { fixture, query, config } = loads[name]
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-overload-'))
  mkdirSync(join(folder, 'functions'))
  writeFileSync(
    join(folder, 'functions/work.ts'),
    `export { default } from ${JSON.stringify(join(FIXTURES, `${fixture}.ts`))}\nexport const config = ${JSON.stringify({ ...config, timeout: 30 })}\n`,
  )
  const host = await startHost({ functions: join(folder, 'functions'), cwd: folder })
  const url = `${host.url}/work?${query}`
  const short = Math.min(5, seconds)
  try {
    const peak = await closedLoop(url, config.concurrency * config.maxInstances, short)
    const before = openLoad(url, short, () => peak / 2)
    await before.over
    const usual = quantile(latencies(before.shots, (status) => status === 200), 0.99)
    const heavy = openLoad(url, seconds, () => peak * times)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    // The rest of the overload is still on its way while the next load begins, as in life.
    const after = openLoad(url, 2 * short, () => peak / 2)
    await Promise.all([heavy.over, after.over])
    const fits = (wanted: number[]) => heavy.shots.filter(({ status }) => wanted.includes(status))
    const within = heavy.shots.filter(({ status, doneAt }) => status === 200 && doneAt < seconds * 1000).length
    const refusals = latencies(heavy.shots, (status) => status === 429 || status === 503)
    const answers = latencies(heavy.shots, (status) => status === 200)
    return {
      load: name,
      peak_rps: round(peak),
      offered_rps: round(heavy.sent / seconds),
      goodput_rps: round(within / seconds),
      goodput_ratio: round(within / seconds / peak, 2),
      answered: answers.length,
      refused: { 429: fits([429]).length, 503: fits([503]).length },
      other: heavy.shots.length - fits([200, 429, 503]).length,
      without_retry_after: fits([429, 503]).filter(({ retryAfter }) => !retryAfter).length,
      answered_p50_ms: round(quantile(answers, 0.5), 1),
      answered_p99_ms: round(quantile(answers, 0.99), 1),
      refused_p50_ms: round(quantile(refusals, 0.5), 1),
      refused_p99_ms: round(quantile(refusals, 0.99), 1),
      recovery_s: recovery(after.shots, usual * 2),
    }
  } finally {
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds until all half seconds were well, by when their calls were sent. */
function recovery(shots: readonly Shot[], slowMs: number): number {
  let end = 0
  for (const [half, sent] of Map.groupBy(shots, ({ sentAt }) => Math.floor(sentAt / 500))) {
    const slow = sent.filter(({ sentAt, doneAt }) => doneAt - sentAt > slowMs).length
    if (sent.some(({ status }) => status !== 200) || slow > sent.length / 10) end = Math.max(end, (half + 1) / 2)
  }
  return end
}

function latencies(shots: readonly Shot[], fits: (status: number) => boolean): number[] {
  return shots.filter(({ status }) => fits(status)).map(({ sentAt, doneAt }) => doneAt - sentAt)
}

/** Answered per second with so many callers; the first second starts the instances. */
async function closedLoop(url: string, callers: number, seconds: number): Promise<number> {
  const began = performance.now()
  const end = began + (seconds + 1) * 1000
  let answered = 0
  await Promise.all(Array.from({ length: callers }, async () => {
    while (performance.now() < end) {
      const answer = await fetch(url)
      await answer.arrayBuffer()
      const now = performance.now()
      if (answer.status === 200 && now > began + 1000 && now < end) answered++
    }
  }))
  return answered / seconds
}

function round(value: number, places = 0): number {
  return Number(value.toFixed(places))
}

if (import.meta.main) {
  const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, json: { type: 'boolean', default: false } } })
  const results = await runOverload({ seconds: Number(flags.seconds), times: 10 })
  if (flags.json) console.log(JSON.stringify(results))
  else {
    for (const result of results) {
      console.log(`a function that is ${result.load}: peak ${result.peak_rps}/s, offered ${result.offered_rps}/s for ${flags.seconds} s`)
      console.log(`  goodput ${result.goodput_rps}/s, ${result.goodput_ratio} of the peak; p50 ${result.answered_p50_ms} ms, p99 ${result.answered_p99_ms} ms`)
      console.log(`  refused ${result.refused[429]} with 429, ${result.refused[503]} with 503; p50 ${result.refused_p50_ms} ms, p99 ${result.refused_p99_ms} ms; anything else ${result.other}`)
      console.log(`  as before ${result.recovery_s} s after its end`)
    }
  }
}
