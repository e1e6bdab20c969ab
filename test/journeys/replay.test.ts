import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import type { FailureView } from '../../src/host/events/views.ts'
import { command, handIn, makeEventFolder, recorded } from './event-folder.ts'
import { startHost, type HostProcess } from './host-process.ts'

/** Sends a POST in parts, without saying how long it will be; answers the id of the invocation. */
function postInParts(host: HostProcess, path: string, parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(host.url + path, { method: 'POST', headers: { cookie: 'a=b' } }, (response) => {
      response.resume().once('end', () => resolve(String(response.headers['pressroom-invocation'])))
    })
    sent.once('error', reject)
    for (const part of parts) sent.write(part)
    sent.end()
  })
}
const kept = (host: HostProcess, id: string) => host.admin<FailureView & { event: { request: { body?: string; headers: [string, string][] } } }>(`/failures/${id}`)

test('a call that failed runs again with its event, without the secrets it had, unless they are given anew; restarts forget nothing', async () => {
  using folder = makeEventFolder()
  let host = await startHost(folder)
  const failed = await fetch(`${host.url}/worker/some?where=1`, { method: 'POST', body: 'allowed', headers: { authorization: 'Bearer wrong', 'x-one': '1', 'x-session-token': 'geheim' } })
  assert.equal(failed.status, 500)
  const id = failed.headers.get('pressroom-invocation')!
  const failure = await kept(host, id)
  assert.deepEqual([failure.function, failure.trigger, failure.outcome, failure.whole, failure.redacted], ['worker', 'http', 'exception', true, ['authorization', 'x-session-token']])
  assert.match(failure.detail, /^Error: not allowed\n/)
  assert.equal(failure.event.request.body, 'allowed')
  assert.ok(!JSON.stringify(failure).includes('geheim') && !JSON.stringify(failure).includes('Bearer wrong'))
  await host.stop()

  host = await startHost(folder)
  await using _running = host
  const listed = await command(host, 'replay')
  assert.match(listed.text, new RegExp(`worker +http +exception +${id} +Error: not allowed$`, 'm'))
  const again = await command(host, 'replay', id)
  assert.equal(again.code, 1, again.text)
  assert.match(again.text, /^without what authorization, x-session-token held: it was not kept; give it with --header$/m)
  assert.match(again.text, /^exception: Error: not allowed$/m)
  const given = await command(host, 'replay', id, '--header', 'Authorization: Bearer right', '--json')
  assert.equal(given.code, 0, given.text)
  const { invocation, outcome, response, replay_of, redacted } = JSON.parse(given.text) as { invocation: string; outcome: string; response: { body: string }; replay_of: string; redacted: string[] }
  assert.deepEqual([outcome, replay_of, redacted], ['ok', id, ['x-session-token']])
  assert.deepEqual(JSON.parse(response.body), { method: 'POST', url: failure.event.request.headers.map(([name, value]) => (name === 'host' ? `http://${value}/worker/some?where=1` : '')).join(''), one: '1', text: 'allowed', length: 7 })
  const record = (await recorded(host)).find((one) => one.id === invocation)!
  assert.deepEqual([record.trigger, record.outcome, record.billed_ms > 0], ['http', 'ok', true])
})

test('every kind of failure of every trigger is kept, and what went well is not', async () => {
  using folder = makeEventFolder({ timeout: 5 })
  await using host = await startHost(folder)
  const run = async (event: object) => (await handIn(host, '/functions/worker/invocations', event)).answer
  const wanted = [
    await run({ request: { body: 'throw' } }),
    await run({ request: { body: 'hang' } }),
    await run({ request: { body: 'exit' } }),
    await run({ queue: { queue: 'q', messages: [{ body: 'throw' }] } }),
  ]
  await run({ request: { body: 'fine' } })
  await run({ request: { body: '500' } })
  const { failures } = await host.admin<{ failures: FailureView[] }>('/failures')
  assert.deepEqual(failures.map(({ invocation, outcome, trigger }) => [invocation, outcome, trigger]).reverse(), [
    [wanted[0]!.invocation, 'exception', 'http'], [wanted[1]!.invocation, 'timeout', 'http'], [wanted[2]!.invocation, 'exited', 'http'], [wanted[3]!.invocation, 'exception', 'pubsub'],
  ])
  const { answer } = await handIn<{ outcome: string; replay_of: string }>(host, `/failures/${wanted[3]!.invocation}/replay`, {})
  assert.deepEqual([answer.outcome, answer.replay_of], ['exception', wanted[3]!.invocation])
})

test('a body that came in parts is kept as long as it is small; of a large one the head alone', async () => {
  using folder = makeEventFolder()
  await using host = await startHost(folder)
  const small = await postInParts(host, '/worker', ['thr', 'ow ', 'x'.repeat(200 * 1024)])
  const large = await postInParts(host, '/worker', ['throw ', 'x'.repeat(200 * 1024), 'y'.repeat(100 * 1024)])
  const [first, second] = await Promise.all([kept(host, small), kept(host, large)])
  assert.deepEqual([first.whole, first.event.request.body?.length, first.redacted], [true, 6 + 200 * 1024, ['cookie']])
  assert.deepEqual([second.whole, second.event.request.body], [false, undefined])
  assert.equal((await handIn(host, `/failures/${small}/replay`, {})).answer.outcome, 'exception')
  const refusals: [path: string, body: unknown, status: number, detail: RegExp][] = [
    [`/failures/${large}/replay`, {}, 400, /^the event of ".*" was not kept whole: its body was larger than 256 KiB, or did not arrive to its end$/],
    ['/failures/none/replay', {}, 404, /^no failed invocation "none" is kept: the last 1,000 of seven days are/],
    [`/failures/${small}/replay`, { header: {} }, 400, /^body: expected \{\} or \{"headers": \{…\}\}/],
    [`/failures/${small}/replay`, { headers: { a: 1 } }, 400, /^request\.headers\.a: expected a string/],
    [`/failures/${small}/replay?revision=abc`, {}, 404, /has no revision "abc"/],
  ]
  for (const [path, body, status, detail] of refusals) {
    const refused = await handIn<ErrorBody>(host, path, body)
    assert.equal(refused.status, status, path)
    assert.match(refused.answer.error.detail ?? '', detail)
  }
})
