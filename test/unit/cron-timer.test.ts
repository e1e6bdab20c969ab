import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Invocation, Invoke, Outcome, Settlement } from '../../src/contract/invocation.ts'
import type { ResolvedSchedule } from '../../src/contract/function-config.ts'
import { type RunningCron, startCron } from '../../src/ingress/cron.ts'
import { createCronTable } from '../../src/routing/cron-table.ts'
import { handMovedClock, type HandMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryTicks, type MemoryTicks } from '../../src/runtimes/memory/ticks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const monday = Date.UTC(2026, 10, 23)

function schedule(cron: string, rest: Partial<ResolvedSchedule> = {}): ResolvedSchedule {
  return { cron, timeZone: 'UTC', dialect: 'cloudflare', overlap: 'skip', atStart: false, ...rest }
}

interface Bench {
  clock: HandMovedClock
  ticks: MemoryTicks
  /** What ran, as `name minute-of-run`. */
  ran: Invocation[]
  warnings: string[]
  cron: RunningCron
}

/** A timer whose functions take `takesMs` of the hand-moved time. */
function bench(schedules: Record<string, ResolvedSchedule[]>, takesMs = 0, before?: { ticks?: MemoryTicks; now?: number }): Bench {
  const clock = handMovedClock(before?.now ?? monday)
  const ticks = before?.ticks ?? memoryTicks()
  const ran: Invocation[] = []
  const warnings: string[] = []
  const invoke: Invoke = (invocation) => {
    ran.push(invocation)
    const settled = (takesMs > 0 ? clock.wait(takesMs) : Promise.resolve()).then(() => settlement('ok'))
    return { head: Promise.resolve({ type: 'tick', noRetry: false }), settled, cancel: () => {} }
  }
  let id = 0
  const cron = startCron({
    table: table(schedules), clock, ticks, invoke, host: 'test', makeId: () => `i${++id}`,
    log: (level, message) => { if (level !== 'info') warnings.push(message) },
  })
  return { clock, ticks, ran, warnings, cron }
}

function table(schedules: Record<string, ResolvedSchedule[]>): ReturnType<typeof createCronTable> {
  return createCronTable(Object.entries(schedules).map(([name, list]) => ({ name, schedules: list })))
}

function settlement(outcome: Outcome): Settlement {
  return { outcome, delivered: true, cold: false, queueMs: 0, initMs: 0, runMs: 0, cpuMs: 0, maxMemoryBytes: 0 }
}

function times(ran: readonly Invocation[]): string[] {
  return ran.map(({ event }) => (event.type === 'scheduled' ? new Date(event.scheduledTime).toISOString().slice(11, 16) : 'no tick'))
}

test('a week of ticks runs in a moment, each once, at its scheduled time', async () => {
  const { clock, ran, ticks, cron } = bench({
    ingest: [schedule('*/5 * * * *')],
    digest: [schedule('0 9 * * MON-FRI'), schedule('30 18 * * SUN')],
    leap: [schedule('0 0 29 2 *')],
  })
  await clock.advance(7 * DAY)
  await cron.stop()
  assert.equal(ran.filter((invocation) => invocation.function === 'ingest').length, 7 * 288)
  assert.equal(ran.filter((invocation) => invocation.function === 'digest').length, 6)
  assert.equal(ran.filter((invocation) => invocation.function === 'leap').length, 0)
  assert.equal(new Set(ran.map(({ id }) => id)).size, ran.length)
  assert.ok(ticks.claimed.every(({ result }) => result?.outcome === 'ok'))
  assert.deepEqual(ran[0], {
    id: 'i1', function: 'ingest', trigger: 'timer', event: { type: 'scheduled', cron: '*/5 * * * *', scheduledTime: monday + 5 * MINUTE },
  })
  assert.equal(clock.pending, 0)
})

test('a tick while the one before it still runs is skipped and recorded', async () => {
  const { clock, ran, ticks, cron, warnings } = bench({ slow: [schedule('* * * * *')] }, 2.5 * MINUTE)
  await clock.advance(6.75 * MINUTE)
  assert.deepEqual(times(ran), ['00:01', '00:04'])
  assert.deepEqual(ticks.claimed.map(({ result }) => result?.outcome), ['ok', 'skipped', 'skipped', 'ok', 'skipped', 'skipped'])
  assert.deepEqual(await ticks.last('slow', '* * * * *'), { time: monday + 6 * MINUTE, outcome: 'skipped', invocation: null })
  assert.equal(warnings.length, 4)
  await cron.stop()
})

