import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshMs, retryAfterMs } from '../../functions/_news/fetching/answer-headers.ts'
import { hintsOf } from '../../functions/_news/fetching/hints.ts'
import { lanesOf, parcelsOf } from '../../functions/_news/fetching/lanes.ts'
import { nextCheck, publishingMs, type Check } from '../../functions/_news/fetching/schedule.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
// A Tuesday.
const now = Date.UTC(2026, 10, 24, 12)

function wait(check: Partial<Check>): number {
  return nextCheck({ dueAt: now, endedAt: now, hints: { published: [now] }, failures: 0, random: 0, ...check }) - now
}

test('a source that publishes all the time is checked every five minutes, a silent one once a day', () => {
  assert.equal(wait({}), 5 * minute)
  assert.equal(wait({ hints: { published: [now - 300 * day] } }), day)
  assert.equal(wait({ hints: {} }), 30 * minute, 'without dates')
  assert.equal(publishingMs([now - 2 * hour, now - 4 * hour], now), hour, 'half the mean time between items')
  assert.equal(publishingMs([now + day], now), 30 * minute, 'a date to come says nothing')
})

test('the longest of what document, server and rate ask for counts, up to a day', () => {
  assert.equal(wait({ hints: { published: [now], ttlMs: 3 * hour } }), 3 * hour)
  assert.equal(wait({ hints: { published: [now], ttlMs: 3 * hour }, freshMs: 4 * hour }), 4 * hour)
  assert.equal(wait({ hints: { published: [now], ttlMs: 300 * day }, freshMs: 300 * day }), day)
})

test('failures are waited for longer and longer, up to a day; Retry-After counts where it is longer, up to a week', () => {
  const waits = Array.from({ length: 40 }, (_, i) => wait({ failures: i + 1 }))
  assert.deepEqual(waits.slice(0, 4), [5 * minute, 10 * minute, 20 * minute, 40 * minute])
  assert.equal(Math.max(...waits), day)
  assert.equal(wait({ failures: 1, retryAfterMs: 2 * day }), 2 * day)
  assert.equal(wait({ failures: 3, retryAfterMs: 1000 }), 20 * minute)
  assert.equal(wait({ failures: 1, retryAfterMs: 365 * day }), 7 * day)
})

test('hours and days that the feed names are left out; one that names them all is not taken at its word', () => {
  const published = [now]
  assert.equal(wait({ hints: { published, skipHours: [12, 13] } }), 2 * hour)
  assert.equal(wait({ hints: { published, skipDays: [2] } }), 12 * hour)
  assert.equal(wait({ hints: { published, skipHours: Array.from({ length: 24 }, (_, i) => i) } }), 5 * minute)
})

test('chance adds a tenth at most, and never takes away', () => {
  for (const random of [0, 0.3, 0.999]) {
    const waited = wait({ hints: { published: [now], ttlMs: 10 * hour }, random })
    assert.ok(waited >= 10 * hour && waited <= 11 * hour, `${waited}`)
    const retried = wait({ failures: 1, retryAfterMs: hour, random })
    assert.ok(retried >= hour && retried <= 1.1 * hour, `${retried}`)
  }
  assert.equal(wait({ random: 0.999 }), 5 * minute, 'the next tick is not missed for it')
})

test('a check that took its time is counted from when it was due; what the server asks for, from its answer', () => {
  assert.equal(wait({ endedAt: now + minute }), 5 * minute)
  assert.equal(wait({ endedAt: now + minute, freshMs: hour }), hour + minute)
  assert.equal(wait({ endedAt: now + 8 * minute }), 12 * minute, 'one that was late by minutes is not followed by the next at once')
})

test('Retry-After is read as seconds and as a date, freshness from max-age, Age, Expires and Date', () => {
  const date = (ms: number): string => new Date(ms).toUTCString()
  assert.equal(retryAfterMs(new Headers({ 'retry-after': ' 120 ' }), now), 120_000)
  assert.equal(retryAfterMs(new Headers({ 'retry-after': date(now + hour) }), now), hour)
  assert.equal(wait({ failures: 1, retryAfterMs: retryAfterMs(new Headers({ 'retry-after': '9'.repeat(400) }), now) }), 7 * day, 'a number beyond all numbers')
  for (const value of ['', 'soon', '-5', date(now - hour), '0']) assert.equal(retryAfterMs(new Headers({ 'retry-after': value }), now), undefined, value)
  assert.equal(freshMs(new Headers({ 'cache-control': 'public, max-age=3600', age: '600', expires: date(now + hour / 2) }), now), 50 * minute)
  assert.equal(freshMs(new Headers({ 'cache-control': 'max-age=3600', expires: date(now + 2 * hour) }), now), 2 * hour, 'the longer of the two')
  assert.equal(freshMs(new Headers({ expires: date(now + 2 * hour), date: date(now + hour) }), now), hour)
  assert.equal(freshMs(new Headers({ expires: date(now + hour) }), now), hour)
  for (const headers of [{ expires: '0' }, { 'cache-control': 'no-cache, max-age=99' }, { 'cache-control': 's-maxage=99' }, {}] as Record<string, string>[]) {
    assert.equal(freshMs(new Headers(headers), now), undefined, JSON.stringify(headers))
  }
})

test('what a feed says of how often to come is read from its head alone', () => {
  const head = '<ttl> 90 </ttl><skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>77</hour></skipHours><skipDays><day>Sunday</day><day>Noday</day></skipDays>'
  const feed = (channel: string): string => `<rss version="2.0"><channel><title>A</title>${channel}<item><title>x</title><ttl>9999</ttl></item></channel></rss>`
  assert.deepEqual(hintsOf(feed(head), [now - hour, null, now + day], now), { ttlMs: 90 * minute, skipHours: [0, 0, 7], skipDays: [0], published: [now - hour] })
  assert.deepEqual(hintsOf(feed(''), [], now), {})
  assert.deepEqual(hintsOf(feed('<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>'), [], now), { ttlMs: 6 * hour })
  assert.deepEqual(hintsOf(feed('<ttl>never</ttl><skipHours><hour>x</hour>'), [], now), {})
})

test('of one server two sources at most are asked at once, the others follow; messages go in parcels that a queue takes', () => {
  const due = (host: string, count: number): { id: string; sample: boolean; host: string }[] => Array.from({ length: count }, (_, i) => ({ id: `${host}${i}`, sample: false, host }))
  assert.deepEqual(lanesOf([...due('a', 5), ...due('b', 1), ...due('', 2)], 7), [
    { source: '0', since: 7 }, { source: '1', since: 7 },
    { source: 'a0', since: 7, next: ['a2', 'a4'] }, { source: 'a1', since: 7, next: ['a3'] }, { source: 'b0', since: 7 },
  ])
  assert.deepEqual(parcelsOf(lanesOf(Array.from({ length: 250 }, (_, i) => due(`h${i}`, 1)).flat(), 7)).map(({ length }) => length), [100, 100, 50])
  const long = parcelsOf(lanesOf(Array.from({ length: 5 }, (_, i) => due(`${'h'.repeat(40)}${i}`, 2000)).flat(), 7))
  for (const parcel of long) assert.ok(JSON.stringify(parcel).length < 256_000)
  assert.equal(long.flat().length, 10)
})
