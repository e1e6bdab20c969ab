import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LetterView } from '../../src/host/events/views.ts'
import { command, handIn, makeEventFolder, recorded } from './event-folder.ts'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { deployTo } from './uploads.ts'

const EVENTS = process.env['PRESSROOM_TEST_LONG'] ? 200 : 12
const KILLS = process.env['PRESSROOM_TEST_LONG'] ? 20 : 2

/** Hands an event in without waiting for its end; answers its id. */
async function later(host: HostProcess, event: unknown, name = 'worker', headers: Record<string, string> = {}): Promise<string> {
  const { status, answer } = await handIn<{ invocation: string }>(host, `/functions/${name}/invocations?mode=async`, event, headers)
  assert.equal(status, 202, JSON.stringify(answer))
  return answer.invocation
}
const record = (host: HostProcess, id: string) => until(`a record of ${id}`, async () => (await recorded(host)).find((one) => one.id === id), 60_000)
const letters = async (host: HostProcess) => (await host.admin<{ letters: LetterView[] }>('/dead-letters')).letters

test('an event runs after its 202, under the id of the answer and in the trace of who called', async () => {
  using folder = makeEventFolder()
  await using host = await startHost(folder)
  const traceId = 'abcdef0123456789abcdef0123456789'
  const trace = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
  const events = [{ request: { body: 'slow' } }, { scheduled: { cron: '* * * * *' } }, { queue: { queue: 'q', messages: [{ body: 'one' }] } }]
  const ids = await Promise.all(events.map((event) => later(host, event, 'worker', trace)))
  const records = await Promise.all(ids.map((id) => record(host, id)))
  assert.deepEqual(records.map(({ trigger, outcome, status, trace_id, billed_ms }) => [trigger, outcome, status, trace_id, billed_ms > 0]), [
    ['http', 'ok', 200, traceId, true], ['timer', 'ok', null, traceId, true], ['pubsub', 'ok', null, traceId, true],
  ])
  const parents = await until('their spans', async () => {
    const { spans = [] } = await host.admin<{ spans?: { parent_span_id: string; attributes: Record<string, unknown> }[] }>(`/traces/${traceId}`)
    const own = spans.filter(({ attributes }) => ids.includes(String(attributes['faas.invocation.id'])))
    return own.length === 3 && own.map(({ parent_span_id }) => parent_span_id)
  })
  assert.deepEqual(new Set(parents), new Set(['00f067aa0ba902b7']))
  assert.deepEqual(await letters(host), [])
})

test('an uploaded function takes events as one of the folder does', async () => {
  using folder = makeEventFolder()
  await using host = await startHost(folder)
  const revision = await deployTo(host, 'uploaded', "export default { fetch: async (request) => new Response('got ' + await request.text()) }")
  const { answer } = await handIn(host, '/functions/uploaded/invocations', { request: { body: 'it' } })
  assert.deepEqual([answer.outcome, answer.response?.body, answer.bill.revision], ['ok', 'got it', revision])
  const older = await handIn(host, `/functions/uploaded/invocations?revision=${revision}`, { request: {} })
  assert.equal(older.answer.bill.revision, revision)
  assert.equal((await record(host, await later(host, { request: {} }, 'uploaded'))).revision, revision)
})

test('what a function fails at is given up with its record sent, listed, sent again and dropped', async () => {
  using folder = makeEventFolder({ retries: 0, onFailure: 'function:mourner' })
  folder.write('mourner.mjs', "export default { async fetch(request) { console.log('mourns', await request.text()); return new Response() } }")
  await using host = await startHost(folder)
  const id = await later(host, { request: { body: 'throw', headers: { authorization: 'Bearer geheim', 'x-one': '1' } } })
  const [failed, told] = [await record(host, id), await record(host, `${id}-failure`)]
  assert.deepEqual([failed.outcome, told.function, told.outcome, told.trace_id], ['exception', 'mourner', 'ok', failed.trace_id])
  const { lines } = await host.admin<{ lines: { message: string }[] }>(`/logs?invocation=${id}-failure`)
  const said = lines.find(({ message }) => message.startsWith('mourns '))!.message
  const envelope = JSON.parse(said.slice('mourns '.length)) as { requestContext: object; responsePayload: object; requestPayload: { request: { headers: string[][] } } }
  assert.deepEqual(envelope.requestContext, { requestId: id, functionArn: 'worker', condition: 'RetriesExhausted', approximateInvokeCount: 1 })
  // The letter is laid down when its record is on its way.
  const [letter] = await until('the letter', async () => {
    const found = await letters(host)
    return found.length > 0 && found
  }, 60_000)
  assert.deepEqual(envelope.responsePayload, { errorType: 'exception', errorMessage: letter!.error })
  assert.ok(!said.includes('geheim'))

  const listed = await command(host, 'dlq', 'list', '--function', 'worker')
  assert.match(listed.text, new RegExp(`^\\S+Z +worker +1 +\\d+ +${id} +exception: Error: told to$`, 'm'))
  const shown = JSON.parse((await command(host, 'dlq', 'show', id)).text) as LetterView & { event: { request: { body: string; headers: string[][] } } }
  assert.deepEqual([shown.function, shown.attempts, shown.event.request.body], ['worker', 1, 'throw'])
  assert.ok(shown.event.request.headers.some(([name, value]) => name === 'authorization' && value === '[redacted]'))

  assert.equal((await command(host, 'dlq', 'replay', id)).text, 'replayed 1')
  assert.equal((await record(host, `${id}-again`)).outcome, 'exception')
  await until('it is given up again', async () => (await letters(host)).map((one) => one.id).join() === `${id}-again`, 60_000)
  assert.equal((await command(host, 'dlq', 'replay', id)).code, 1)
  const unclear = await command(host, 'dlq', 'drop')
  assert.match(unclear.text, /expected either ids or --all/)
  assert.equal((await command(host, 'dlq', 'drop', '--all', '--function', 'other')).text, 'dropped 0')
  assert.equal((await command(host, 'dlq', 'drop', '--all')).text, 'dropped 1')
  assert.equal((await command(host, 'dlq', 'list')).text, 'there are no dead letters')
})

