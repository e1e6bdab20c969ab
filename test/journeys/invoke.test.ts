import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import { command, handIn, makeEventFolder, recorded } from './event-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'

void describe('calls by the operator', () => {
  const folder = makeEventFolder()
  let host: HostProcess
  before(async () => {
    folder.write('ticker.mjs', 'export default { scheduled() {} }; export const config = { schedules: [] }')
    host = await startHost(folder)
  })
  after(async () => {
    await host.stop()
    folder[Symbol.dispose]()
  })
  const invoke = (event: unknown, query = '') => handIn(host, `/functions/worker/invocations${query}`, event)

  test('a request, a tick and a batch run as if their trigger had brought them, and are billed, recorded and traced', async () => {
    const traceId = 'abcdef0123456789abcdef0123456789'
    const trace = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const request = await handIn(host, '/functions/worker/invocations', { request: { method: 'PUT', url: '/any/where?x=1', headers: { 'X-One': '1' }, body: 'hello' } }, trace)
    assert.equal(request.status, 200)
    const { response, log, bill, outcome, invocation } = request.answer
    assert.deepEqual(JSON.parse(response!.body!), { method: 'PUT', url: 'http://localhost/any/where?x=1', one: '1', text: 'hello', length: 5 })
    assert.deepEqual([outcome, response!.status, response!.headers['content-type'], response!.truncated], ['ok', 200, 'application/json', false])
    assert.match(log, /^\d{4}-\S+Z info acts hello\n$/)

    const tick = await handIn(host, '/functions/worker/invocations', { scheduled: { cron: '0 9 * * *', time: '2026-01-05T09:00:00Z' } }, trace)
    assert.match(tick.answer.log, /acts 0 9 \* \* \* at 2026-01-05T09:00:00\.000Z\n$/)
    const batch = await handIn(host, '/functions/worker/invocations', { queue: { queue: 'any', messages: [{ id: 'a', body: { act: 'one' } }, { id: 'b', body: { act: 'again' } }] } }, trace)
    assert.deepEqual(batch.answer.batch, { acks: ['a'], retries: [{ id: 'b', delay: 5 }], rest: null })

    const records = await recorded(host)
    const record = records.find(({ id }) => id === invocation)!
    assert.deepEqual([record.trigger, record.outcome, record.status, record.billed_ms, record.revision, record.trace_id], ['http', 'ok', 200, bill.billed_ms, bill.revision, traceId])
    assert.deepEqual([tick, batch].map(({ answer }) => records.find(({ id }) => id === answer.invocation)?.trigger), ['timer', 'pubsub'])
    const spans = await until('three spans', async () => {
      const { spans: found = [] } = await host.admin<{ spans?: { name: string; parent_span_id: string; attributes: Record<string, unknown> }[] }>(`/traces/${traceId}`)
      const own = found.filter(({ name, attributes }) => name.includes('worker') || attributes['faas.name'] === 'worker').filter(({ attributes }) => attributes['faas.trigger'] !== undefined)
      return own.length === 3 && own
    })
    assert.deepEqual(spans.map(({ attributes }) => String(attributes['faas.trigger'])).toSorted(), ['http', 'pubsub', 'timer'])
    assert.deepEqual(new Set(spans.map(({ parent_span_id }) => parent_span_id)), new Set(['00f067aa0ba902b7']))
  })

  test('a function that fails is an answer, with why and what it wrote', async () => {
    const { status, answer } = await invoke({ request: { body: 'throw' } })
    assert.deepEqual([status, answer.outcome, answer.error, answer.response], [200, 'exception', { code: 'exception', detail: 'Error: told to' }, undefined])
    assert.match(answer.log, /acts throw\n.*error exception: Error: told to\n/)
    assert.ok(answer.bill.billed_ms >= 1)
    assert.equal((await invoke({ request: { body: 'exit' } })).answer.outcome, 'exited')
    assert.equal((await invoke({ queue: { queue: 'q', messages: [{ body: 'throw' }] } })).answer.outcome, 'exception')
  })

  test('bodies that are no text come in base64; long ones are cut at 6 MiB and say so; of the log the last 4 KiB', async () => {
    const bytes = await invoke({ request: { bodyBase64: Buffer.from('bytes').toString('base64') } })
    assert.deepEqual([bytes.answer.response?.bodyBase64, bytes.answer.response?.body], ['AP/+', undefined])
    const size = 6 * 1024 * 1024 + 1
    const large = (await invoke({ request: { body: `large ${size}` } })).answer
    assert.deepEqual([large.outcome, large.response?.body?.length, large.response?.bytes, large.response?.truncated], ['ok', size - 1, size, true])
    const { log } = (await invoke({ request: { body: 'log' } })).answer
    assert.ok(Buffer.byteLength(log) <= 4096 && Buffer.byteLength(log) > 3000)
    assert.match(log, /^\d{4}-\S+Z info line \d+ ü{40}\n/)
    assert.match(log, /line 199 ü{40}\n$/)
  })

  test('what cannot be run is refused before it runs', async () => {
    const before = (await recorded(host)).length
    const refusals: [path: string, event: unknown, status: number, code: string, detail: RegExp][] = [
      ['/functions/nobody/invocations', { request: {} }, 404, 'not_found', /^no function "nobody" is served; GET \/functions lists those that are$/],
      ['/functions/ticker/invocations', { request: {} }, 400, 'bad_request', /^the function "ticker" has no fetch handler; it has scheduled$/],
      ['/functions/worker/invocations?alias=beta', { request: {} }, 404, 'not_found', /^"worker" has no alias "beta"; it has live$/],
      ['/functions/worker/invocations?revision=abc', { request: {} }, 404, 'not_found', /^"worker" has no revision "abc" that can be run; it has [0-9a-f]{12}$/],
      ['/functions/worker/invocations?mode=later', { request: {} }, 400, 'bad_request', /^mode: expected sync or async, found "later"$/],
      ['/functions/worker/invocations?mod=async', { request: {} }, 400, 'bad_request', /^mod: expected one of mode, alias, revision$/],
      ['/functions/worker/invocations?mode=async&revision=a', { request: {} }, 400, 'bad_request', /^revision: expected none with mode=async/],
      ['/functions/worker/invocations', '{"request":', 400, 'bad_request', /^body: expected JSON/],
      ['/functions/worker/invocations', { request: { metod: 'GET' } }, 400, 'bad_request', /^request\.metod: expected one of method, url, headers, body, bodyBase64, found "metod"$/],
      ['/functions/worker/invocations', { request: { body: 'x'.repeat(6 * 1024 * 1024) } }, 413, 'body_too_large', /^an event of this kind has at most 6144 KiB as JSON$/],
      ['/functions/worker/invocations?mode=async', { request: { body: 'x'.repeat(256 * 1024) } }, 413, 'body_too_large', /^an event of this kind has at most 256 KiB as JSON$/],
    ]
    for (const [path, event, status, code, detail] of refusals) {
      // The answer to a body that is not wanted may come before all of it is sent: then the connection may break.
      const refused = await until('an answer', () => handIn<ErrorBody>(host, path, event).catch(() => undefined))
      assert.deepEqual([refused.status, refused.answer.error.code], [status, code], path)
      assert.match(refused.answer.error.detail ?? '', detail)
    }
    assert.equal((await recorded(host)).length, before)
  })

  test('the command prints the body and how it went, and its exit code says whether well', async () => {
    const plain = await command(host, 'invoke', 'worker', '--path', '/x?y=1', '--header', 'X-One: 1', '--data', 'hi')
    assert.equal(plain.code, 0, plain.text)
    assert.match(plain.text, /\{"method":"POST","url":"http:\/\/localhost\/x\?y=1","one":"1","text":"hi","length":2\}/)
    assert.match(plain.text, /ok 200 [0-9a-f-]{36}: run [\d.]+ ms(, init [\d.]+ ms)?, billed [\d,]+ ms, \$0\.\d+$/m)
    const failed = await command(host, 'invoke', 'worker', '--data', 'throw', '--tail')
    assert.equal(failed.code, 1)
    assert.match(failed.text, /^exception [0-9a-f-]{36}: run/m)
    assert.match(failed.text, /^exception: Error: told to$/m)
    assert.match(failed.text, /info acts throw$/m)
    const file = join(folder.cwd, 'body.bin')
    writeFileSync(file, 'from a file')
    assert.match((await command(host, 'invoke', 'worker', '--method', 'PUT', '--data', `@${file}`)).text, /"method":"PUT".*"text":"from a file"/)
    assert.match((await command(host, 'invoke', 'worker', '--scheduled', '0 9 * * *', '--time', '2026-01-05T09:00:00Z', '--tail')).text, /acts 0 9 \* \* \* at 2026-01-05T09:00:00\.000Z/)
    assert.match((await command(host, 'invoke', 'worker', '--queue', 'q', '--data', '{"act":"again"}')).text, /^acknowledged 0, to come again 1$/m)
    const json = await command(host, 'invoke', 'worker', '--data', '500', '--json')
    assert.equal((JSON.parse(json.text) as { response: { status: number } }).response.status, 500)
    const later = await command(host, 'invoke', 'worker', '--data', 'slow', '--async', '--tail')
    assert.equal(later.code, 0, later.text)
    assert.match(later.text, /info acts slow$/m)
    assert.match(later.text, /^ok [0-9a-f-]{36}: run/m)
  })

  test('options that do not go together, and files that are not there, are refused with the way out', async () => {
    const refusals: [string[], RegExp][] = [
      [['--scheduled', '* * * * *', '--queue', 'q'], /--scheduled and --queue do not go together/],
      [['--time', '2026-01-05T09:00:00Z'], /--time needs --scheduled/],
      [['--scheduled', '* * * * *', '--path', '/x'], /--path is of a request: it does not go with --scheduled/],
      [['--queue', 'q'], /--queue needs --data/],
      [['--data', '@/nowhere/x'], /--data: expected a file that can be read, found \/nowhere\/x/],
      [['--header', 'none'], /expected "name: value"/],
      [['--async', '--revision', 'x'], /--revision does not go with --async/],
    ]
    await Promise.all(refusals.map(async ([args, message]) => {
      const { code, text } = await command(host, 'invoke', 'worker', ...args)
      assert.equal(code, 1, text)
      assert.match(text, message)
    }))
  })
})
