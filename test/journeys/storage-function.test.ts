import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until } from './host-process.ts'
import { noSmallDisk, smallDisk } from './small-disk.ts'

const NOTES = `
  export default { async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    const text = 'x'.repeat(Number(searchParams.get('bytes')))
    const outcome = async (work) => { try { return await work() } catch (error) { return 'failed: ' + error.message } }
    return Response.json({
      wrote: await outcome(async () => { await env.DB.prepare('CREATE TABLE IF NOT EXISTS notes (text)').run(); await env.DB.prepare('INSERT INTO notes VALUES (?)').bind(text).run(); return 'yes' }),
      put: await outcome(async () => { await env.KV.put('note', text); return 'yes' }),
      rows: await outcome(async () => (await env.DB.prepare('SELECT count(*) AS n FROM notes').first()).n),
      kept: await outcome(async () => (await env.KV.get('note'))?.length ?? null),
    })
  } }
`
interface Told {
  wrote: string
  put: string
  rows: number | string
  kept: number | string | null
}

test('the databases of a function on a full disk: its own errors, its old rows, nobody else\'s trouble', { skip: noSmallDisk }, async () => {
  using disk = smallDisk()
  using folder = makeFunctionFolder('functions/hello')
  folder.write('notes.ts', NOTES)
  writeFileSync(join(folder.cwd, 'wrangler.toml'), `
    name = "notes"
    [[d1_databases]]
    binding = "DB"
    database_name = "notes"
    database_id = "notes"
    [[kv_namespaces]]
    binding = "KV"
    id = "notes"
  `)
  mkdirSync(folder.data)
  for (const kind of ['d1', 'kv']) {
    mkdirSync(join(disk.path, kind))
    symlinkSync(join(disk.path, kind), join(folder.data, kind))
  }
  await using host = await startHost({ ...folder })
  const note = async (bytes: number): Promise<Told> => {
    const answer = await fetch(`${host.url}/notes?bytes=${bytes}`)
    assert.equal(answer.status, 200)
    return (await answer.json()) as Told
  }
  assert.deepEqual(await note(100), { wrote: 'yes', put: 'yes', rows: 1, kept: 100 })
  disk.fill()
  const full = await until('nothing can be written', async () => {
    const told = await note(100_000)
    return told.wrote !== 'yes' && told.put !== 'yes' && told
  })
  assert.match(full.wrote, /^failed: D1_ERROR: .*(full|disk I\/O error)/)
  assert.match(full.put, /^failed: .*(full|disk I\/O error)/)
  assert.equal(full.rows, 1, 'a row is there or not, and reading goes on')
  assert.equal(full.kept, 100)
  assert.equal(await (await fetch(`${host.url}/hello`)).text(), 'hello')
  assert.equal((await fetch(`${host.adminUrl}/readyz`)).status, 200)
  disk.clear()
  assert.deepEqual(await note(200), { wrote: 'yes', put: 'yes', rows: 2, kept: 200 })
  assert.equal(await host.stop(), 0)
  for (const kind of ['d1', 'kv']) {
    const database = new DatabaseSync(join(disk.path, kind, 'notes.sqlite'), { readOnly: true })
    assert.equal(database.prepare('PRAGMA integrity_check').get()!['integrity_check'], 'ok')
    database.close()
  }
})

test('a damaged database of a function while it runs: its own errors, nobody else\'s trouble; the next start names the file', async () => {
  using folder = makeFunctionFolder('functions/hello')
  folder.write('notes.ts', NOTES.replace('export default', 'export const config = { idle: 1 }\nexport default'))
  writeFileSync(join(folder.cwd, 'wrangler.toml'), `
    name = "notes"
    [[d1_databases]]
    binding = "DB"
    database_name = "notes"
    database_id = "notes"
    [[kv_namespaces]]
    binding = "KV"
    id = "notes"
  `)
  await using host = await startHost({ ...folder })
  const note = async (): Promise<Told> => (await (await fetch(`${host.url}/notes?bytes=10`)).json()) as Told
  assert.deepEqual(await note(), { wrote: 'yes', put: 'yes', rows: 1, kept: 10 })
  await until('its instance is gone', async () => {
    const { functions } = await host.admin<{ functions: { name: string; instances: unknown[] }[] }>('/functions')
    return functions.every(({ name, instances }) => name !== 'notes' || instances.length === 0)
  })
  const file = join(folder.data, 'd1', 'notes.sqlite')
  // What a killed instance left there would mend the beginning of the file.
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
  writeFileSync(file, 'damage '.repeat(2_000))
  const { wrote, put, rows, kept } = await note()
  assert.match(wrote, /^failed: D1_ERROR: .*notes\.sqlite cannot be opened as a database: file is not a database/)
  assert.match(String(rows), /^failed: D1_ERROR/)
  assert.deepEqual([put, kept], ['yes', 10])
  assert.equal(await (await fetch(`${host.url}/hello`)).text(), 'hello')
  assert.equal(await host.stop(), 0)
  await assert.rejects(startHost({ ...folder }), /notes\.sqlite cannot be opened as a database: file is not a database/)
})
