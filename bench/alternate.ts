import { treeMib } from './memory.ts'
import { startPeer, startSink, type PeerName, type RunningPeer } from './peers.ts'
import { load, median, short, type Load } from './wrk.ts'

/** What is asked of every peer. */
export interface Race {
  peers: readonly PeerName[]
  path: '/hello' | '/stream'
  connections: number
  rounds: number
  seconds: number
  /** Told after every round. */
  onRound?(round: number, rates: string): void
}

/** Medians of the rounds, and the first peer's ratios to the others. */
export interface RaceResult {
  path: string
  connections: number
  median_rps: Record<string, number>
  p50_ms: Record<string, number>
  p99_ms: Record<string, number>
  /** Of the process and all it started, after the load. */
  memory_mib: Record<string, number>
  /** Medians of the ratios of rounds: throughput (more is better), p50 and p99 (less is better). */
  ratio_to: Record<string, { rps: number; p50: number; p99: number }>
}

/** Loads the peers one after the other, round by round, so that what else the machine does meets all of them. */
export async function race({ peers, path, connections, rounds, seconds, onRound }: Race): Promise<RaceResult> {
  const sink = await startSink()
  // What a production host would have on: every call traced, everything exported.
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.origin, OTEL_TRACES_SAMPLER: 'always_on' }
  const running = new Map<PeerName, RunningPeer>()
  const seen = new Map<PeerName, Load[]>(peers.map((name) => [name, []]))
  try {
    for (const name of peers) running.set(name, await startPeer(name, env))
    for (const { origin } of running.values()) await load(`${origin}${path}`, connections, seconds)
    for (let i = 0; i < rounds; i++) {
      for (const [name, { origin }] of running) seen.get(name)!.push(await load(`${origin}${path}`, connections, seconds))
      onRound?.(i + 1, [...seen].map(([name, loads]) => `${name} ${Math.round(loads.at(-1)!.rps)}/s`).join(', '))
    }
    const ours = seen.get(peers[0]!)!
    const each = (of: (loads: Load[], name: PeerName) => number) => Object.fromEntries([...seen].map(([name, loads]) => [name, of(loads, name)]))
    const ratio = (theirs: Load[], key: keyof Load) => short(median(ours.map((load, i) => load[key] / theirs[i]![key])))
    return {
      path,
      connections,
      median_rps: each((loads) => Math.round(median(loads.map(({ rps }) => rps)))),
      p50_ms: each((loads) => short(median(loads.map(({ p50 }) => p50)), 3)),
      p99_ms: each((loads) => short(median(loads.map(({ p99 }) => p99)), 3)),
      memory_mib: each((_, name) => short(treeMib(running.get(name)!.pid), 1)),
      ratio_to: Object.fromEntries(peers.slice(1).map((name) => {
        const theirs = seen.get(name)!
        return [name, { rps: ratio(theirs, 'rps'), p50: ratio(theirs, 'p50'), p99: ratio(theirs, 'p99') }]
      })),
    }
  } finally {
    for (const peer of running.values()) await peer.stop()
    await sink.stop()
  }
}
