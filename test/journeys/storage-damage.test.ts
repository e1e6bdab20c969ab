import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { nodeClock } from '../../src/runtimes/node/clock.ts'
import { openNodeStore } from '../../src/runtimes/node/store.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'
import { entry } from '../suites/ledger.suite.ts'
import { makeFunctionFolder } from './function-folder.ts'
import { runCommand } from './host-process.ts'

const RECORDS = 500

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}
const open = (folder: string) => openNodeStore({ folder, clock: nodeClock, host: 'h', log() {} })

/** A store's files after a clean end, or as a killed host leaves them: the last records in `host.db-wal` alone. */
async function filled(t: TestContext, end: 'clean' | 'killed'): Promise<{ folder: string; file: string }> {
  const folder = folderFor(t)
  const store = await open(folder)
  for (let i = 0; i < RECORDS; i++) store.ledger.record(entry({ id: `i${i}` }))
  await store.ticks.claim('hello', '* * * * *', 60_000, 'h')
  await store.ledger.flush()
  if (end === 'clean') {
    await store.close()
    return { folder, file: join(folder, 'host.db') }
  }
  const left = folderFor(t)
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(left, name))
  await store.close()
  return { folder: left, file: join(left, 'host.db') }
}
async function recordsIn(folder: string): Promise<number> {
  const store = await open(folder)
  const { entries } = await store.ledger.records({ limit: 1_000 })
  const [usage] = await store.ledger.usage({ by: [] })
  await store.close()
  assert.equal(usage?.invocations ?? 0, entries.length)
  return entries.length
}
/** Refused with the file's name and a way out, and every byte left as it was. */
async function refused(folder: string, expected: RegExp) {
  const contents = () => readdirSync(folder).filter((name) => !name.endsWith('-shm')).map((name) => [name, readFileSync(join(folder, name), 'base64')])
  const before = contents()
  await assert.rejects(open(folder), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'bad_option')
    assert.ok(error.message.startsWith(`${join(folder, 'host.db')}: the host's records cannot be opened: `), error.message)
    assert.match(error.message, expected)
    return true
  })
  assert.deepEqual(contents(), before)
}

function overwriteHead(file: string) {
  writeFileSync(file, readFileSync(file).fill('x', 0, 100))
}

for (const end of ['clean', 'killed'] as const) {
  test(`after a ${end} end everything is there`, async (t) => {
    const { folder } = await filled(t, end)
    assert.equal(await recordsIn(folder), RECORDS)
  })

  test(`after a ${end} end: an emptied file is refused`, async (t) => {
    const { folder, file } = await filled(t, end)
    truncateSync(file, 0)
    await refused(folder, /the file is empty; restore it/)
  })
}

test('a file overwritten at its beginning is refused', async (t) => {
  const { folder, file } = await filled(t, 'clean')
  overwriteHead(file)
  await refused(folder, /not a database; restore it from a backup, or move host\.db, host\.db-wal and host\.db-shm away/)
})

test('the same after a kill is mended from host.db-wal, which holds that page', async (t) => {
  const { folder, file } = await filled(t, 'killed')
  overwriteHead(file)
  assert.equal(await recordsIn(folder), RECORDS)
})

test('a truncated file is refused', async (t) => {
  const { folder, file } = await filled(t, 'clean')
  truncateSync(file, 5 * 4096)
  await refused(folder, /(malformed|damaged).*; restore it/)
})

test('garbage in the middle is refused', async (t) => {
  const { folder, file } = await filled(t, 'clean')
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill('garbage', 6 * 4096, 9 * 4096))
  await refused(folder, /(malformed|damaged).*; restore it/)
})

test('another program\'s database is refused', async (t) => {
  const folder = folderFor(t)
  const other = new DatabaseSync(join(folder, 'host.db'))
  other.exec('CREATE TABLE theirs (a)')
  other.close()
  await assert.rejects(open(folder), /no record of a host; restore/)
  const again = new DatabaseSync(join(folder, 'host.db'))
  assert.equal(again.prepare('SELECT count(*) AS n FROM sqlite_schema').get()!['n'], 1, 'nothing was added to it')
  again.close()
})

test('a lost -shm file is no loss', async (t) => {
  const { folder, file } = await filled(t, 'killed')
  rmSync(`${file}-shm`)
  assert.equal(await recordsIn(folder), RECORDS)
})

test('a lost -wal file is told, and the way on works', async (t) => {
  const { folder, file } = await filled(t, 'killed')
  rmSync(`${file}-wal`)
  await refused(folder, /host\.db-wal is gone, and the last records with it; put it back, or delete .*host\.db-shm/)
  rmSync(`${file}-shm`)
  await recordsIn(folder)
})

test('a cut -wal file: what was whole is there, the rest is not, nothing is half', async (t) => {
  const { folder, file } = await filled(t, 'killed')
  const bytes = readFileSync(`${file}-wal`)
  rmSync(`${file}-shm`)
  writeFileSync(`${file}-wal`, bytes.subarray(0, Math.floor(bytes.length / 2)))
  assert.ok((await recordsIn(folder)) <= RECORDS)
})

test('records without their file are not forgotten', async (t) => {
  const { folder, file } = await filled(t, 'killed')
  rmSync(file)
  await refused(folder, /the file is gone, but .*host\.db-wal is there/)
})

test('a first start that was killed half-way is begun anew', async (t) => {
  const folder = folderFor(t)
  writeFileSync(join(folder, 'host.db.new'), 'half')
  assert.equal(await recordsIn(folder), 0)
  assert.ok(!existsSync(join(folder, 'host.db.new')))
})

test('a folder in the place of the file is refused', async (t) => {
  const folder = folderFor(t)
  writeFileSync(join(folder, 'not-a-folder'), '')
  await assert.rejects(open(join(folder, 'not-a-folder')), { code: 'bad_option', message: /not-a-folder\/host\.db: the host's records cannot be opened/ })
})

test('an older schema is brought up to date and keeps its rows', async (t) => {
  const folder = folderFor(t)
  const old = new DatabaseSync(join(folder, 'host.db'))
  old.exec(`PRAGMA journal_mode = WAL; ${hostSchema[0]!}; PRAGMA user_version = 1`)
  old.exec("INSERT INTO ticks VALUES ('hello', '* * * * *', 60000, 'h', 'ok', 'a1')")
  old.close()
  const store = await open(folder)
  assert.deepEqual(await store.ticks.last('hello', '* * * * *'), { time: 60_000, outcome: 'ok', invocation: 'a1' })
  store.ledger.record(entry())
  await store.close()
  assert.equal(await recordsIn(folder), 1)
})

test('a newer schema is refused, by a whole start too', async (t) => {
  const { folder, file } = await filled(t, 'clean')
  const newer = new DatabaseSync(file)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  await refused(folder, /written by a newer version \(schema 99, this one knows \d+\); use that version, or another folder with --data/)
  using functions = makeFunctionFolder('functions/hello')
  const start = runCommand(['start', '--port', '0', '--admin-port', '0', '--functions', functions.functions, '--data', folder], functions)
  assert.equal(await start.exited, 1)
  assert.match(start.lines.join('\n'), /^pressroom: .*host\.db: .*written by a newer version/)
})

test('locked for longer than a start waits: refused, and fine afterwards', async (t) => {
  const { folder, file } = await filled(t, 'clean')
  const other = new DatabaseSync(file)
  // In this mode nobody else can even read.
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  await assert.rejects(open(folder), { code: 'bad_option', message: /database is locked: another program has it open; end that one/ })
  other.close()
  assert.equal(await recordsIn(folder), RECORDS)
})
