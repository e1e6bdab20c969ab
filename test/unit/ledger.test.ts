import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { createNodeLedger } from '../../src/runtimes/node/ledger.ts'
import { openDatabase, type HostDatabase } from '../../src/runtimes/node/store/database.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'
import { until } from '../journeys/host-process.ts'
import { entry } from '../suites/ledger.suite.ts'

/** A ledger over a real file and a clock moved by hand; `sent` tells the size of every batch handed to the database. */
async function open(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'))
  const file = join(folder, 'host.db')
  const database = await openDatabase(file, hostSchema, 300)
  const sent: number[] = []
  const watched: HostDatabase = {
    ...database,
    append(batch) {
      sent.push(batch.size)
      return database.append(batch)
    },
  }
  const clock = handMovedClock(Date.UTC(2026, 4, 1))
  const told: string[] = []
  const ledger = createNodeLedger({ database: watched, clock, host: 'h', log: (level, message) => told.push(`${level}: ${message}`) })
  t.after(async () => {
    await ledger.close()
    await database.close()
    rmSync(folder, { recursive: true })
  })
  const reader = new DatabaseSync(file, { readOnly: true })
  t.after(() => reader.close())
  const ids = () => reader.prepare('SELECT id FROM invocations ORDER BY seq').all().map(({ id }) => id as string)
  return { file, database, ledger, clock, sent, told, ids }
}

/** Another program that keeps everybody else from writing. */
function lockOf(file: string): { release(): void } {
  const other = new DatabaseSync(file)
  other.exec('PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE')
  return { release: () => other.close() }
}

test('a record is sent 200 ms after it came, not before', async (t) => {
  const { ledger, clock, sent, ids } = await open(t)
  ledger.record(entry({ id: 'a' }))
  await clock.advance(150)
  ledger.record(entry({ id: 'b' }))
  await clock.advance(49)
  assert.deepEqual(sent, [])
  await clock.advance(1)
  assert.deepEqual(sent, [2])
  await until('both are written', () => ids().length === 2)
})

test('1,000 records are sent at once; those that come meanwhile wait for that batch, and then go together', async (t) => {
  const { ledger, clock, sent, ids } = await open(t)
  for (let i = 0; i < 3_500; i++) ledger.record(entry({ id: `i${i}` }))
  assert.deepEqual(sent, [1_000])
  await until('the rest was sent without any time passing', () => sent.length === 2)
  assert.deepEqual(sent, [1_000, 2_500])
  await ledger.flush()
  assert.deepEqual(ids(), Array.from({ length: 3_500 }, (_, i) => `i${i}`))
  assert.equal(clock.elapsed(), 0)
})

test('a question asked under load is answered: it waits for what came before it, not for what comes after', async (t) => {
  const { ledger } = await open(t)
  let busy = true
  const load = (async () => {
    for (let i = 0; busy; i++) {
      for (let k = 0; k < 1_000; k++) ledger.record(entry({ id: `${i}/${k}` }))
      await pause(1)
    }
  })()
  const asked = ledger.usage({ by: [] })
  const answer = await Promise.race([asked, pause(20_000, undefined, { ref: false })])
  busy = false
  await load
  assert.ok(answer?.[0]!.invocations, 'answered while records came')
})

test('locked by another program: the batch is kept, questions are answered from what is there, and it is written once', async (t) => {
  const { file, ledger, clock, sent, told, ids } = await open(t)
  ledger.record(entry({ id: 'before' }))
  await ledger.flush()
  const lock = lockOf(file)
  ledger.record(entry({ id: 'kept' }))
  await clock.advance(200)
  await until('the attempt was given up', () => told.length === 1)
  assert.match(told[0]!, /^error: the ledger cannot be written, trying again: .*locked/)
  ledger.record(entry({ id: 'later' }))
  assert.deepEqual((await ledger.records({ limit: 10 })).entries.map(({ id }) => id), ['before'])
  lock.release()
  await clock.advance(1_000)
  await until('it was written', () => ids().length === 2)
  await clock.advance(200)
  await until('and what came meanwhile', () => ids().length === 3)
  assert.deepEqual(ids(), ['before', 'kept', 'later'])
  assert.deepEqual(sent, [1, 1, 1, 1])
  assert.deepEqual(told.slice(1), ['warn: the ledger can be written again; nothing was lost'])
  assert.equal((await ledger.usage({ by: [] }))[0]!.invocations, 3)
})

