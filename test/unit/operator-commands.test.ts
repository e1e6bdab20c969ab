import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import { Command } from 'commander'
import { createAdmin } from '../../src/admin/admin.ts'
import { billText, registerBill, type BillOptions } from '../../src/cli/commands/bill.ts'
import { invocationTable } from '../../src/cli/commands/invocations.ts'
import { logTexts } from '../../src/cli/commands/logs.ts'
import type { ErrorBody } from '../../src/contract/errors.ts'
import type { InvoiceView } from '../../src/host/invoice.ts'
import type { Operator } from '../../src/host/operator.ts'
import { billedMs } from '../../src/metering/billed-duration.ts'
import { callCost, planNames, priceTables } from '../../src/metering/prices.ts'
import type { LogHistory } from '../../src/ports/log.ts'
import type { LedgerEntry } from '../../src/ports/store.ts'
import { memoryLedger } from '../../src/runtimes/memory/ledger.ts'
import { createLogRing } from '../../src/runtimes/node/log/ring.ts'

const NOW = Date.UTC(2026, 2, 15, 12)
const ledger = memoryLedger()
const ring = createLogRing(NOW)
const operator = { records: ledger.records, usage: ledger.usage, budgets: () => [] as ReturnType<Operator['budgets']> } as Operator
const admin = createAdmin(operator, { hosts: ['127.0.0.1'], loopback: true, logs: ring, now: () => NOW })
const server = createAdaptorServer({ fetch: admin.fetch })
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close())
const env = { PRESSROOM_ADMIN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }

let count = 0
function record(at: number, some: Partial<LedgerEntry> = {}): void {
  const { memoryMib = 1024, runMs = 99.5, initMs = 0, cpuMs = 0 } = some
  const billed = billedMs(runMs, initMs)
  ledger.record({
    id: `i${++count}`, function: 'edition', revision: 'r1', host: 'here', trigger: 'http', outcome: 'ok', status: 200, at, queueMs: 0.25, cold: false,
    maxMemoryBytes: 50 * 1024 ** 2, traceId: null, billedMs: billed, costPico: callCost(priceTables['aws-x86'], { memoryMib, billedMs: billed, cpuMs }),
    memoryMib, runMs, initMs, cpuMs, ...some,
  })
}

for (let n = 0; n < 40; n++) record(Date.UTC(2026, 1, 10, 0, n))
record(Date.UTC(2026, 1, 28, 23, 59, 59), { function: 'search', memoryMib: 256, maxMemoryBytes: 200 * 1024 ** 2, cold: true, initMs: 10.25, cpuMs: 50 })
record(Date.UTC(2026, 2, 1), { function: 'search', memoryMib: 256, outcome: 'timeout', status: 504 })
record(Date.UTC(2026, 2, 1), { function: 'search', revision: null, outcome: 'init_failed', billedMs: 0, runMs: 0, costPico: 0, maxMemoryBytes: 0 })
ring.line(NOW, 'info', {}, 'serving')
ring.line(NOW, 'warn', { function: 'edition', revision: 'r1', invocation: 'i1' }, 'said \u001b[31m twice\nand again')
ring.report(NOW, { invocation: 'i1', function: 'edition', outcome: 'ok', runMs: 99.5, billedMs: 100, memoryMib: 1024, maxMemoryBytes: 50 * 1024 ** 2 })

const get = (path: string) => admin.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } }))
const bill = (options: Partial<BillOptions> = {}) => billText(env, { json: false, ...options })
const invoice = async (options: Partial<BillOptions> = {}) => JSON.parse(await bill({ invoice: true, json: true, ...options })) as InvoiceView

