/**
 * Hello through Pressroom against bare Hono, `workerd serve` and functions-framework: all in one run, alternating, median
 * of the rounds' ratios; and a cold start with and without a warm cell against a plain fork.
 * `node bench/host.ts [--rounds 5] [--seconds 3] [--json]`. Needs wrk (Debian's package).
 */
import { execFile, fork, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { peers, startPeer, type RunningPeer } from './peers.ts'
import { startHost } from '../test/journeys/host-process.ts'

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } })
const rounds = Number(flags.rounds)
const run = promisify(execFile)
if (spawnSync('wrk', ['-v']).error) {
  console.error('bench: wrk is not installed; apt-get install wrk')
  process.exit(2)
}

/** Requests per second of one peer with so many connections. */
async function throughput({ url }: RunningPeer, connections: number): Promise<number> {
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${flags.seconds}s`, url])
  const failed = /Non-2xx|Socket errors/.exec(stdout)
  if (failed) throw new Error(`bench: ${url}: ${stdout}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)![1])
}
function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
const round = (value: number, places = 2) => Number(value.toFixed(places))
const tell = (text: string) => {
  if (!flags.json) console.log(text)
}

async function hello(connections: number) {
  const running = new Map<string, RunningPeer>()
  try {
    for (const name of Object.keys(peers)) running.set(name, await startPeer(name))
    for (const peer of running.values()) await throughput(peer, connections)
    const rates = new Map<string, number[]>([...running.keys()].map((name) => [name, []]))
    for (let i = 0; i < rounds; i++) {
      for (const [name, peer] of running) rates.get(name)!.push(await throughput(peer, connections))
      tell(`  ${connections} connections, round ${i + 1}: ${[...rates].map(([name, all]) => `${name} ${Math.round(all.at(-1)!)}/s`).join(', ')}`)
    }
    const ours = rates.get('pressroom')!
    const ratio = (name: string) => round(median(rates.get(name)!.map((theirs, i) => ours[i]! / theirs)))
    return {
      connections,
      median_rps: Object.fromEntries([...rates].map(([name, all]) => [name, Math.round(median(all))])),
      ratio_to: Object.fromEntries([...rates.keys()].filter((name) => name !== 'pressroom').map((name) => [name, ratio(name)])),
    }
  } finally {
    for (const peer of running.values()) await peer.stop()
  }
}

/** First byte of a function that has no instance, in ms; each sample is another function of the same host. */
async function coldStarts(warmCells: number, samples: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-cold-'))
  mkdirSync(join(folder, 'functions'))
  for (let i = 0; i < samples; i++) {
    writeFileSync(join(folder, 'functions', `f${i}.ts`), `export default { fetch() { return new Response('hello ${i}') } }\n`)
  }
  const host = await startHost({ functions: join(folder, 'functions'), flags: ['--warm-cells', String(warmCells)] })
  const times: number[] = []
  try {
    await (await fetch(`${host.url}/nothing`)).text()
    for (let i = 0; i < samples; i++) {
      // Time for a cell to be replaced: what is asked here is a start, not a storm.
      await new Promise((resolve) => setTimeout(resolve, 400))
      const began = performance.now()
      await (await fetch(`${host.url}/f${i}`)).text()
      times.push(performance.now() - began)
    }
  } finally {
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return times
}
function plainFork(): Promise<number> {
  const began = performance.now()
  const child = fork(join(import.meta.dirname, 'peers/fork.ts'), [join(import.meta.dirname, 'peers/hello.ts')], { stdio: 'ignore' })
  return new Promise((resolve) => child.once('message', () => {
    resolve(performance.now() - began)
    child.kill()
  }))
}

const throughputs = [await hello(32), await hello(1)]
const samples = Math.max(5, rounds * 3)
const forks: number[] = []
for (let i = 0; i < samples; i++) forks.push(await plainFork())
const warm = await coldStarts(2, samples)
const cold = await coldStarts(0, samples)
const result = {
  node: process.version,
  hello: throughputs,
  cold_start_ms: { plain_fork: round(median(forks), 1), without_cell: round(median(cold), 1), with_warm_cell: round(median(warm), 1) },
  cold_ratio_to_fork: { without_cell: round(median(cold) / median(forks)), with_warm_cell: round(median(warm) / median(forks)) },
}
if (flags.json) console.log(JSON.stringify(result))
else {
  for (const { connections, ratio_to } of throughputs) {
    console.log(`${connections} connections: ${Object.entries(ratio_to).map(([name, ratio]) => `${ratio} × ${name}`).join(', ')}`)
  }
  console.log(`cold start: plain fork ${result.cold_start_ms.plain_fork} ms, without cell ${result.cold_start_ms.without_cell} ms, with warm cell ${result.cold_start_ms.with_warm_cell} ms`)
}
