import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeBucketFolder, type Told } from './bucket-folder.ts'
import { runCommand, startHost, until, type HostProcess } from './host-process.ts'

const LONG = process.env['PRESSROOM_TEST_LONG'] !== undefined
const MIB = 1024 * 1024

const told = async (host: HostProcess): Promise<Told[]> => (await (await fetch(`${host.url}/listener`)).json()) as Told[]
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

/** Every content file under the data folder; none may be left aside. */
function contents(data: string): string[] {
  const folder = join(data, 'buckets')
  return readdirSync(folder).flatMap((below) => readdirSync(join(folder, below)).map((file) => `${below}/${file}`))
}

test('what is put through a function is told to another, with record and span of the trigger datasource', async () => {
  using folder = makeBucketFolder()
  await using host = await startHost(folder)
  const put = await fetch(`${host.url}/store/notes/a.txt`, { method: 'PUT', body: 'hello', headers: { 'content-type': 'text/x-note' } })
  assert.deepEqual(await put.json(), { size: 5, etag: md5(Buffer.from('hello')) })
  await fetch(`${host.url}/store/notes/b.png`, { method: 'PUT', body: 'no text' })
  const [created] = await until('it is told', async () => {
    const all = await told(host)
    return all.length > 0 && all
  })
  assert.deepEqual({ ...created, eventTime: typeof created!.eventTime }, {
    account: 'pressroom', bucket: 'uploads', action: 'PutObject', object: { key: 'notes/a.txt', size: 5, eTag: md5(Buffer.from('hello')) }, eventTime: 'string',
  })
  const got = await fetch(`${host.url}/store/notes/a.txt`)
  assert.deepEqual([await got.text(), got.headers.get('content-type')], ['hello', 'text/x-note'])
  assert.equal((await fetch(`${host.url}/store/notes/a.txt`, { headers: { 'if-none-match': got.headers.get('etag')! } })).status, 304)

  await fetch(`${host.url}/store/notes/a.txt`, { method: 'DELETE' })
  await fetch(`${host.url}/store/notes/a.txt`, { method: 'DELETE' })
  await until('the end of it is told', async () => (await told(host)).some(({ action }) => action === 'DeleteObject'))
  const all = await told(host)
  assert.deepEqual(all.map(({ action, object }) => `${action} ${object.key}`).sort((a, b) => (a < b ? -1 : 1)), ['DeleteObject notes/a.txt', 'PutObject notes/a.txt'])

  const { invocations } = await host.admin<{ invocations: { trigger: string; outcome: string; trace_id: string; billed_ms: number }[] }>('/invocations?function=listener&limit=100')
  const woken = invocations.filter(({ trigger }) => trigger === 'datasource')
  assert.ok(woken.length === 2 && woken.every(({ outcome, billed_ms }) => outcome === 'ok' && billed_ms > 0), JSON.stringify(invocations))
  const { spans } = await until('its span', async () => {
    const trace = await host.admin<{ spans?: { name: string; attributes: Record<string, unknown> }[] }>(`/traces/${woken.at(-1)!.trace_id}`)
    return trace.spans?.some(({ name }) => name === 'listener') && { spans: trace.spans }
  })
  const { attributes } = spans.find(({ name }) => name === 'listener')!
  assert.deepEqual(
    ['faas.trigger', 'faas.document.collection', 'faas.document.operation', 'faas.document.name', 'faas.document.time'].map((name) => attributes[name]),
    ['datasource', 'uploads', 'insert', 'notes/a.txt', created!.eventTime],
  )
})

test('an object larger than the memory of its function streams in and out of it', async () => {
  using folder = makeBucketFolder()
  await using host = await startHost(folder)
  const size = LONG ? 512 * MIB : 96 * MIB
  const part = randomBytes(MIB)
  const hash = createHash('md5')
  let left = size
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left === 0) return controller.close()
      left -= MIB
      hash.update(part)
      controller.enqueue(part)
    },
  })
  const put = await fetch(`${host.url}/store/large`, { method: 'PUT', body, duplex: 'half' } as RequestInit)
  const expected = hash.digest('hex')
  assert.deepEqual(await put.json(), { size, etag: expected })
  const back = createHash('md5')
  for await (const chunk of (await fetch(`${host.url}/store/large`)).body!) back.update(chunk)
  assert.equal(back.digest('hex'), expected)
  const { functions } = await host.admin<{ functions: { name: string; totals: { errors: number } }[] }>('/functions')
  assert.equal(functions.find(({ name }) => name === 'store')!.totals.errors, 0)
})