test('what cannot be meant is refused with what was expected', async () => {
  const refusals: [string, RegExp][] = [
    ['/invoice?plan=aws', /^plan: expected one of aws-x86, aws-arm, cloudflare-paid, all, found "aws"$/],
    ['/invoice?plan=toString', /^plan: expected/],
    ['/invoice?month=2026-13', /^month: expected a month such as 2026-01, found "2026-13"$/],
    ['/invoice?month=2026-1', /^month: expected/],
    ['/invoice?month=2026-04', /^month: expected a month that has begun, found "2026-04"$/],
    ['/invoice?memory=64', /^memory: expected a whole number from 128 to 10240, found "64"$/],
    ['/invoice?memory=256,', /^memory: expected .* found ""$/],
    ['/invoice?memory=1.5', /^memory: expected/],
    [`/invoice?memory=${Array.from({ length: 21 }, () => 128).join(',')}`, /^memory: expected at most 20 sizes/],
    ['/invoice?months=2026-01', /^months: expected one of plan, month, memory/],
    ['/logs?limit=0', /^limit: expected a whole number from 1 to 1000, found "0"$/],
    ['/logs?limit=1001', /^limit: expected/],
    ['/logs?after=-1', /^after: expected/],
    ['/logs?level=fatal', /^level: expected one of debug, info, warn, error, found "fatal"$/],
    ['/logs?functions=x', /^functions: expected one of function/],
    ['/bill?from=2026-02-30', /^from: expected a day such as/],
    ['/bill?from=yesterday', /^from: expected/],
    ['/bill?to=2026-01-01T00:00:00', /^to: expected .* ISO 8601 with a zone/],
    ['/bill?group=minute', /^group: expected/],
  ]
  for (const [path, expected] of refusals) {
    const response = await get(path)
    const { error } = (await response.json()) as ErrorBody
    assert.deepEqual([path, response.status, error.code], [path, 400, 'bad_request'])
    assert.match(error.detail ?? '', expected, path)
  }
})

test('a host that keeps no lines says so', async () => {
  const without = createAdmin(operator, { hosts: ['127.0.0.1'], loopback: true })
  const response = await without.fetch(new Request('http://127.0.0.1/logs', { headers: { host: '127.0.0.1' } }))
  assert.deepEqual([response.status, ((await response.json()) as ErrorBody).error.detail], [404, 'this host keeps no log lines'])
})

