import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { outcomes } from '../../src/contract/invocation.ts'
import type { LedgerEntry } from '../../src/ports/store.ts'
import { createLedgerPacker, unpackLedger } from '../../src/runtimes/node/store/ledger-batch.ts'
import { queryUsage } from '../../src/runtimes/node/store/ledger-queries.ts'
import { createLedgerWriter } from '../../src/runtimes/node/store/ledger-writer.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'
import { entry } from '../suites/ledger.suite.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const start = Date.UTC(2026, 0, 1)
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1_000_000_000)

function randomFrom(from: number): (below: number) => number {
  let state = from >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The host's tables in memory, written as the store's thread does. */
function tables(kept?: number) {
  const database = new DatabaseSync(':memory:')
  for (const sql of hostSchema) database.exec(sql)
  const writer = createLedgerWriter(database, kept)
  const all = async <Row>(sql: string, ...values: (string | number | null)[]) => database.prepare(sql).all(...values) as Row[]
  return {
    database,
    write(...entries: LedgerEntry[]) {
      const packer = createLedgerPacker(() => {})
      for (const one of entries) packer.add(one)
      database.exec('BEGIN')
      writer(packer.take([]))
      database.exec('COMMIT')
    },
    usage: (query: Parameters<typeof queryUsage>[1]) => queryUsage({ all, run: fail, append: fail, queues: fail, buckets: fail, close: fail }, query),
    starts: () => database.prepare('SELECT DISTINCT start FROM usage ORDER BY start').all().map((row) => Number(row['start'])),
  }
}
const fail = (): never => assert.fail('only questions')

test('whatever is packed is unpacked the same', () => {
  const random = randomFrom(seed)
  const entries = Array.from({ length: 3_000 }, (_, i) => randomEntry(random, i))
  const packer = createLedgerPacker(() => {})
  for (const one of entries) packer.add(one)
  assert.deepEqual([...unpackLedger(packer.take([]))], entries)
  assert.equal(packer.size, 0)
  packer.add(entries[0]!)
  assert.deepEqual([...unpackLedger(packer.take([]))], [entries[0]], 'the next batch has names of its own')
})

test(`sums are those of random records, by any key (PRESSROOM_TEST_SEED=${seed})`, async () => {
  const random = randomFrom(seed)
  const { write, usage } = tables()
  const entries = Array.from({ length: 2_000 }, (_, i) => randomEntry(random, i))
  for (let at = 0; at < entries.length;) {
    const size = 1 + random(300)
    write(...entries.slice(at, at + size))
    at += size
  }
  const keyOf = {
    function: (one: LedgerEntry) => one.function,
    memory: (one: LedgerEntry) => String(one.memoryMib),
    hour: (one: LedgerEntry) => new Date(one.at - (one.at % HOUR)).toISOString(),
    day: (one: LedgerEntry) => new Date(one.at).toISOString().slice(0, 10),
  }
  for (const key of ['function', 'memory', 'hour', 'day'] as const) {
    const groups = Map.groupBy(entries, keyOf[key])
    const rows = await usage({ by: [key] })
    assert.deepEqual(rows.map(({ keys }) => keys[key]), [...groups.keys()].toSorted((a, b) => (a < b ? -1 : 1)))
    for (const row of rows) {
      const group = groups.get(row.keys[key]!)!
      const sum = (figure: (one: LedgerEntry) => number) => group.reduce((total, one) => total + figure(one), 0)
      assert.deepEqual(
        [row.invocations, row.delivered, row.errors, row.billedMs, row.mibMs, row.costPico, row.maxMemoryBytes, row.runMs, row.initMs, row.cpuMs],
        [
          group.length, sum(({ revision }) => (revision === null ? 0 : 1)), sum(({ outcome }) => (outcome === 'ok' || outcome === 'canceled' ? 0 : 1)),
          sum(({ billedMs }) => billedMs), sum(({ billedMs, memoryMib }) => billedMs * memoryMib), group.reduce((total, { costPico }) => total + BigInt(costPico), 0n),
          Math.max(...group.map(({ maxMemoryBytes }) => maxMemoryBytes)), ...[
            sum(({ runMs }) => Math.round(runMs * 1000)), sum(({ initMs }) => Math.round(initMs * 1000)), sum(({ cpuMs }) => Math.round(cpuMs * 1000)),
          ].map((us) => us / 1000),
        ],
      )
    }
  }
})

test('money beyond what a double counts is exact, within one batch and over many', async () => {
  const { write, usage } = tables()
  const costPico = Number.MAX_SAFE_INTEGER
  write(...Array.from({ length: 3 }, () => entry({ costPico, at: start })))
  write(entry({ costPico: 1, at: start + MINUTE }))
  write(entry({ costPico, at: start }))
  assert.equal((await usage({ by: [] }))[0]!.costPico, 4n * BigInt(costPico) + 1n)
  write(entry({ costPico: 0, at: start + 100 * DAY }))
  assert.equal((await usage({ by: [], to: start + DAY }))[0]!.costPico, 4n * BigInt(costPico) + 1n, 'also when minutes became an hour')
})

test('only the last records are kept one by one; their sums stay', async () => {
  const { database, write, usage } = tables(100)
  for (let i = 0; i < 35; i++) write(...Array.from({ length: 7 }, (_, k) => entry({ id: `${i * 7 + k}` })))
  const ids = database.prepare('SELECT id FROM invocations ORDER BY seq').all().map(({ id }) => Number(id))
  assert.deepEqual(ids, Array.from({ length: 100 }, (_, i) => 145 + i))
  assert.equal((await usage({ by: [] }))[0]!.invocations, 245)
})

test('of 100,001 records the first is gone', { skip: !process.env['PRESSROOM_TEST_LONG'] && 'runs in test:long' }, () => {
  const { database, write } = tables()
  for (let i = 0; i < 100; i++) write(...Array.from({ length: 1_000 }, (_, k) => entry({ id: `${i * 1_000 + k}` })))
  const counted = () => ({ ...database.prepare('SELECT count(*) AS n, min(CAST(id AS INTEGER)) AS first FROM invocations').get() })
  assert.deepEqual(counted(), { n: 100_000, first: 0 })
  write(entry({ id: '100000' }))
  assert.deepEqual(counted(), { n: 100_000, first: 1 })
})

test('after 90 days minutes become hours with equal sums, whatever comes late', async () => {
  const random = randomFrom(seed)
  const { write, usage, starts } = tables()
  const day = Array.from({ length: 500 }, (_, i) => ({ ...randomEntry(random, i), at: start + random(DAY) }))
  write(...day)
  const before = [await usage({ by: ['function'] }), await usage({ by: ['hour', 'memory'] })]
  assert.ok(starts().some((at) => at % HOUR !== 0))
  const later = entry({ function: 'later', at: start + 91 * DAY })
  write(later)
  assert.deepEqual(starts().filter((at) => at < start + DAY && at % HOUR !== 0), [], 'a whole day at once')
  const within = { to: start + 2 * DAY }
  assert.deepEqual([await usage({ by: ['function'], ...within }), await usage({ by: ['hour', 'memory'], ...within })], before)
  // A clock that was set back wrote into hours already folded.
  const late = entry({ id: 'late', function: day[0]!.function, at: start + 3 * MINUTE })
  write(late)
  write({ ...later, at: later.at + HOUR })
  assert.deepEqual(starts().filter((at) => at < start + DAY && at % HOUR !== 0), [])
  const [all] = await usage({ by: [], ...within })
  assert.equal(all!.invocations, 501)
  assert.equal(all!.costPico, [...day, late].reduce((sum, { costPico }) => sum + BigInt(costPico), 0n))
})

test('more hours than are folded at once are folded by the next batches', () => {
  const { write, starts } = tables()
  write(...Array.from({ length: 60 }, (_, i) => entry({ at: start + i * HOUR + 7 * MINUTE })))
  const minutes = () => starts().filter((at) => at % HOUR !== 0 && at < start + 90 * DAY).length
  const now = start + 100 * DAY
  write(entry({ at: now }))
  assert.equal(minutes(), 36)
  write(entry({ at: now }))
  write(entry({ at: now }))
  assert.equal(minutes(), 0)
})

test('a clock that goes back: earlier minutes are added to, nothing is folded or lost', async () => {
  const { write, usage } = tables()
  write(entry({ at: start + 10 * DAY }), entry({ at: start + 10 * DAY - HOUR }), entry({ at: start }))
  write(entry({ at: start + 10 * DAY - HOUR }))
  assert.deepEqual((await usage({ by: ['day'] })).map(({ keys, invocations }) => [keys.day, invocations]), [['2026-01-01', 1], ['2026-01-10', 2], ['2026-01-11', 1]])
})

function randomEntry(random: (below: number) => number, index: number): LedgerEntry {
  const delivered = random(10) > 0
  return {
    id: `id-${index}`,
    function: `f${random(4)}`,
    revision: delivered ? `r${random(3)}` : null,
    host: 'h',
    trigger: (['http', 'timer', 'pubsub', 'datasource'] as const)[random(4)]!,
    outcome: outcomes[random(outcomes.length)]!,
    status: random(4) === 0 ? null : 200 + random(300),
    at: start + random(3 * DAY),
    queueMs: random(5_000_000) / 1000,
    initMs: random(5_000_000) / 1000,
    runMs: random(1_000_000_000) / 1000,
    billedMs: random(1_000_000),
    cpuMs: random(1_000_000) / 1000,
    memoryMib: [64, 128, 512][random(3)]!,
    maxMemoryBytes: random(2 ** 31),
    cold: random(2) === 1,
    costPico: random(2 ** 31) * random(1_000),
    traceId: random(2) === 1 ? random(2 ** 32).toString(16).padStart(32, '0') : null,
  }
}