test('ticks may overlap where the schedule allows it', async () => {
  const { clock, ran, cron } = bench({ slow: [schedule('* * * * *', { overlap: 'allow' })] }, 10 * MINUTE)
  await clock.advance(3 * MINUTE)
  assert.deepEqual(times(ran), ['00:01', '00:02', '00:03'])
  const stopped = cron.stop()
  await clock.advance(20 * MINUTE)
  await stopped
  assert.equal(ran.length, 3)
})

test('after three missed ticks a start catches up once, on the latest', async () => {
  const first = bench({ hourly: [schedule('0 * * * *')] })
  await first.clock.advance(1.5 * HOUR)
  await first.cron.stop()
  const second = bench({ hourly: [schedule('0 * * * *')] }, 0, { ticks: first.ticks, now: monday + 4.5 * HOUR })
  await second.clock.advance(HOUR)
  await second.cron.stop()
  assert.deepEqual(times(first.ran), ['01:00'])
  assert.deepEqual(times(second.ran), ['04:00', '05:00'])
})

test('a schedule that never ran catches up on nothing', async () => {
  const { clock, ran, cron } = bench({ hourly: [schedule('0 * * * *')] }, 0, { now: monday + 4.5 * HOUR })
  await clock.advance(MINUTE)
  await cron.stop()
  assert.deepEqual(ran, [])
})

test('a start that missed nothing catches up on nothing', async () => {
  const first = bench({ hourly: [schedule('0 * * * *')] })
  await first.clock.advance(1.5 * HOUR)
  await first.cron.stop()
  const second = bench({ hourly: [schedule('0 * * * *')] }, 0, { ticks: first.ticks, now: monday + 1.75 * HOUR })
  await second.clock.advance(10 * MINUTE)
  await second.cron.stop()
  assert.deepEqual(second.ran, [])
})

test('atStart ticks once when the timer starts, instead of catching up', async () => {
  const hourly = { ingest: [schedule('0 * * * *', { atStart: true })] }
  const first = bench(hourly, 0, { now: monday + 90_500 })
  await first.clock.advance(HOUR)
  await first.cron.stop()
  assert.deepEqual(first.ran.map(({ event }) => 'scheduledTime' in event && event.scheduledTime), [monday + 90_500, monday + HOUR])
  const second = bench(hourly, 0, { ticks: first.ticks, now: monday + 5.25 * HOUR })
  await second.clock.advance(MINUTE)
  second.cron.replace(table(hourly))
  await second.clock.advance(MINUTE)
  await second.cron.stop()
  assert.deepEqual(times(second.ran), ['05:15'])
})

test('a clock set forward by an hour runs the latest missed tick once', async () => {
  const { clock, ran, cron, warnings } = bench({ quarter: [schedule('*/15 * * * *')] })
  await clock.advance(16 * MINUTE)
  clock.jump(HOUR)
  await clock.advance(MINUTE)
  assert.deepEqual(times(ran), ['00:15', '01:15'])
  assert.equal(warnings.length, 1)
  await clock.advance(15 * MINUTE)
  assert.deepEqual(times(ran), ['00:15', '01:15', '01:30'])
  await cron.stop()
})

test('a clock set back by an hour repeats no tick', async () => {
  const { clock, ran, cron } = bench({ quarter: [schedule('*/15 * * * *')] })
  await clock.advance(61 * MINUTE)
  clock.jump(-HOUR)
  await clock.advance(HOUR + 15 * MINUTE)
  await cron.stop()
  assert.deepEqual(times(ran), ['00:15', '00:30', '00:45', '01:00', '01:15'])
})

test('a clock that was far in the future does not silence a schedule once it is right again', async () => {
  const { clock, ran, cron } = bench({ quarter: [schedule('*/15 * * * *')] })
  clock.jump(1_000 * DAY)
  await clock.advance(2 * MINUTE)
  clock.jump(-1_000 * DAY)
  await clock.advance(14 * MINUTE)
  await cron.stop()
  assert.equal(times(ran).at(-1), '00:15')
  assert.equal(ran.length, 2)
})