test('over the admin port objects are put, read by range and condition, listed and deleted; keys are data', async () => {
  using folder = makeBucketFolder()
  await using host = await startHost(folder)
  const at = (key: string) => `${host.adminUrl}/buckets/uploads/${encodeURIComponent(key)}`
  const keys = ['../../host.db', 'a/b//c', 'CON', 'case', 'CASE', 'nul\u0000', 'ünï 😀', '%2e%2e', 'k'.repeat(1000)]
  for (const key of keys) assert.equal((await fetch(at(key), { method: 'PUT', body: `content of ${key}`, headers: { 'pressroom-meta-key': 'kept' } })).status, 201, key)
  for (const key of keys) {
    const answer = await fetch(at(key))
    assert.deepEqual([answer.status, await answer.text(), answer.headers.get('pressroom-meta-key')], [200, `content of ${key}`, 'kept'], key)
  }
  const { objects } = await host.admin<{ objects: { key: string }[] }>('/buckets/uploads')
  assert.ok(keys.every((key) => objects.some((object) => object.key === key)), JSON.stringify(objects.map(({ key }) => key)))
  assert.ok(contents(host.data).every((path) => /^[0-9a-f]{2}\/[0-9a-f]{32}$/.test(path)))

  await fetch(at('digits'), { method: 'PUT', body: '0123456789' })
  const range = await fetch(at('digits'), { headers: { range: 'bytes=2-4' } })
  assert.deepEqual([range.status, range.headers.get('content-range'), await range.text()], [206, 'bytes 2-4/10', '234'])
  assert.equal((await fetch(at('digits'), { headers: { range: 'bytes=10-' } })).status, 416)
  const { status, headers } = await fetch(at('digits'), { method: 'HEAD' })
  assert.deepEqual([status, headers.get('content-length'), headers.get('accept-ranges')], [200, '10', 'bytes'])
  assert.equal((await fetch(at('digits'), { headers: { 'if-none-match': headers.get('etag')! } })).status, 304)
  assert.equal((await fetch(at('digits'), { method: 'PUT', body: 'x', headers: { 'if-none-match': '*' } })).status, 412)
  assert.equal(await (await fetch(at('digits'))).text(), '0123456789')

  for (const [path, method, code] of [[at('k'.repeat(4096)), 'PUT', 'bad_request'], [`${host.adminUrl}/buckets/No_Bucket/x`, 'PUT', 'bad_request'], [at('absent'), 'GET', 'not_found']] as const) {
    const answer = await fetch(path, { method, ...(method === 'PUT' ? { body: 'x' } : {}) })
    assert.equal(((await answer.json()) as { error: { code: string } }).error.code, code)
  }
  assert.deepEqual(await (await fetch(at('digits'), { method: 'DELETE' })).json(), { deleted: 'digits' })
  assert.deepEqual(await (await fetch(at('digits'), { method: 'DELETE' })).json(), { deleted: null })

  const env = { PRESSROOM_ADMIN_URL: host.adminUrl }
  const command = async (...args: string[]) => {
    const run = runCommand(['bucket', ...args], { env, cwd: folder.cwd })
    assert.equal(await run.exited, 0, run.lines.join('\n'))
    return run.lines.join('\n')
  }
  assert.match(await command('put', 'uploads', join(folder.functions, 'store.js'), 'code/store.js'), /^\d+ bytes, etag [0-9a-f]{32}$/)
  assert.match(await command('list', 'uploads', 'code/'), /code\/store\.js/)
  assert.match(await command('get', 'uploads', 'code/store.js'), /env\.BUCKET\.put/)
  assert.match(await command('delete', 'uploads', 'code/store.js'), /is deleted/)
})

test('writers of one key at the same time: one of them wins, whole, and nothing else is left', async () => {
  using folder = makeBucketFolder()
  await using host = await startHost(folder)
  const bodies = Array.from({ length: 12 }, (_, n) => Buffer.alloc(700_000 + n, 65 + n))
  await Promise.all(bodies.map(async (body) => assert.equal((await fetch(`${host.url}/store/same`, { method: 'PUT', body })).status, 200)))
  const got = Buffer.from(await (await fetch(`${host.url}/store/same`)).arrayBuffer())
  assert.ok(bodies.some((body) => body.equals(got)))
  await until('the others are gone', () => contents(host.data).length === 1)
})

test('killed at any moment, the host has every object that it answered for, whole, and tells of each', { timeout: 600_000 }, async () => {
  using folder = makeBucketFolder()
  const answered = new Map<string, string>()
  const kills = LONG ? 10 : 2
  for (let n = 0; n < kills; n++) {
    const host = await startHost(folder)
    let over = false
    const write = async (who: number) => {
      for (let i = 0; !over; i++) {
        const key = `${n}-${who}-${i}.txt`
        const body = Buffer.alloc(1 + ((who * 131 + i * 7919) % 600_000), i)
        try {
          const answer = await fetch(`${host.url}/store/${key}`, { method: 'PUT', body })
          if (answer.status === 200 && ((await answer.json()) as { etag: string }).etag === md5(body)) answered.set(key, md5(body))
        } catch {
          return
        }
      }
    }
    const writers = Array.from({ length: 6 }, (_, who) => write(who))
    await until('some are kept', () => [...answered.keys()].filter((key) => key.startsWith(`${n}-`)).length > 10 + n * 3, 60_000)
    host.child.kill('SIGKILL')
    over = true
    await host.exited
    await Promise.all(writers)
  }
  await using host = await startHost(folder)
  for (const [key, etag] of answered) assert.equal(md5(Buffer.from(await (await fetch(`${host.url}/store/${key}`)).arrayBuffer())), etag, key)
  await until('each is told', async () => {
    const keys = new Set((await told(host)).map(({ object }) => object.key))
    return [...answered.keys()].every((key) => keys.has(key))
  }, 120_000)
  const { buckets: [uploads] } = await host.admin<{ buckets: { objects: number }[] }>('/buckets')
  assert.equal(contents(host.data).length, uploads!.objects)
})
