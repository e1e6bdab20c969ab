import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResolvedSchedule } from '../../src/contract/function-config.ts'
import { latestTick } from '../../src/ingress/missed-tick.ts'
import { parseCron } from '../../src/routing/cron-expression.ts'
import { createCronTable } from '../../src/routing/cron-table.ts'

function schedule(cron: string, rest: Partial<ResolvedSchedule> = {}): ResolvedSchedule {
  return { cron, timeZone: 'UTC', dialect: 'cloudflare', overlap: 'skip', atStart: false, ...rest }
}

const table = createCronTable([
  { name: 'ingest', schedules: [schedule('*/5 * * * *', { atStart: true })] },
  { name: 'digest', schedules: [schedule('0 9 * * MON-FRI'), schedule('0 9 * * MON-FRI', { timeZone: 'Europe/Berlin' })] },
  { name: 'clean', schedules: [schedule('*/5 * * * *')] },
])

test('the soonest tick names every schedule that ticks then', () => {
  const soonest = table.next(new Date('2026-11-23T08:59:00Z'))
  assert.equal(soonest?.time.toISOString(), '2026-11-23T09:00:00.000Z')
  assert.deepEqual(soonest?.entries.map((entry) => entry.function), ['ingest', 'digest', 'clean'])
  assert.equal(createCronTable([]).next(new Date()), null)
})

test('a cron finds its schedules in every function, or in one, spaces aside', () => {
  assert.deepEqual(table.find('*/5 * * * *').map((entry) => entry.function), ['ingest', 'clean'])
  assert.deepEqual(table.find('  */5  * * * * ', 'clean').map((entry) => entry.function), ['clean'])
  assert.deepEqual(table.find('0 9 * * MON-FRI').map((entry) => entry.timeZone), ['UTC', 'Europe/Berlin'])
  assert.deepEqual(table.find('1 * * * *'), [])
})

test('an entry keeps its schedule and tells its own ticks', () => {
  const [entry] = table.find('*/5 * * * *', 'ingest')
  assert.equal(entry?.atStart, true)
  assert.equal(entry?.explain(), 'Every 5 minutes (UTC)')
  assert.equal(entry?.next(new Date('2026-11-23T08:59:00Z'), 1)[0]?.toISOString(), '2026-11-23T09:00:00.000Z')
})

test('every expression that is not understood is named with its file', () => {
  assert.throws(() => createCronTable([
    { name: 'a', file: 'functions/a.ts', schedules: [schedule('0 0 * * 0'), schedule('* * * * *')] },
    { name: 'b', file: 'functions/b.ts', schedules: [schedule('0 0 * * *', { timeZone: 'Mars/Base' })] },
  ]), (error: { code?: string; message: string }) => {
    assert.equal(error.code, 'bad_config')
    const lines = error.message.split('\n')
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /^functions\/a\.ts: config\.schedules: cron "0 0 \* \* 0": day of week/)
    assert.match(lines[1] ?? '', /^functions\/b\.ts: config\.schedules: .*Mars\/Base/)
    return true
  })
})

test('the latest missed tick is found without walking, and is none where none was', () => {
  const at = (text: string): number => Date.parse(text)
  const minutely = parseCron('* * * * *')
  let asked = 0
  const counted = { next: (after: Date, count: number) => { asked++; return minutely.next(after, count) } }
  assert.equal(latestTick(counted, at('2025-11-23T00:00:00Z'), at('2026-11-23T10:20:30Z')), at('2026-11-23T10:20:00Z'))
  assert.ok(asked < 60, `${asked} questions`)
  assert.equal(latestTick(minutely, at('2026-11-23T10:20:00Z'), at('2026-11-23T10:20:59Z')), null)
  assert.equal(latestTick(minutely, at('2026-11-23T10:19:59Z'), at('2026-11-23T10:20:00Z')), at('2026-11-23T10:20:00Z'))
  assert.equal(latestTick(minutely, at('2026-11-23T10:19:59.999Z'), at('2026-11-23T10:20:00Z')), at('2026-11-23T10:20:00Z'))
  const daily = parseCron('0 3 * * *')
  assert.equal(latestTick(daily, at('2026-11-20T12:00:00Z'), at('2026-11-23T02:00:00Z')), at('2026-11-22T03:00:00Z'))
  assert.equal(latestTick(daily, at('2026-11-23T02:00:00Z'), at('2026-11-20T12:00:00Z')), null)
})