test('the record of what ran well goes to a queue; a message that its consumer fails at is a dead letter too', async () => {
  using folder = makeEventFolder({ onSuccess: 'queue:done' })
  folder.write('taker.mjs', `export default {
    queue(batch) {
      for (const { body } of batch.messages) {
        console.log('took', body.requestContext.requestId, body.responsePayload.text)
        if (body.responsePayload.text === 'bad') throw new Error('not this one')
      }
    },
  }
  export const config = { queues: ['done'] }`)
  writeFileSync(join(folder.cwd, 'wrangler.toml'), '[[queues.consumers]]\nqueue = "done"\nmax_batch_timeout = 0\nmax_retries = 0\n')
  await using host = await startHost(folder)
  const good = await later(host, { request: { body: 'hello' } })
  await host.line((line) => line.includes(`took ${good} hello`))
  const bad = await later(host, { request: { body: 'bad' } })
  const given = (id: string) => until('it is given up', async () => (await letters(host)).find((one) => one.id === id), 60_000)
  const letter = await given(`${bad}-success`)
  assert.deepEqual([letter.queue, letter.function, letter.error.includes('not this one')], ['done', null, true])
  assert.match((await command(host, 'dlq', 'list', '--queue', 'done')).text, new RegExp(`queue done +${letter.attempts} +\\d+ +${letter.id} `))
  const shown = JSON.parse((await command(host, 'dlq', 'show', letter.id)).text) as LetterView
  assert.equal((JSON.parse(shown.body!) as { requestContext: { requestId: string } }).requestContext.requestId, bad)
  assert.equal((await command(host, 'dlq', 'replay', letter.id)).text, 'replayed 1')
  await until('it is given up again', async () => (await letters(host)).some(({ id, died }) => id === letter.id && died !== letter.died), 60_000)
})

test(`killed right after its 202s, ${KILLS} times: every event that was accepted runs to its end`, { skip: !existsSync('/proc/self/stat') && 'needs /proc' }, async (t) => {
  const ran = new Set<string>()
  const collector = createServer((request, response) => {
    ran.add(request.url!.slice(1))
    response.end()
  }).listen(0, '127.0.0.1')
  t.after(() => collector.close())
  await once(collector, 'listening')
  const address = `127.0.0.1:${(collector.address() as AddressInfo).port}`
  using folder = makeFunctionFolder()
  folder.write('teller.mjs', `export default {
    async fetch(request) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200))
      await fetch('http://${address}/' + await request.text())
      return new Response()
    },
  }
  export const config = { concurrency: 4, maxInstances: 2 }`)
  const start = () => startHost({ ...folder, flags: ['--allow-outbound', address] })
  const accepted = new Set<string>()
  for (let kill = 0; kill < KILLS; kill++) {
    const host = await start()
    let heard!: () => void
    const half = new Promise<void>((resolve) => (heard = resolve))
    const said = Array.from({ length: EVENTS }, async (_, n) => {
      const id = `${kill}-${n}`
      await later(host, { request: { body: id } }, 'teller')
      accepted.add(id)
      // Some run, some wait, and what becomes of the others nobody was told.
      if (accepted.size >= (kill + 0.5) * EVENTS) heard()
    })
    void Promise.allSettled(said).then(heard)
    await half
    host.child.kill('SIGKILL')
    await Promise.allSettled(said)
    await host.exited
  }
  assert.ok(accepted.size >= (KILLS * EVENTS) / 2)
  await using host = await start()
  await until('every accepted event has run', () => [...accepted].every((id) => ran.has(id)), 60_000)
  assert.deepEqual(await letters(host), [])
})
