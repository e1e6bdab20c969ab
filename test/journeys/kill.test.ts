import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { post } from './keep-alive-client.ts'

const CLIENTS = 8
const KILLS = process.env['PRESSROOM_TEST_LONG'] ? 20 : 2
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1_000_000_000)
/** What was answered so long before a kill has its record. Held in long runs alone: a disk that others keep busy may take longer. */
const DURABLE_MS = process.env['PRESSROOM_TEST_LONG'] ? 1_000 : Infinity

/** Pids of the processes that were started with this word on their command line. */
function withWord(word: string): number[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word)
    } catch {
      return false
    }
  })
}

/** Calls over kept-alive connections until the host is gone; answers the id and the time of each answer. */
async function callUntilGone(url: string, connections: number): Promise<{ id: string; at: number }[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const answered: { id: string; at: number }[] = []
  await Promise.all(Array.from({ length: connections }, async (_, name) => {
    try {
      for (let i = 0; ; i++) {
        const { status, text, invocation } = await post(agent, `${url}/echo`, `${name}/${i}`)
        assert.deepEqual([status, text], [200, `${name}/${i}`])
        answered.push({ id: invocation!, at: performance.now() })
        // So much load that every batch is in the middle of something, and no more: others use this machine too.
        await pause(2)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined || error instanceof assert.AssertionError) throw error
    }
  }))
  agent.destroy()
  return answered
}

/** The ids that the operator's API shows until the host is gone: what it shows is durable. */
async function recordsUntilGone(host: HostProcess): Promise<string[]> {
  const ids: string[] = []
  for (;;) {
    try {
      const { invocations } = await host.admin<{ invocations: { id: string }[] }>('/invocations?limit=1000')
      for (const { id } of invocations) ids.push(id)
      await pause(50)
    } catch {
      return ids
    }
  }
}

test(`killed ${KILLS} times under load, at any moment (PRESSROOM_TEST_SEED=${seed}): the next start is clean, nothing older than a second is lost, nothing is there twice`, { skip: !existsSync('/proc/self/stat') && 'needs /proc' }, async () => {
  using folder = makeFunctionFolder('functions/echo')
  let flags: string[] = []
  const certain = new Set<string>()
  const possible = new Set<string>()
  for (let kill = 0; kill < KILLS; kill++) {
    await using host = await startHost({ ...folder, flags })
    flags = ['--port', new URL(host.url).port, '--admin-port', new URL(host.adminUrl).port]
    const clients = callUntilGone(host.url, CLIENTS)
    const seen = recordsUntilGone(host)
    const moment = 1_200 + ((seed * 31 + kill * 7_919) % 1_500)
    await pause(moment)
    const at = performance.now()
    host.child.kill('SIGKILL')
    assert.equal(await host.exited, null)
    for (const call of await clients) {
      possible.add(call.id)
      if (call.at < at - DURABLE_MS) certain.add(call.id)
    }
    for (const id of await seen) certain.add(id)
    await until('no process of it is left', () => withWord(folder.data).length === 0)
    const records = audit(folder.data)
    const missing = [...certain].filter((id) => !records.has(id))
    assert.deepEqual(missing, [], `${missing.length} of ${certain.size} calls are lost that were shown as recorded, or answered more than a second before`)
  }
  assert.ok(certain.size > 0, 'calls were answered')
  await using host = await startHost({ ...folder, flags })
  const { total } = await host.admin<{ total: { invocations: number } }>('/bill')
  assert.equal((await fetch(`${host.url}/echo`, { method: 'POST', body: 'well' })).status, 200)
  assert.equal(await host.stop(), 0)
  const records = audit(folder.data)
  assert.equal(records.size, total.invocations + 1)
  assert.ok([...certain].every((id) => records.has(id)), 'what one kill spared the next did not take')
  // The last answers may have been given after the last commit, or their client may not have heard them.
  assert.ok(records.size <= possible.size + KILLS * CLIENTS + 1)
})

/** The ids of all records, read from a copy so that the next start finds what the kill left: sound, none twice, and the sums by the minute are those of the records. */
function audit(data: string): Set<string> {
  const copy = mkdtempSync(join(data, '..', 'copy-'))
  for (const name of ['host.db', 'host.db-wal']) if (existsSync(join(data, name))) copyFileSync(join(data, name), join(copy, name))
  const database = new DatabaseSync(join(copy, 'host.db'))
  assert.equal(database.prepare('PRAGMA integrity_check').get()!['integrity_check'], 'ok')
  const ids = database.prepare('SELECT id FROM invocations').all().map(({ id }) => id as string)
  const records = database.prepare('SELECT count(*) AS n, sum(billed_ms) AS billed, sum(run_us) AS run, sum(cost_pico) AS cost FROM invocations').get()
  const sums = database.prepare('SELECT sum(invocations) AS n, sum(billed_ms) AS billed, sum(run_us) AS run, sum(cost_pico) AS cost FROM usage').get()
  database.close()
  rmSync(copy, { recursive: true })
  assert.deepEqual(sums, records)
  assert.equal(new Set(ids).size, ids.length)
  return new Set(ids)
}
