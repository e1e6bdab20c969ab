import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { createAdaptorServer } from '@hono/node-server'
import { assertAdminAllowed, createAdmin, type AdminOptions } from '../../src/admin/admin.ts'
import { createAdminClient } from '../../src/admin/client.ts'
import { PressroomError, type ErrorBody } from '../../src/contract/errors.ts'
import type { InvocationRecord } from '../../src/admin/ledger-routes.ts'
import { createDeployments } from '../../src/host/deploy/deployments.ts'
import type { Operator } from '../../src/host/operator.ts'
import { handMovedClock } from '../../src/runtimes/memory/clock.ts'
import { memoryStore } from '../../src/runtimes/memory/store.ts'
import { entry } from '../suites/ledger.suite.ts'

const fired: unknown[] = []
const { ledger } = memoryStore()
let ready = true
const operator: Operator = {
  functions: () => [{
    name: 'hello', revision: 'r1', source: 'folder', aliases: {}, state: 'idle', routes: ['/hello'], instances: [], totals: { invocations: 0, errors: 0, throttled: 0, billed_ms: 0, unbilled_init_ms: 0 },
    config: {
      routes: ['/hello'], schedules: [], queues: [], buckets: [], memory: 128, timeout: 30, block: 10, concurrency: 64, maxInstances: 8, maxWaiting: 256,
      idle: 60, outbound: 'public', native: false, retries: 2, maxEventAge: 21_600,
    },
  }],
  schedules: async () => [{ function: 'hello', cron: '* * * * *', time_zone: 'UTC', dialect: 'cloudflare', next: [], last: null }],
  async fire(name, cron, scheduledTime) {
    if (name === 'broken') throw new Error('secret of the host')
    if (name !== 'hello') throw new PressroomError('not_found', `function "${name}" has no schedule "${cron}"`)
    fired.push([name, cron, scheduledTime])
    return { invocation: 'i1', outcome: 'ok' }
  },
  records: (query) => ledger.records(query),
  usage: (query) => ledger.usage(query),
  budgets: () => [{ function: null, limit_usd: 2, spent_usd: 0.5, reserved_usd: 0, percent: 25 }],
  queues: async () => [{ queue: 'mail', consumer: 'hello', messages: 2, bytes: 9, in_flight: 1, oldest: '2026-01-01T00:00:00.000Z', oldest_age_s: 5, dead: 0 }],
  ready: () => ready,
  deployments: createDeployments({
    serving: new Map(), store: memoryStore().deployments, clock: handMovedClock(0), misfits: () => [], served() {}, forget: async () => {}, log() {},
  }),
}

const local: AdminOptions = { hosts: ['127.0.0.1'], loopback: true }
const make = (options: Partial<AdminOptions> = {}) => createAdmin(operator, { ...local, ...options })
const call = async (path: string, init: RequestInit & { host?: string } = {}, options: Partial<AdminOptions> = {}) => {
  const headers = new Headers(init.headers)
  headers.set('host', init.host ?? '127.0.0.1:8788')
  return make(options).fetch(new Request(`http://127.0.0.1:8788${path}`, { ...init, headers }))
}
const code = async (response: Response) => ((await response.json()) as ErrorBody).error.code
const post = (path: string, body: unknown) => call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

test('functions, schedules and queues are listed, and never cached', async () => {
  const response = await call('/functions')
  assert.equal(response.headers.get('cache-control'), 'no-store')
  assert.deepEqual(await response.json(), { functions: operator.functions() })
  assert.deepEqual(await (await call('/schedules')).json(), { schedules: await operator.schedules() })
  assert.deepEqual(await (await call('/queues')).json(), { queues: await operator.queues() })
})

test('single records are told newest first, by page, with what they cost', async () => {
  ledger.record(entry({ id: 'one' }))
  ledger.record(entry({ id: 'two', outcome: 'timeout', status: 504 }))
  const first = (await (await call('/invocations?limit=1')).json()) as { invocations: InvocationRecord[]; next: number }
  assert.deepEqual(first.invocations, [{
    id: 'two', function: 'hello', revision: 'r1', host: 'h', trigger: 'http', outcome: 'timeout', status: 504, at: '2026-05-01T12:00:00.000Z',
    queue_ms: 0.125, init_ms: 3.5, run_ms: 1.25, billed_ms: 5, cpu_ms: 0.75, memory_mb: 128, max_memory_mb: 38.15, cold: true,
    gb_seconds: 0.000625, cost_usd: 0.000000210417, trace_id: '0af7651916cd43dd8448eb211c80319c',
  }])
  const rest = (await (await call(`/invocations?limit=1000&cursor=${first.next}`)).json()) as { invocations: InvocationRecord[]; next: null }
  assert.deepEqual([rest.invocations.map(({ id }) => id), rest.next], [['one'], null])
  const timeouts = (await (await call('/invocations?outcome=timeout&function=hello')).json()) as { invocations: InvocationRecord[] }
  assert.deepEqual(timeouts.invocations.map(({ id }) => id), ['two'])
})

