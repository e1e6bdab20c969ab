/**
 * The arcade at 1,000, 10,000 and 100,000 players: events a second that are accepted durably, one to a request and a thousand to one, and that
 * reach the boards, against a program that writes each event to SQLite and waits for the disk; how long one event takes to the board and to a
 * watcher; what a million of them cost under each plan; and how long many watchers of one game wait for it. Rounds alternate; figures are medians.
 * `npm run bench:arcade`, `node bench/arcade.ts [--json] [--players 1000,10000,100000] [--rounds 3] [--seconds 2] [--samples 400] [--watchers 2000]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { addQuantities, makeInvoice, type Quantities } from '../src/metering/invoice.ts'
import { plans } from '../src/metering/plans.ts'
import { watch, type EventStream } from '../test/journeys/event-stream.ts'
import { post as send } from '../test/journeys/keep-alive-client.ts'
import { startHost, until, type HostProcess } from '../test/journeys/host-process.ts'
import { countPlainly, eventOf, type ScoreEvent } from './arcade-baseline.ts'
import { quantile } from './open-load.ts'
import { median, short } from './wrk.ts'

const { values: given } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    players: { type: 'string', default: '1000,10000,100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    samples: { type: 'string', default: '400' },
    watchers: { type: 'string', default: '2000' },
  },
})
const sizes = given.players.split(',').map(Number)
const rounds = Number(given.rounds)
const seconds = Number(given.seconds)
const samples = Number(given.samples)
const watchers = Number(given.watchers)
/** Requests under way at once: with one event each, and with a thousand. */
const LANES = 32
const WIDE_LANES = 4
const WIDE = 1000
/** Pause between two events of which the way is measured. */
const EVERY_MS = 25
const PATIENCE_MS = 300_000

interface Call { billed_ms: number; cpu_ms: number | null; memory_mb: number }
interface News { events?: { player: string; at: string }[] }

/** Figures at one size; `…_per_s` events, `…_ms` milliseconds. */
interface Size {
  players: number
  single_per_s: number
  wide_per_s: number
  counted_per_s: number
  baseline_per_s: number
  single_to_baseline: number
  wide_to_baseline: number
  counted_to_baseline: number
  board_p50_ms: number
  board_p99_ms: number
  watcher_p50_ms: number
  watcher_p99_ms: number
  rank_p50_ms: number
  rank_p99_ms: number
}

const agent = new Agent({ keepAlive: true, maxSockets: LANES })

async function post(host: HostProcess, events: readonly ScoreEvent[]): Promise<void> {
  const { status, text } = await send(agent, `${host.url}/games/quest/events`, events.map((event) => JSON.stringify(event)).join('\n'))
  if (status !== 202) throw new Error(`bench: events: ${status} ${text}`)
}

/** Sends for so long on so many lanes; answers how many events were accepted and how many a second. */
async function fill(host: HostProcess, players: number, lanes: number, each: number): Promise<{ sent: number; perSecond: number }> {
  const began = performance.now()
  let sent = 0
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (performance.now() - began < seconds * 1000) {
      await post(host, Array.from({ length: each }, () => eventOf(players)))
      sent += each
    }
  }))
  return { sent, perSecond: (sent / (performance.now() - began)) * 1000 }
}

async function emptied(host: HostProcess): Promise<void> {
  await until('the queue is empty', async () => {
    const { queues } = await host.admin<{ queues: { queue: string; messages: number }[] }>('/queues')
    return (queues.find(({ queue }) => queue === 'pressroom-arcade')?.messages ?? 0) === 0
  }, PATIENCE_MS)
}

interface Around { entries?: { player: string; score: number }[] }

async function scoreOf(host: HostProcess, player: string): Promise<number> {
  const { entries = [] } = (await (await fetch(`${host.url}/games/quest/leaderboard?around=${player}&limit=1`)).json()) as Around
  return entries[0]?.score ?? 0
}

