import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, suite, test } from 'node:test'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { runCommand, startHost, until, type HostProcess } from './host-process.ts'
import { noSmallDisk, smallDisk } from './small-disk.ts'

let folder: FunctionFolder
before(() => {
  folder = makeFunctionFolder('functions/hello')
})
after(() => folder[Symbol.dispose]())

/** Which of the two depends on how far the start came. */
const WAY_OUT = /^pressroom: .*(expected a folder this user can write to, found .*full|make room on the disk)/m

/** What a client keeps of its calls: the id of each that was served, and how the others were refused. */
interface Calls {
  served: string[]
  refused: { status: number; code: string; retryAfter: string | null }[]
}

async function call(host: HostProcess, calls: Calls): Promise<number> {
  const answer = await fetch(`${host.url}/hello`)
  const text = await answer.text()
  if (answer.status === 200) calls.served.push(answer.headers.get('pressroom-invocation')!)
  else calls.refused.push({ status: answer.status, code: (JSON.parse(text) as { error: { code: string } }).error.code, retryAfter: answer.headers.get('retry-after') })
  return answer.status
}
const recorded = async (host: HostProcess) => (await host.admin<{ invocations: { id: string }[] }>('/invocations?limit=1000')).invocations.map(({ id }) => id)
const readiness = async (host: HostProcess) => (await fetch(`${host.adminUrl}/readyz`)).status

/** What a ledger must be after all: sound, with one record for each call that was served, and sums that agree. */
function audit(data: string, served: string[]) {
  const database = new DatabaseSync(join(data, 'host.db'), { readOnly: true })
  assert.equal(database.prepare('PRAGMA integrity_check').get()!['integrity_check'], 'ok')
  assert.deepEqual(database.prepare('SELECT id FROM invocations ORDER BY id').all().map(({ id }) => id), served.toSorted())
  assert.equal(database.prepare('SELECT sum(invocations) AS n FROM usage').get()!['n'], served.length)
  database.close()
}

/** The road of every fault in which nothing can be written: told, refused, asked, healed, nothing lost. */
async function survive(host: HostProcess, fault: { begin(): void; end(): void }) {
  const calls: Calls = { served: [], refused: [] }
  for (let i = 0; i < 10; i++) assert.equal(await call(host, calls), 200)
  await until('all are recorded', async () => (await recorded(host)).length === 10)
  fault.begin()
  await until('calls are refused', async () => (await call(host, calls)) !== 200)
  assert.deepEqual(calls.refused, [{ status: 503, code: 'storage_failed', retryAfter: '5' }])
  await host.line((line) => line.includes('the ledger cannot be written'))
  assert.equal(await readiness(host), 503)
  assert.equal((await fetch(`${host.adminUrl}/healthz`)).status, 200)
  assert.equal((await recorded(host)).length, 10, 'what is there can be read')
  const { total } = await host.admin<{ total: { invocations: number } }>('/bill')
  assert.equal(total.invocations, 10)
  fault.end()
  await until('it serves again', async () => (await call(host, calls)) === 200)
  assert.equal(await readiness(host), 200)
  await host.line((line) => line.includes('the ledger can be written again; nothing was lost'))
  await until('everything is recorded', async () => (await recorded(host)).length === calls.served.length)
  assert.equal(await host.stop(), 0, host.lines.join('\n'))
  audit(host.data, calls.served)
}

void suite('a disk without room', { skip: noSmallDisk, concurrency: true }, () => {
  test('calls are refused with 503 storage_failed, records can be read, and it heals by itself', async () => {
    using disk = smallDisk()
    const data = join(disk.path, 'data')
    await using host = await startHost({ ...folder, data })
    await survive(host, { begin: () => disk.fill(), end: () => disk.clear() })
  })

  test('a start on a full disk is refused with the way out, and leaves nothing behind that hinders the next', async () => {
    using disk = smallDisk()
    const data = join(disk.path, 'data')
    disk.fill()
    const start = () => runCommand(['start', '--port', '0', '--admin-port', '0', '--functions', folder.functions, '--data', data], folder)
    const first = start()
    assert.notEqual(await first.exited, 0)
    assert.match(first.lines.join('\n'), WAY_OUT)
    disk.clear()
    await using host = await startHost({ ...folder, data })
    const calls: Calls = { served: [], refused: [] }
    assert.equal(await call(host, calls), 200)
    assert.equal(await host.stop(), 0)
    disk.fill()
    const again = start()
    assert.notEqual(await again.exited, 0)
    assert.match(again.lines.join('\n'), WAY_OUT)
    disk.clear()
    audit(data, calls.served)
  })

  test('a start on a read-only disk names the folder', async () => {
    using disk = smallDisk()
    const data = join(disk.path, 'data')
    disk.readOnly(true)
    const refused = runCommand(['start', '--port', '0', '--admin-port', '0', '--functions', folder.functions, '--data', data], folder)
    assert.notEqual(await refused.exited, 0)
    assert.match(refused.lines.join('\n'), /--data: expected a folder this user can write to/)
    disk.readOnly(false)
  })
})

void suite('a store that cannot be written', { concurrency: true }, () => {
  test('files that may not grow: the same road', { skip: !existsPrlimit() && 'needs prlimit' }, async () => {
    const data = join(folder.cwd, 'bounded')
    await using host = await startHost({ ...folder, data })
    const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(host.child.pid), `--fsize=${bytes}:`])
    // Every write into a file beyond its first 4 KiB fails, as on a disk with faults.
    await survive(host, { begin: () => limit('4096'), end: () => limit('unlimited') })
    rmSync(data, { recursive: true })
  })

  test('locked by another program: writes wait five seconds and more, calls are refused, questions answered', async () => {
    const data = join(folder.cwd, 'locked')
    await using host = await startHost({ ...folder, data })
    let other: DatabaseSync | undefined
    await survive(host, {
      begin() {
        other = new DatabaseSync(join(data, 'host.db'))
        other.exec('PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE')
      },
      end: () => other!.close(),
    })
    rmSync(data, { recursive: true })
  })
})

function existsPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--pid', String(process.pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