test('a bill sums the records, by function, hour or day', async () => {
  const sums = { invocations: 2, errors: 1, throttled: 0, overloaded: 0, skipped: 0, billed_ms: 10, unbilled_init_ms: 0, gb_seconds: 0.00125, cost_usd: 0.000000420834 }
  const budgets = operator.budgets()
  for (const [group, key] of [['function', 'hello'], ['hour', '2026-05-01T12:00:00.000Z'], ['day', '2026-05-01']]) {
    assert.deepEqual(await (await call(`/bill?group=${group}`)).json(), { rows: [{ key, ...sums }], total: sums, budgets })
  }
  const none = Object.fromEntries(Object.keys(sums).map((name) => [name, 0]))
  assert.deepEqual(await (await call('/bill?from=2026-05-02')).json(), { rows: [], total: none, budgets })
  assert.deepEqual(((await (await call('/bill?from=2026-05-01T14:00:00%2B02:00&to=2026-05-01T12:01:00Z')).json()) as { total: unknown }).total, sums)
})

test('a question about the ledger that is not understood is refused with what was expected', async () => {
  for (const [path, expected] of [
    ['/invocations?limit=1001', /limit: expected a whole number from 1 to 1000, found "1001"/],
    ['/invocations?limit=ten', /limit: expected/],
    ['/invocations?cursor=-1', /cursor: expected/],
    ['/invocations?outcome=fine', /outcome: expected one of ok, exception/],
    ['/invocations?functoin=hello', /functoin: expected one of function, outcome, limit, cursor/],
    ['/bill?group=week', /group: expected one of function, hour, day/],
    ['/bill?from=yesterday', /from: expected a day such as/],
    ['/bill?to=2026-13-01', /to: expected a day such as/],
  ] as const) {
    const response = await call(path)
    const { error } = (await response.json()) as ErrorBody
    assert.deepEqual([response.status, error.code], [400, 'bad_request'])
    assert.match(error.detail ?? '', expected)
  }
})

test('a host is alive before it is ready', async () => {
  ready = false
  assert.deepEqual([(await call('/healthz')).status, (await call('/readyz')).status], [200, 503])
  ready = true
  assert.equal((await call('/readyz')).status, 200)
})

test('a foreign Host is refused before anything else', async () => {
  for (const host of ['evil.example', 'localhost.evil.example:8788', '127.0.0.1.evil.example', '127.0.0.2', '[::2]', '']) {
    for (const path of ['/functions', '/healthz', '/nothing']) {
      const response = await call(path, { host })
      assert.deepEqual([host, response.status, await code(response)], [host, 421, 'wrong_host'])
    }
  }
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '[::1]:8788']) assert.equal((await call('/functions', { host })).status, 200, host)
})

test('the name it listens on is its own', async () => {
  const options = { hosts: ['news.internal'], loopback: false, token: 't' }
  const headers = { authorization: 'Bearer t' }
  assert.equal((await call('/functions', { host: 'News.internal:8788', headers }, options)).status, 200)
  assert.equal((await call('/functions', { host: 'other.internal', headers }, options)).status, 421)
})

test('listening on every address, the token is the guard instead of the name', async () => {
  const options = { hosts: ['0.0.0.0'], loopback: false, token: 't' }
  assert.equal((await call('/functions', { host: 'box.lan', headers: { authorization: 'Bearer t' } }, options)).status, 200)
  assert.equal((await call('/functions', { host: 'box.lan' }, options)).status, 401)
})

test('with a token only health is open without it', async () => {
  const options = { token: 'swordfish' }
  for (const authorization of ['', 'Bearer', 'Bearer swordfis', 'Bearer swordfish2', 'Basic swordfish', 'swordfish']) {
    const response = await call('/functions', { headers: { authorization } }, options)
    assert.deepEqual([response.status, await code(response), response.headers.get('www-authenticate')], [401, 'unauthorized', 'Bearer'], authorization)
  }
  assert.equal((await call('/functions', { headers: { authorization: 'Bearer swordfish' } }, options)).status, 200)
  assert.equal((await call('/healthz', {}, options)).status, 200)
})

test('a change needs the content type that a foreign page cannot send unasked', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json-patch+json', 'application/jsonx']) {
    const response = await call('/schedules/fire', { method: 'POST', headers: { 'content-type': type }, body: '{}' })
    assert.deepEqual([response.status, await code(response)], [415, 'unsupported_media_type'])
  }
})

test('a tick can be fired for now or for a given time', async () => {
  fired.length = 0
  for (const time of [undefined, '2026-01-02T03:04:05.006Z', 1767323045006]) {
    const response = await post('/schedules/fire', { function: 'hello', cron: '* * * * *', time })
    assert.deepEqual([response.status, await response.json()], [200, { invocation: 'i1', outcome: 'ok' }])
  }
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6)
  assert.deepEqual(fired, [['hello', '* * * * *', undefined], ['hello', '* * * * *', at], ['hello', '* * * * *', at]])
})