/** Sends events one by one to players of their own; how long each takes until the board has it, and until a watcher is told. */
async function ways(host: HostProcess): Promise<{ board: number[]; watcher: number[] }> {
  const sentAt = new Map<string, number>()
  const [board, watcher]: [number[], number[]] = [[], []]
  const stream = await watch(`${host.url}/games/quest/live`)
  await until('the first board', () => stream.messages.length > 0, PATIENCE_MS)
  let read = stream.messages.length
  const reader = setInterval(() => {
    const now = performance.now()
    for (; read < stream.messages.length; read++) {
      for (const { player, at } of (stream.messages[read]!.data as News).events ?? []) {
        const sent = sentAt.get(`${player} ${at}`)
        if (sent !== undefined) watcher.push(now - sent)
      }
    }
  }, 3)
  const under: Promise<void>[] = []
  for (let index = 0; index < samples; index++) {
    const event = { ...eventOf(1), player: `measured${index}` }
    under.push((async () => {
      const before = await scoreOf(host, event.player)
      const began = performance.now()
      sentAt.set(`${event.player} ${new Date(event.at).toISOString()}`, began)
      await post(host, [event])
      while ((await scoreOf(host, event.player)) === before) await new Promise((resolve) => setTimeout(resolve, 5))
      board.push(performance.now() - began)
    })())
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
  await Promise.all(under)
  await until('the watcher is told of all', () => watcher.length >= samples, PATIENCE_MS)
  clearInterval(reader)
  stream.leave()
  return { board, watcher }
}

/** How long the rank of players anywhere on the board takes, answer and all. */
async function ranks(host: HostProcess, players: number): Promise<number[]> {
  const took: number[] = []
  for (let index = 0; index < samples; index++) {
    const began = performance.now()
    await scoreOf(host, `p${Math.floor(Math.random() * players)}`)
    took.push(performance.now() - began)
  }
  return took
}

/** What the calls of the arcade have used so far. */
async function used(host: HostProcess): Promise<{ quantities: Quantities; calls: number }> {
  const all: Quantities[] = []
  for (const name of ['games', 'arcade']) {
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { invocations: Call[]; next: string | null } = await host.admin(`/invocations?function=${name}&limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
      for (const { billed_ms: billed, cpu_ms: cpu, memory_mb: memory } of page.invocations) {
        all.push({ requests: 1n, mibMs: BigInt(memory) * BigInt(billed), cpuMicroseconds: BigInt(Math.round((cpu ?? 0) * 1000)) })
      }
      cursor = page.next
    }
  }
  return { quantities: addQuantities(all), calls: all.length }
}

/** What a million events cost at the rate at which so many of them used these quantities, in a month that has no other calls; and at list prices. */
function bill({ requests, mibMs, cpuMicroseconds }: Quantities, events: number): Record<string, { month_usd: number; list_usd: number }> {
  const million = (quantity: bigint) => (quantity * 1_000_000n) / BigInt(events)
  const scaled = { requests: million(requests), mibMs: million(mibMs), cpuMicroseconds: million(cpuMicroseconds) }
  return Object.fromEntries(Object.entries(plans).map(([name, plan]) => {
    const free = { ...plan, baseFeePico: 0n, meters: plan.meters.map((meter) => ({ ...meter, freeUnits: 0n })) }
    const usd = (pico: bigint) => short(Number(pico) / 1e12, 4)
    return [name, { month_usd: usd(makeInvoice(plan, scaled).totalPico), list_usd: usd(makeInvoice(free, scaled).totalPico) }]
  }))
}

/** Each of many watchers is told of events that are sent two a second; how long each had to wait for each. */
async function crowd(host: HostProcess): Promise<object> {
  const streams: EventStream[] = []
  while (streams.length < watchers) streams.push(...(await Promise.all(Array.from({ length: Math.min(100, watchers - streams.length) }, () => watch(`${host.url}/games/taps/live`)))))
  await until('all have the board', () => streams.every(({ messages }) => messages.length > 0), PATIENCE_MS)
  const heard = streams.map(({ messages }) => messages.length)
  const took: number[] = []
  const sentAt = new Map<string, number>()
  const reader = setInterval(() => {
    const now = performance.now()
    for (const [index, { messages }] of streams.entries()) {
      for (; heard[index]! < messages.length; heard[index]!++) {
        for (const { player } of (messages[heard[index]!]!.data as News).events ?? []) took.push(now - sentAt.get(player)!)
      }
    }
  }, 5)
  const events = 10
  for (let index = 0; index < events; index++) {
    sentAt.set(`crowd${index}`, performance.now())
    await fetch(`${host.url}/games/taps/events`, { method: 'POST', body: JSON.stringify({ id: `crowd${index}`, player: `crowd${index}`, type: 'score', value: 90 }) })
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  await until('all have heard of all', () => took.length >= events * streams.length, PATIENCE_MS)
  clearInterval(reader)
  const { functions } = await host.admin<{ functions: { name: string; instances: { memory_mb: number }[] }[] }>('/functions')
  const instances = functions.find(({ name }) => name === 'live')!.instances
  for (const { leave } of streams) leave()
  return { watchers: streams.length, told: took.length, p50_ms: short(quantile(took, 0.5), 0), p99_ms: short(quantile(took, 0.99), 0), instances: instances.length, instance_mib: Math.max(...instances.map(({ memory_mb: mib }) => mib)) }
}

const folder = mkdtempSync(join(tmpdir(), 'pressroom-arcade-'))
const bills: { single: { quantities: Quantities; events: number }[]; wide: { quantities: Quantities; events: number }[] } = { single: [], wide: [] }

async function measure(players: number): Promise<Size> {
  const host = await startHost({ functions: 'functions', env: { SOURCES: '' } })
  try {
    for (let first = 0; first < players; first += WIDE) {
      await post(host, Array.from({ length: Math.min(WIDE, players - first) }, (_, index) => ({ ...eventOf(players), player: `p${first + index}` })))
    }
    await emptied(host)
    const file = join(folder, `${players}.sqlite`)
    const done: { single: number; wide: number; counted: number; baseline: number }[] = []
    const through = async (kind: 'single' | 'wide') => {
      const before = await used(host)
      const began = performance.now()
      const { sent, perSecond } = await fill(host, players, kind === 'single' ? LANES : WIDE_LANES, kind === 'single' ? 1 : WIDE)
      await emptied(host)
      const counted = (sent / (performance.now() - began)) * 1000
      // Records are written five times a second.
      await new Promise((resolve) => setTimeout(resolve, 500))
      const after = await used(host)
      const difference = (pick: (quantities: Quantities) => bigint) => pick(after.quantities) - pick(before.quantities)
      bills[kind].push({ events: sent, quantities: { requests: difference(({ requests }) => requests), mibMs: difference(({ mibMs }) => mibMs), cpuMicroseconds: difference(({ cpuMicroseconds: cpu }) => cpu) } })
      return { perSecond, counted }
    }
    for (let round = 0; round < rounds; round++) {
      // Whoever is second meets the disk as the first left it.
      const early = round % 2 === 0 ? countPlainly(file, players, seconds) : undefined
      const single = await through('single')
      const wide = await through('wide')
      done.push({ single: single.perSecond, wide: wide.perSecond, counted: wide.counted, baseline: early ?? countPlainly(file, players, seconds) })
    }
    const { board, watcher } = await ways(host)
    const rank = await ranks(host, players)
    const of = (pick: (round: (typeof done)[number]) => number) => short(median(done.map(pick)), 2)
    const size: Size = {
      players,
      single_per_s: of(({ single }) => single), wide_per_s: of(({ wide }) => wide), counted_per_s: of(({ counted }) => counted), baseline_per_s: of(({ baseline }) => baseline),
      single_to_baseline: of(({ single, baseline }) => single / baseline), wide_to_baseline: of(({ wide, baseline }) => wide / baseline), counted_to_baseline: of(({ counted, baseline }) => counted / baseline),
      board_p50_ms: short(quantile(board, 0.5), 1), board_p99_ms: short(quantile(board, 0.99), 1),
      watcher_p50_ms: short(quantile(watcher, 0.5), 1), watcher_p99_ms: short(quantile(watcher, 0.99), 1),
      rank_p50_ms: short(quantile(rank, 0.5), 2), rank_p99_ms: short(quantile(rank, 0.99), 2),
    }
    if (!given.json) console.log(size)
    return size
  } finally {
    await host.stop()
  }
}

try {
  const measured: Size[] = []
  for (const players of sizes) measured.push(await measure(players))
  let watched: object | undefined
  if (watchers > 0) {
    const host = await startHost({ functions: 'functions', env: { SOURCES: '' } })
    try {
      watched = await crowd(host)
    } finally {
      await host.stop()
    }
  }
  const billed = (kind: 'single' | 'wide') => bill(addQuantities(bills[kind].map(({ quantities }) => quantities)), bills[kind].reduce((sum, { events }) => sum + events, 0))
  const result = { rounds, seconds, lanes: LANES, wide: WIDE, sizes: measured, million_events: { one_to_a_request: billed('single'), a_thousand_to_a_request: billed('wide') }, crowd: watched }
  console.log(given.json ? JSON.stringify(result) : result)
} finally {
  agent.destroy()
  rmSync(folder, { recursive: true, force: true })
}
