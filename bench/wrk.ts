import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What one run of the load generator saw. */
export interface Load {
  /** Requests per second. */
  rps: number
  /** Milliseconds. */
  p50: number
  p99: number
}

/** Ends the program with the way out when the load generator is missing. */
export function demandWrk(): void {
  if (!spawnSync('wrk', ['-v']).error) return
  console.error('bench: wrk is not installed; apt-get install wrk')
  process.exit(2)
}

/**
 * Loads one address with so many connections, each sending again as soon as it was answered.
 * @throws Error when an answer was not 2xx or a connection failed
 */
export async function load(url: string, connections: number, seconds: number, headers: Record<string, string> = {}): Promise<Load> {
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]), url])
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`bench: ${url}: ${stdout}`)
  return { rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)![1]), p50: quantile(stdout, 50), p99: quantile(stdout, 99) }
}

function quantile(stdout: string, percent: number): number {
  const [, value, unit] = new RegExp(`\\s${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout)!
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's']
}

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A number short enough to read. */
export function short(value: number, places = 2): number {
  return Number(value.toFixed(places))
}