test('an invoice is of its month alone, in UTC, and of what was delivered', async () => {
  const february = await invoice({ month: '2026-02' })
  assert.deepEqual([february.month, february.from, february.to], ['2026-02', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'])
  assert.equal(february.complete, true)
  // 40 × 1 GiB × 0.1 s, and 0.25 GiB × 0.110 s.
  assert.deepEqual(february.measured, { requests: 41, billed_ms: 40 * 100 + 110, gb_seconds: 4 + 0.0275, cpu_ms: 50 })
  const march = await invoice()
  assert.deepEqual([march.month, march.complete, march.measured.requests], ['2026-03', false, 1])
  assert.equal((await invoice({ month: '2025-12' })).measured.requests, 0)
})

test('all plans stand side by side, one alone is one of them', async () => {
  const { plans } = await invoice({ month: '2026-02', plan: 'all' })
  assert.deepEqual(plans.map(({ plan, total_usd: total }) => [plan, total]), [['aws-x86', 0], ['aws-arm', 0], ['cloudflare-paid', 5]])
  for (const one of plans) {
    assert.deepEqual((await invoice({ month: '2026-02', plan: one.plan })).plans, [one])
    assert.equal(one.total_usd, one.lines.reduce((sum, line) => sum + line.amount_usd, 0))
    assert.match(one.source, /^https:/)
  }
})

test('at list price the invoice is the sum of what the calls cost', async () => {
  const { plans: [x86] } = await invoice({ month: '2026-02', plan: 'aws-x86' })
  const { total } = JSON.parse(await bill({ from: '2026-02-01', to: '2026-03-01', json: true })) as { total: { cost_usd: number } }
  // Each call is rounded to the picodollar.
  assert.ok(Math.abs((x86?.list_usd ?? 0) - total.cost_usd) <= 41e-12)
})

test('other sizes are compared where memory has a price, and refused where the measured peak does not fit', async () => {
  const { plans } = await invoice({ month: '2026-02', memory: '128,249,250,1024' })
  assert.equal(plans[2]?.memory, null)
  assert.match(plans[2]?.notes.join() ?? '', /search peaked here at 200 MiB, more than it would have/)
  const { sizes, functions, model } = plans[0]!.memory!
  assert.match(model, /1769/)
  assert.deepEqual(sizes.map(({ refused }) => refused !== null), [true, true, false, false])
  assert.match(sizes[0]?.refused ?? '', /^search peaked at 200 MiB and needs 250$/)
  assert.ok((sizes[2]?.percent ?? 0) < 0 && (sizes[3]?.percent ?? 0) > 0)
  const edition = functions.find((one) => one.function === 'edition')
  assert.deepEqual([edition?.memory_mb, edition?.peak_mb, edition?.sizes[3]?.percent], [[1024], 50, 0])
  assert.equal(edition?.sizes[0]?.refused, null)
})

test('the invoice in words', async () => {
  const text = await bill({ invoice: true, month: '2026-02', memory: '128,512' })
  assert.match(text, /^2026-02: 41 requests, 4\.028 GB-s, 50 ms of CPU$/m)
  assert.match(text, /^base fee +1 month +\$5\.00 +\$5\.00$/m)
  assert.match(text, /^duration, free +4\.028 GB-s +\$0 +\$0$/m)
  assert.match(text, /^cloudflare-paid +\$5\.00 +\$/m)
  assert.match(text, /^128 MiB does not fit: search peaked at 200 MiB and needs 250 +- +-$/m)
  assert.match(text, /^512 MiB would be 4\d % cheaper +\$0 +\$0\.0\d+$/m)
  assert.match(text, /^edition \(1024 MiB, peak 50 MiB\): 128 MiB would be 78 % cheaper$/m)
  assert.match(text, /^search \(256 MiB, peak 200 MiB\): none of these sizes is cheaper$/m)
  assert.match(await bill({ invoice: true }), /^2026-03, so far: 1 request,/)
})

test('options that do not go together are told apart from those that are missing', async () => {
  for (const name of ['plan', 'month', 'memory']) await assert.rejects(bill({ [name]: 'x' }), { code: 'bad_option', message: `--${name} needs --invoice` })
  for (const name of ['function', 'from', 'to', 'group']) {
    await assert.rejects(bill({ invoice: true, [name]: 'x' }), { code: 'bad_option', message: `--${name} does not go with --invoice` })
  }
  await assert.rejects(bill({ from: 'noon' }), /400 bad_request: from: expected a day/)
})

test('the bill has a row for each and their sum', async () => {
  const lines = (await bill()).split('\n')
  assert.match(lines[0] ?? '', /^FUNCTION +INVOCATIONS +ERRORS +REFUSED +SKIPPED +BILLED MS/)
  assert.match(lines[1] ?? '', /^edition +40 +0 +0 +0 +4,000 +0 +4 +\$/)
  assert.match(lines[2] ?? '', /^search +3 +2 +0 +0 +210 /)
  assert.match(lines[3] ?? '', /^total +43 +2 +0 +0 +4,210 /)
  assert.match(await bill({ function: 'search', group: 'day' }), /^2026-02-28 +1 [^]*^2026-03-01 +2 /m)
  assert.match(await bill({ from: '2026-03-01', group: 'hour' }), /^HOUR [^]*^2026-03-01T00:00:00\.000Z +2 /m)
})

test('invocations are listed newest first, page by page', async () => {
  const first = await invocationTable(env, { json: false, limit: '2' })
  const [head, , second, more] = first.split('\n')
  assert.match(head ?? '', /^AT +FUNCTION +TRIGGER +OUTCOME +STATUS/)
  assert.match(second ?? '', /^2026-03-01T00:00:00\.000Z +search +http +timeout +504 +0\.25 +- +99\.5 +100 +0 +50\/256 +\$0\.0\d+ +i42$/)
  const cursor = /^older ones: --cursor (\d+)$/.exec(more ?? '')?.[1] ?? ''
  const rest = JSON.parse(await invocationTable(env, { json: true, cursor })) as { invocations: { id: string }[]; next: null }
  assert.deepEqual([rest.invocations.length, rest.invocations[0]?.id, rest.next], [41, 'i41', null])
  assert.match(await invocationTable(env, { json: false, outcome: 'init_failed' }), /^2026-03-01\S+ +search +http +init_failed /m)
  assert.equal(await invocationTable(env, { json: false, function: 'none' }), 'no invocation fits')
  await assert.rejects(invocationTable(env, { json: false, outcome: 'fine' }), /outcome: expected one of ok, exception/)
})

test('log lines are printed without what a terminal would obey', async () => {
  const texts = await all(logTexts(env, { follow: false, json: false }))
  assert.deepEqual(texts.slice(0, 2), [
    '2026-03-15T12:00:00.000Z info  serving',
    '2026-03-15T12:00:00.000Z warn  edition i1 said \\u001b[31m twice\n  and again',
  ])
  assert.match(texts[2] ?? '', /edition i1 REPORT outcome=ok run_ms=99\.5 billed_ms=100 memory_mb=1024 max_memory_mb=50$/)
  assert.deepEqual(await all(logTexts(env, { follow: false, json: false, function: 'none' })), ['no kept line fits'])
  const [json] = await all(logTexts(env, { follow: false, json: true, level: 'warn' }))
  assert.deepEqual((JSON.parse(json ?? '') as { lines: { message: string }[] }).lines.map(({ message }) => message), ['said \u001b[31m twice\nand again'])
})

test('following goes on with each new line once', async () => {
  const following = logTexts(env, { follow: true, json: true, limit: '1', function: 'edition' })
  const message = async () => (JSON.parse(String((await following.next()).value)) as { message: string }).message
  assert.equal(await message(), 'REPORT')
  ring.line(NOW, 'info', { function: 'search' }, 'not this')
  ring.line(NOW, 'info', { function: 'edition' }, 'one')
  ring.line(NOW, 'info', { function: 'edition' }, 'two')
  assert.deepEqual([await message(), await message()], ['one', 'two'])
  await following.return(undefined)
})

test('following waits for a host that has gone and goes on with the next one', async (t) => {
  const said = t.mock.method(process.stderr, 'write', () => true)
  const serve = (history: LogHistory, port = 0) => new Promise<ServerType>((resolve) => {
    const app = createAdmin(operator, { hosts: ['127.0.0.1'], loopback: true, logs: history })
    const one = createAdaptorServer({ fetch: app.fetch })
    one.listen(port, '127.0.0.1', () => resolve(one))
  })
  const first = createLogRing(NOW)
  first.line(NOW, 'info', {}, 'one')
  const before = await serve(first)
  const { port } = before.address() as AddressInfo
  const following = logTexts({ PRESSROOM_ADMIN_URL: `http://127.0.0.1:${port}` }, { follow: true, json: false }, 1)
  assert.match(String((await following.next()).value), / one$/)
  const next = following.next()
  await new Promise((closed) => {
    before.close(closed)
    if ('closeAllConnections' in before) before.closeAllConnections()
  })
  while (said.mock.callCount() === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.match(String(said.mock.calls[0]?.arguments[0]), /^pressroom: no host answers at/)
  const second = createLogRing(NOW + 60_000)
  second.line(NOW + 60_000, 'info', {}, 'two')
  const later = await serve(second, port)
  assert.match(String((await next).value), / two$/)
  await following.return(undefined)
  later.close()
  assert.equal(said.mock.callCount(), 1)
})

test('a size that a plan does not have is priced as it is, and told', async () => {
  record(Date.UTC(2025, 10, 1), { function: 'tiny', memoryMib: 64 })
  const { plans } = await invoice({ month: '2025-11' })
  const told = plans.map(({ notes }) => notes.filter((note) => note.startsWith('tiny')))
  assert.deepEqual(told, [['tiny is priced at its 64 MiB, but the least there is 128.'], ['tiny is priced at its 64 MiB, but the least there is 128.'], []])
})

test('help names every plan', () => {
  const program = new Command()
  registerBill(program)
  const help = program.commands[0]?.helpInformation() ?? ''
  for (const name of [...planNames, 'all']) assert.ok(help.includes(name), name)
})

async function all(texts: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const text of texts) found.push(text)
  return found
}