test('two hosts on one memory of ticks run each tick once', async () => {
  const ticks = memoryTicks()
  const hosts = [1, 2].map(() => bench({ shared: [schedule('* * * * *')] }, 0, { ticks }))
  for (let minute = 0; minute < 5; minute++) for (const { clock } of hosts) await clock.advance(MINUTE)
  for (const { cron } of hosts) await cron.stop()
  assert.equal(hosts.flatMap(({ ran }) => ran).length, 5)
  assert.equal(ticks.claimed.length, 5)
})

test('stop starts no more ticks and waits for those in flight', async () => {
  const { clock, ran, ticks, cron } = bench({ slow: [schedule('* * * * *')] }, 30 * MINUTE)
  await clock.advance(MINUTE)
  let stopped = false
  const stopping = cron.stop().then(() => { stopped = true })
  await clock.advance(29 * MINUTE)
  assert.equal(stopped, false)
  await clock.advance(MINUTE)
  await stopping
  assert.equal(ran.length, 1)
  assert.equal(ticks.claimed[0]?.result?.outcome, 'ok')
})

test('a replaced table keeps the place of what stays, drops what goes and takes up what is new', async () => {
  const { clock, ran, cron } = bench({ stays: [schedule('*/2 * * * *')], goes: [schedule('* * * * *')] })
  await clock.advance(MINUTE)
  cron.replace(table({ stays: [schedule('*/2 * * * *')], comes: [schedule('*/3 * * * *')] }))
  await clock.advance(2 * MINUTE)
  cron.replace(table({}))
  await clock.advance(HOUR)
  await cron.stop()
  assert.deepEqual(ran.map((invocation) => invocation.function), ['goes', 'stays', 'comes'])
})

test('a claim that fails is tried again before the tick is given up', async () => {
  const { clock, ran, ticks, cron, warnings } = bench({ ingest: [schedule('* * * * *')] })
  const claim = ticks.claim.bind(ticks)
  let failures = 2
  ticks.claim = (...tick) => (failures-- > 0 ? Promise.reject(new Error('the disk is full')) : claim(...tick))
  await clock.advance(MINUTE)
  assert.equal(ran.length, 0)
  await clock.advance(10_000)
  assert.deepEqual(times(ran), ['00:01'])
  assert.equal(warnings.length, 2)
  await cron.stop()
})

test('fire runs a schedule now and records it, but never a tick of the future', async () => {
  const { clock, ran, ticks, cron } = bench({ digest: [schedule('0 9 * * MON-FRI')] })
  await clock.advance(1)
  assert.deepEqual(await cron.fire('digest', ' 0 9  * * MON-FRI'), { invocation: 'i1', outcome: 'ok' })
  assert.deepEqual(await ticks.last('digest', '0 9 * * MON-FRI'), { time: monday + 1, outcome: 'ok', invocation: 'i1' })
  await cron.fire('digest', '0 9 * * MON-FRI', monday + 9 * DAY)
  assert.equal(await ticks.lastClaimed('digest', '0 9 * * MON-FRI'), monday + 1)
  assert.equal(ran.length, 2)
  await assert.rejects(cron.fire('digest', '* * * * *'), { code: 'not_found' })
  await cron.stop()
})

test('a fired tick counts as running: the next tick of its schedule overlaps with it, a fired one never asks', async () => {
  const { clock, ran, ticks, cron, warnings } = bench({ slow: [schedule('*/10 * * * *')], free: [schedule('*/10 * * * *', { overlap: 'allow' })] }, 15 * MINUTE)
  await clock.advance(9 * MINUTE)
  const fired = ['slow', 'slow', 'free'].map((name) => cron.fire(name, '*/10 * * * *', clock.now()))
  await clock.advance(MINUTE)
  assert.deepEqual(ran.map((invocation) => invocation.function), ['slow', 'slow', 'free', 'free'])
  assert.deepEqual([(await ticks.last('slow', '*/10 * * * *'))?.outcome, warnings.length], ['skipped', 1])
  await clock.advance(14 * MINUTE)
  for (const one of await Promise.all(fired)) assert.equal(one.outcome, 'ok')
  await clock.advance(6 * MINUTE)
  assert.deepEqual(times(ran.filter((invocation) => invocation.function === 'slow')), ['00:09', '00:09', '00:30'])
  const stopped = cron.stop()
  await clock.advance(HOUR)
  await stopped
})
