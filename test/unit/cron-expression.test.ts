import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CronReading, parseCron } from '../../src/routing/cron-expression.ts'

/** The next ticks after a moment, to the minute, UTC. */
function ticks(cron: string, after: string, count: number, reading?: CronReading): string[] {
  return parseCron(cron, reading).next(new Date(after), count).map((time) => time.toISOString().slice(0, 16))
}

const berlin = { timeZone: 'Europe/Berlin' }
const newYork = { timeZone: 'America/New_York' }
const unix = { dialect: 'unix' } as const

test('ticks are whole minutes strictly after the moment asked', () => {
  assert.deepEqual(ticks('* * * * *', '2026-11-23T10:00:00Z', 2), ['2026-11-23T10:01', '2026-11-23T10:02'])
  assert.deepEqual(ticks('* * * * *', '2026-11-23T09:59:59.999Z', 1), ['2026-11-23T10:00'])
})

test('Cloudflare counts weekdays 1–7 from Sunday, unix 0–7 with Sunday at both ends, names mean the same', () => {
  const monday = ['2026-11-23T09:00', '2026-11-24T09:00', '2026-11-25T09:00', '2026-11-26T09:00', '2026-11-27T09:00', '2026-11-30T09:00']
  assert.deepEqual(ticks('0 9 * * 2-6', '2026-11-21T00:00:00Z', 6), monday)
  assert.deepEqual(ticks('0 9 * * 1-5', '2026-11-21T00:00:00Z', 6, unix), monday)
  assert.deepEqual(ticks('0 9 * * mon-FRI', '2026-11-21T00:00:00Z', 6), monday)
  assert.deepEqual(ticks('0 9 * * MON-FRI', '2026-11-21T00:00:00Z', 6, unix), monday)
  assert.deepEqual(ticks('0 9 * * 1', '2026-11-21T00:00:00Z', 1), ['2026-11-22T09:00'])
  assert.deepEqual(ticks('0 9 * * 0', '2026-11-21T00:00:00Z', 1, unix), ['2026-11-22T09:00'])
  assert.deepEqual(ticks('0 9 * * 7', '2026-11-21T00:00:00Z', 1, unix), ['2026-11-22T09:00'])
  assert.deepEqual(ticks('0 9 * * 7', '2026-11-22T00:00:00Z', 1), ['2026-11-28T09:00'])
  assert.deepEqual(ticks('0 9 * * 1,*/3', '2026-11-22T00:00:00Z', 3), ['2026-11-22T09:00', '2026-11-25T09:00', '2026-11-28T09:00'])
})