test('a tick that is asked for wrongly is refused with what was expected', async () => {
  for (const body of [null, [], {}, { function: 'hello' }, { function: 1, cron: '* * * * *' }]) {
    const response = await post('/schedules/fire', body)
    assert.deepEqual([response.status, await code(response)], [400, 'bad_request'])
  }
  for (const time of ['1', 'tomorrow', '2026-01-02', '2026-01-02T03:04:05', 1e20, '2026-13-01T00:00Z']) {
    const response = await post('/schedules/fire', { function: 'hello', cron: '* * * * *', time })
    assert.equal(response.status, 400)
    assert.match(((await response.json()) as ErrorBody).error.detail ?? '', /^time: expected ISO 8601/)
  }
})

test('what does not exist is told apart from what failed inside, which stays inside', async () => {
  const missing = await post('/schedules/fire', { function: 'nope', cron: '* * * * *' })
  assert.deepEqual([missing.status, ((await missing.json()) as ErrorBody).error.detail], [404, 'function "nope" has no schedule "* * * * *"'])
  const seen: unknown[] = []
  const app = make({ onError: (error) => seen.push(error) })
  const headers = { host: 'localhost', 'content-type': 'application/json' }
  const request = new Request('http://localhost/schedules/fire', { method: 'POST', headers, body: '{"function":"broken","cron":"x"}' })
  const broken = await app.fetch(request)
  assert.equal(broken.status, 500)
  assert.doesNotMatch(await broken.text(), /secret/)
  assert.match(String(seen[0]), /secret of the host/)
})

test('a body beyond 64 KiB is refused', async () => {
  const response = await post('/schedules/fire', { function: 'hello', cron: 'x'.repeat(70_000) })
  assert.deepEqual([response.status, await code(response)], [413, 'body_too_large'])
})

test('unknown paths and methods are told apart', async () => {
  assert.deepEqual(await code(await call('/nothing')), 'not_found')
  const response = await call('/schedules/fire')
  assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST'])
  const other = await call('/functions', { method: 'DELETE', headers: { 'content-type': 'application/json' } })
  assert.deepEqual([other.status, other.headers.get('allow')], [405, 'GET, HEAD'])
})

test('the network is not let in without a token', () => {
  for (const host of ['127.0.0.1', '::1', 'localhost', '127.1.2.3']) assertAdminAllowed(host, undefined)
  for (const host of ['0.0.0.0', '::', '192.168.1.1', 'box.lan', '127.evil.example']) {
    assert.throws(() => assertAdminAllowed(host, undefined), (error: PressroomError) => error.code === 'bad_option' && /PRESSROOM_ADMIN_TOKEN/.test(error.message))
    assertAdminAllowed(host, 't')
  }
  assert.throws(() => make({ hosts: ['10.0.0.1'], loopback: false }), { code: 'bad_option' })
})

const server = createAdaptorServer({ fetch: make({ token: 'swordfish' }).fetch })
const stranger = createServer((_request, response) => response.end('{"hello":1}'))
const listen = (one: typeof server | typeof stranger) =>
  new Promise<string>((resolve) => one.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(one.address() as AddressInfo).port}`)))
const url = await listen(server)
const strangerUrl = await listen(stranger)
after(() => void [server.close(), stranger.close()])

test('over a real socket a rebound name reaches nothing', async () => {
  const status = await new Promise((resolve) => {
    request(`${url}/functions`, { headers: { host: 'evil.example', authorization: 'Bearer swordfish' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).end()
  })
  assert.equal(status, 421)
})

test('the client lists and fires', async () => {
  const client = createAdminClient({ PRESSROOM_ADMIN_URL: url, PRESSROOM_ADMIN_TOKEN: 'swordfish' })
  assert.equal((await client.functions())[0]?.name, 'hello')
  assert.equal((await client.schedules())[0]?.cron, '* * * * *')
  assert.deepEqual(await client.fire('hello', '* * * * *'), { invocation: 'i1', outcome: 'ok' })
})

test('what the client cannot do it explains with the way out', async () => {
  const fails = (env: Record<string, string>, message: RegExp) => assert.rejects(async () => createAdminClient(env).functions(), (error: PressroomError) => {
    assert.equal(error.code, 'bad_option')
    assert.match(error.message, message)
    return true
  })
  await fails({ PRESSROOM_ADMIN_URL: url }, /wants its token; set PRESSROOM_ADMIN_TOKEN/)
  await fails({ PRESSROOM_ADMIN_URL: 'http://127.0.0.1:1' }, /^no host answers at http:\/\/127\.0\.0\.1:1; is it running\?/)
  await fails({ PRESSROOM_ADMIN_URL: 'localhost:8788' }, /^PRESSROOM_ADMIN_URL: expected a URL such as/)
  await fails({ PRESSROOM_ADMIN_URL: strangerUrl }, /no Pressroom operator's API/)
  const client = createAdminClient({ PRESSROOM_ADMIN_URL: url, PRESSROOM_ADMIN_TOKEN: 'swordfish' })
  await assert.rejects(client.fire('nope', '* * * * *'), /404 not_found: function "nope" has no schedule/)
})