test('it says that it fails after five seconds of failing, and no more when a batch is written', async (t) => {
  const { file, ledger, clock, told } = await open(t)
  assert.equal(ledger.failing(), undefined)
  const lock = lockOf(file)
  ledger.record(entry())
  await clock.advance(200)
  await until('the first attempt failed', () => told.length === 1)
  assert.equal(ledger.failing(), undefined, 'it may be a lock that is let go')
  await clock.advance(4_900)
  assert.equal(ledger.failing(), undefined)
  await clock.advance(100)
  assert.match(ledger.failing()!, /locked/)
  lock.release()
  await until('it is well again', async () => {
    await clock.advance(1_000)
    return ledger.failing() === undefined
  })
})

test('a write that never ends is a failing ledger too', async (t) => {
  const { database } = await open(t)
  const clock = handMovedClock()
  let answer!: () => void
  const hung: HostDatabase = { ...database, append: () => new Promise((resolve) => (answer = resolve)) }
  const ledger = createNodeLedger({ database: hung, clock, host: 'h', log() {} })
  ledger.record(entry())
  await clock.advance(5_199)
  assert.equal(ledger.failing(), undefined)
  await clock.advance(1)
  assert.equal(ledger.failing(), 'the disk does not answer')
  answer()
  await until('well again', () => ledger.failing() === undefined)
})

test('a disk without room: nothing is written, nothing is lost, it goes on by itself', async (t) => {
  const { database, ledger, clock, told, ids } = await open(t)
  ledger.record(entry({ id: 'before' }))
  await ledger.flush()
  // SQLite's own bound on the file: the same error as that of a full disk.
  const [pages] = await database.all<{ page_count: number }>('PRAGMA page_count')
  await database.all(`PRAGMA max_page_count = ${pages!.page_count}`)
  const many = Array.from({ length: 2_000 }, (_, i) => `i${i}`)
  for (const id of many) ledger.record(entry({ id }))
  await until('it is told', () => told.length === 1)
  assert.match(told[0]!, /full/)
  assert.deepEqual((await ledger.records({ limit: 10 })).entries.map(({ id }) => id), ['before'])
  await clock.advance(1_000)
  assert.deepEqual(ids(), ['before'], 'a batch is written wholly or not at all')
  await database.all('PRAGMA max_page_count = 1000000')
  await until('all is written', async () => {
    await clock.advance(1_000)
    return ids().length === 2_001
  })
  assert.deepEqual(ids(), ['before', ...many])
  assert.equal((await ledger.usage({ by: [] }))[0]!.invocations, 2_001)
})

test('at its end it writes what is left; what cannot be written is told', async (t) => {
  const { file, ledger, told, ids } = await open(t)
  ledger.record(entry({ id: 'last' }))
  ledger.count('throttled', 'hello', 128, 0)
  await ledger.close()
  assert.deepEqual(ids(), ['last'])
  const lock = lockOf(file)
  ledger.record(entry({ id: 'lost' }))
  ledger.record(entry({ id: 'lost too' }))
  await ledger.close()
  lock.release()
  assert.match(told.at(-1)!, /^error: 2 records of the ledger are lost: .*locked/)
})

test('a figure that is none spoils neither its batch nor the next', async (t) => {
  const { ledger, told } = await open(t)
  ledger.record(entry({ id: 'odd', runMs: Number.NaN, maxMemoryBytes: 1.5, costPico: 2.25, cpuMs: Infinity }))
  ledger.record(entry({ id: 'even' }))
  const { entries } = await ledger.records({ limit: 10 })
  assert.deepEqual(entries.map(({ id }) => id), ['even', 'odd'])
  assert.deepEqual([entries[1]!.runMs, entries[1]!.maxMemoryBytes, entries[1]!.costPico, entries[1]!.cpuMs], [0, 2, 2, 0])
  assert.deepEqual(told, [])
})