test('weekday 0 is refused in Cloudflare dialect with the way out', () => {
  for (const cron of ['0 0 * * 0', '0 0 * * 0-3', '0 0 * * 1,0', '0 0 * * 0L', '0 0 * * 0#2']) {
    assert.throws(() => parseCron(cron), { code: 'bad_config', message: /expected 1–7 or SUN–SAT, found "0.*write SUN.*dialect: "unix"/ }, cron)
    assert.throws(() => parseCron(cron), (error: Error) => error.message.startsWith(`cron "${cron}": day of week: `))
  }
})

test('L, W and # count by the month', () => {
  assert.deepEqual(ticks('0 18 * * 6L', '2026-11-01T00:00:00Z', 3), ['2026-11-27T18:00', '2026-12-25T18:00', '2027-01-29T18:00'])
  assert.deepEqual(ticks('0 18 * * friL', '2026-11-01T00:00:00Z', 1), ['2026-11-27T18:00'])
  assert.deepEqual(ticks('0 18 * * 5L', '2026-11-01T00:00:00Z', 1, unix), ['2026-11-27T18:00'])
  assert.deepEqual(ticks('0 10 * * 2#2', '2026-11-01T00:00:00Z', 2), ['2026-11-09T10:00', '2026-12-14T10:00'])
  assert.deepEqual(ticks('0 10 * * SUN#5', '2026-11-01T00:00:00Z', 2), ['2026-11-29T10:00', '2027-01-31T10:00'])
  assert.deepEqual(ticks('59 23 LW * *', '2026-05-01T00:00:00Z', 2), ['2026-05-29T23:59', '2026-06-30T23:59'])
  assert.deepEqual(ticks('0 0 L * *', '2028-02-01T00:00:00Z', 2), ['2028-02-29T00:00', '2028-03-31T00:00'])
  assert.deepEqual(ticks('0 0 15W * *', '2026-08-01T00:00:00Z', 3), ['2026-08-14T00:00', '2026-09-15T00:00', '2026-10-15T00:00'])
  assert.deepEqual(ticks('0 0 1W * *', '2026-08-01T00:00:00Z', 1), ['2026-08-03T00:00'])
  assert.deepEqual(ticks('0 10 * * L', '2026-11-23T00:00:00Z', 1), ['2026-11-28T10:00'])
  assert.deepEqual(ticks('0 0 * * MON#1,WED#1', '2026-11-30T00:00:00Z', 2, unix), ['2026-12-02T00:00', '2026-12-07T00:00'])
})

test('where both day fields are restricted, a day of either ticks', () => {
  for (const [cron, reading] of [['0 0 13 * FRI', {}], ['0 0 13 * 5', unix]] as const) {
    assert.deepEqual(ticks(cron, '2026-11-01T00:00:00Z', 4, reading), ['2026-11-06T00:00', '2026-11-13T00:00', '2026-11-20T00:00', '2026-11-27T00:00'])
    assert.deepEqual(ticks(cron, '2026-12-05T00:00:00Z', 2, reading), ['2026-12-11T00:00', '2026-12-13T00:00'])
  }
  assert.deepEqual(ticks('0 0 L * MON#1', '2026-11-03T00:00:00Z', 2), ['2026-11-30T00:00', '2026-12-07T00:00'])
})

test('*/7 starts anew with every hour', () => {
  assert.deepEqual(ticks('*/7 * * * *', '2026-11-23T09:48:00Z', 3), ['2026-11-23T09:49', '2026-11-23T09:56', '2026-11-23T10:00'])
})

test('ranges wrap and steps may start anywhere in Cloudflare dialect; unix refuses with the way out', () => {
  assert.deepEqual(ticks('0 22-1 * * *', '2026-11-23T12:00:00Z', 4), ['2026-11-23T22:00', '2026-11-23T23:00', '2026-11-24T00:00', '2026-11-24T01:00'])
  assert.deepEqual(ticks('5/20 * * * *', '2026-11-23T12:00:00Z', 3), ['2026-11-23T12:05', '2026-11-23T12:25', '2026-11-23T12:45'])
  assert.deepEqual(ticks('0 9 * * FRI-SUN', '2026-11-26T12:00:00Z', 4), ['2026-11-27T09:00', '2026-11-28T09:00', '2026-11-29T09:00', '2026-12-04T09:00'])
  assert.deepEqual(ticks('0 9 * * FRI-SUN', '2026-11-26T12:00:00Z', 4, unix), ['2026-11-27T09:00', '2026-11-28T09:00', '2026-11-29T09:00', '2026-12-04T09:00'])
  assert.throws(() => parseCron('0 22-1 * * *', unix), { message: /write 22-23,0-1/ })
  assert.throws(() => parseCron('5/20 * * * *', unix), { message: /write 5-59\/20/ })
})

test('February 29 ticks in leap years alone, and a date that never comes is refused', () => {
  assert.deepEqual(ticks('0 0 29 2 *', '2026-11-23T00:00:00Z', 2), ['2028-02-29T00:00', '2032-02-29T00:00'])
  assert.deepEqual(ticks('0 0 29 2 *', '2096-03-01T00:00:00Z', 1), ['2104-02-29T00:00'])
  assert.throws(() => parseCron('0 0 30 2 *'), { code: 'bad_config', message: /no date ever matches/ })
  assert.throws(() => parseCron('0 0 31 4,6 *'), { message: /no date ever matches/ })
})

test('a local time that a clock change leaves out is skipped', () => {
  assert.deepEqual(ticks('30 2 * * *', '2026-03-28T00:00:00Z', 2, berlin), ['2026-03-28T01:30', '2026-03-30T00:30'])
  assert.deepEqual(ticks('30 2 * * *', '2026-03-07T00:00:00Z', 2, newYork), ['2026-03-07T07:30', '2026-03-09T06:30'])
  assert.deepEqual(ticks('*/30 2,3 * * *', '2026-03-28T12:00:00Z', 3, berlin), ['2026-03-29T01:00', '2026-03-29T01:30', '2026-03-30T00:00'])
})

test('a local time that a clock change repeats ticks once, the first time', () => {
  assert.deepEqual(ticks('30 2 * * *', '2026-10-24T12:00:00Z', 2, berlin), ['2026-10-25T00:30', '2026-10-26T01:30'])
  assert.deepEqual(ticks('30 1 * * *', '2026-10-31T12:00:00Z', 2, newYork), ['2026-11-01T05:30', '2026-11-02T06:30'])
  assert.deepEqual(ticks('*/30 2 * * *', '2026-10-24T12:00:00Z', 3, berlin), ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-26T01:00'])
  assert.deepEqual(ticks('30 2 25 10 *', '2026-01-01T00:00:00Z', 2, berlin), ['2026-10-25T00:30', '2027-10-25T00:30'])
  assert.deepEqual(ticks('30 2 * * *', '2026-10-25T01:10:00Z', 1, berlin), ['2026-10-26T01:30'])
  assert.deepEqual(ticks('45 1 * * *', '2027-04-03T00:00:00Z', 2, { timeZone: 'Australia/Lord_Howe' }), ['2027-04-03T14:45', '2027-04-04T15:15'])
})

test('a schedule for every hour keeps its rhythm through clock changes', () => {
  const minutes = (from: string, reading: CronReading): number[] => {
    const times = parseCron('*/20 * * * *', reading).next(new Date(from), 12).map((time) => time.getTime())
    return times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 60_000)
  }
  for (const [from, reading] of [
    ['2026-10-24T23:30:00Z', berlin], ['2026-03-29T00:10:00Z', berlin], ['2026-11-01T04:30:00Z', newYork], ['2026-03-08T06:10:00Z', newYork],
  ] as const) assert.deepEqual(new Set(minutes(from, reading)), new Set([20]))
  assert.deepEqual(ticks('30 * 25 10 *', '2026-10-24T22:31:00Z', 3, berlin), ['2026-10-24T23:30', '2026-10-25T00:30', '2026-10-25T01:30'])
})

test('a year of ticks in four zones agrees with the clock on the wall, none twice', () => {
  for (const timeZone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata']) {
    const expression = parseCron('17 */3 * * *', { timeZone })
    const wall = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', day: 'numeric', month: 'numeric', year: 'numeric', hourCycle: 'h23' })
    const seen = new Set<string>()
    const ticked = expression.next(new Date('2025-01-01T00:00:00Z'), 3_000)
    for (const time of ticked) {
      const shown = wall.format(time)
      assert.match(shown, /(00|03|06|09|12|15|18|21):17$/)
      assert.equal(seen.has(shown), false, `${shown} twice in ${timeZone}`)
      seen.add(shown)
    }
    const gaps = ticked.slice(1).map((time, index) => (time.getTime() - (ticked[index]?.getTime() ?? 0)) / 3_600_000)
    assert.ok(gaps.every((hours) => hours >= 2 && hours <= 4), `${timeZone}: ${[...new Set(gaps)].join(' ')}`)
  }
})

test('what is no expression of five fields is refused, field, expected and found', () => {
  const refused: Record<string, RegExp> = {
    '': /expected five fields.*found 0/,
    '0 0 1 1': /found 4$/,
    '0 0 0 1 1 *': /found 6; seconds and years are not supported/,
    '0 0 0 1 1 * 2026': /found 7/,
    '@daily': /nicknames are not supported/,
    '60 * * * *': /minute: expected 0–59, found "60"/,
    '* 24 * * *': /hour: expected 0–23, found "24"/,
    '* * 0 * *': /day of month: expected 1–31, found "0"/,
    '* * * 13 *': /month: expected 1–12 or JAN–DEC, found "13"/,
    '* * * * 8': /day of week: expected 1–7/,
    '* * * FOO *': /month: expected/,
    '* * * * MONDAY': /day of week: expected/,
    '*/0 * * * *': /step of 1–59/,
    '*/60 * * * *': /step of 1–59/,
    '1-2-3 * * * *': /minute: expected/,
    '1//2 * * * *': /minute: expected/,
    '1, * * * *': /minute: expected 0–59, found ""/,
    '*,1 * * * *': /"\*" stands alone/,
    '* * ? * *': /found "\?"; write "\*"/,
    '* * L-3 * *': /write L or LW/,
    '* * 32W * *': /day of month: expected/,
    '* * 15W,L * *': /only alone/,
    '* * * * MON#6': /expected 1–5 after "#"/,
    '* L * * *': /hour: expected/,
  }
  for (const [cron, message] of Object.entries(refused)) assert.throws(() => parseCron(cron), { code: 'bad_config', message }, cron)
  assert.throws(() => parseCron('0 0 * * *', { timeZone: 'Mars/Base' }), { code: 'bad_config', message: /IANA time zone.*found "Mars\/Base"/ })
})

test('an explanation says in English when it ticks', () => {
  const explained: Record<string, string> = {
    '* * * * *': 'Every minute (UTC)',
    '*/5 * * * *': 'Every 5 minutes (UTC)',
    '*/45 * * * *': 'At minutes 0 and 45 of every hour (UTC)',
    '0 * * * *': 'Every hour, on the hour (UTC)',
    '0 9 * * *': 'At 09:00 every day (UTC)',
    '0 9 * * 2-6': 'At 09:00 on Monday to Friday (UTC)',
    '0,30 9,17 * * SUN': 'At 09:00, 09:30, 17:00 and 17:30 on Sunday (UTC)',
    '*/15 9-17 * * *': 'At minutes 0, 15, 30 and 45 of hours 09 to 17 every day (UTC)',
    '* 9 * * *': 'At every minute of hour 09 every day (UTC)',
    '0 0 13 * FRI': 'At 00:00 on day 13 of the month, and also on Friday (UTC)',
    '0 0 LW JAN,JUL *': 'At 00:00 on the last day of the month that is Monday to Friday in January and July (UTC)',
    '0 0 15W * *': 'At 00:00 on the day from Monday to Friday nearest to day 15 of the month (UTC)',
    '0 18 * * 6L': 'At 18:00 on the last Friday of the month (UTC)',
    '0 18 * * 6#2': 'At 18:00 on the second Friday of the month (UTC)',
  }
  for (const [cron, text] of Object.entries(explained)) assert.equal(parseCron(cron).explain(), text)
  assert.equal(parseCron('0 9 * * *', berlin).explain(), 'At 09:00 every day (Europe/Berlin)')
})
