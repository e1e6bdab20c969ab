import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QueueView } from '../../src/host/operator.ts'
import { runCommand, startHost, until as untilWithin, type HostProcess } from './host-process.ts'
import { deliveries, makeQueueFolder, send } from './queue-folder.ts'

/** A machine that is busy with other tests needs its time to start instances. */
const until = <T>(what: string, ask: () => T | undefined | false | Promise<T | undefined | false>) => untilWithin(what, ask, 90_000)

const consumer = (more = '') => `[[queues.consumers]]\nqueue = "work"\nmax_batch_timeout = 0\n${more}`

async function queue(host: HostProcess, name = 'work'): Promise<QueueView> {
  const { queues } = await host.admin<{ queues: QueueView[] }>('/queues')
  return queues.find((view) => view.queue === name)!
}
const empty = (host: HostProcess) => until('the queue is empty', async () => (await queue(host)).messages === 0)

test('what a function sends reaches another, and the ledger, the trace and the metrics tell of it', async () => {
  using folder = makeQueueFolder(consumer())
  await using host = await startHost(folder)
  const traceId = 'abcdef0123456789abcdef0123456789'
  const response = await fetch(`${host.url}/send`, {
    method: 'POST', body: JSON.stringify([{ name: 'a' }, { name: 'b' }]), headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  })
  assert.equal(response.status, 200)
  await until('both are delivered', async () => (await deliveries(host)).length === 2)
  assert.deepEqual(await deliveries(host), ['a/1', 'b/1'])
  await empty(host)
  assert.deepEqual(await queue(host), { queue: 'work', consumer: 'take', messages: 0, bytes: 0, in_flight: 0, oldest: null, oldest_age_s: null, dead: 0 })

  const records = await until('its record', async () => {
    const { invocations } = await host.admin<{ invocations: { trigger: string; outcome: string; status: number | null; trace_id: string; billed_ms: number }[] }>('/invocations?function=take&limit=100')
    const woken = invocations.filter(({ trigger }) => trigger === 'pubsub')
    return woken.length > 0 && woken
  })
  for (const { outcome, status, trace_id, billed_ms } of records) assert.deepEqual([outcome, status, trace_id, billed_ms > 0], ['ok', null, traceId, true])

  type Span = { name: string; kind: string; parent_span_id: string; span_id: string; attributes: Record<string, unknown> }
  const spans = await until('the spans of sender and consumer', async () => {
    const { spans: found = [] } = await host.admin<{ spans?: Span[] }>(`/traces/${traceId}`)
    return found.some(({ name }) => name === 'take') && found.some(({ name }) => name === 'send') && found
  })
  const taken = spans.find(({ name, attributes }) => name === 'take' && attributes['faas.trigger'] === 'pubsub')!
  assert.equal(taken.parent_span_id, spans.find(({ name }) => name === 'send')!.span_id)
  const { attributes } = taken
  assert.deepEqual(
    ['messaging.system', 'messaging.destination.name', 'messaging.operation.type', 'messaging.operation.name'].map((name) => attributes[name]),
    ['pressroom', 'work', 'process', 'process'],
  )
  assert.ok(Number(attributes['messaging.batch.message_count']) >= 1)

  await send(host, { body: { name: 'later' }, delaySeconds: 600 })
  const metrics = await (await fetch(`${host.adminUrl}/metrics`)).text()
  const told = metrics.split('\n').filter((line) => line.includes('messaging_destination_name="work"'))
  assert.match(told.join('\n'), /^pressroom_queue_messages\{.*\} 1\npressroom_queue_oldest_age\{.*\} [\d.e-]+\npressroom_queue_dead\{.*\} 0$/)
})

test('a message that ends its instance every time is given up, and holds nobody up', async () => {
  using folder = makeQueueFolder(consumer('max_batch_size = 1\nmax_retries = 1\nmax_concurrency = 1'))
  await using host = await startHost(folder)
  await send(host, { name: 'poison', act: 'exit' }, { name: 'good' }, { name: 'bad', act: 'throw' }, { name: 'unsure', act: 'retry' })
  await until('all are done with', async () => (await queue(host)).messages === 0)
  assert.deepEqual(await deliveries(host), ['bad/1', 'bad/2', 'good/1', 'poison/1', 'poison/2', 'unsure/1', 'unsure/2'])
  assert.equal((await queue(host)).dead, 3)
  const { invocations } = await host.admin<{ invocations: { trigger: string; outcome: string }[] }>('/invocations?function=take&limit=100')
  const outcomes = invocations.filter(({ trigger }) => trigger === 'pubsub').map(({ outcome }) => outcome)
  assert.equal(outcomes.filter((outcome) => outcome === 'exited').length >= 2, true)

  const table = runCommand(['queues'], { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
  assert.equal(await table.exited, 0)
  assert.match(table.lines.join('\n'), /^QUEUE +CONSUMER +MESSAGES.*\n(?:.*\n)?work +take +0 .* 3$/m)
  const json = runCommand(['queues', '--json'], { env: { PRESSROOM_ADMIN_URL: host.adminUrl } })
  assert.equal(await json.exited, 0)
  assert.deepEqual((JSON.parse(json.lines.join('\n')) as { queues: QueueView[] }).queues.map(({ queue: name }) => name), ['mourned', 'work'])
})

test('what was delivered often enough goes to the dead letter queue, and its consumer gets it', async () => {
  using folder = makeQueueFolder(`${consumer('max_retries = 0\ndead_letter_queue = "mourned"')}\n[[queues.consumers]]\nqueue = "mourned"\nmax_batch_timeout = 0\nmax_retries = 0`)
  await using host = await startHost(folder)
  await send(host, { name: 'poison', act: 'throw' })
  await until('it is dead in the end', async () => (await queue(host, 'mourned')).dead === 1)
  assert.equal((await queue(host)).messages, 0)
})

test('a full queue tells the producer so, and takes more when there is room', async () => {
  using folder = makeQueueFolder(consumer())
  await using host = await startHost({ ...folder, flags: ['--queue-depth', '2'] })
  const later = (name: string) => ({ body: { name }, delaySeconds: 600 })
  assert.equal((await send(host, later('a'), later('b'))).backlogCount, 2)
  await assert.rejects(send(host, later('c')), /429 Error: queue_full: queue "work" holds 2 messages and takes no 1 more: at most 2/)
  assert.equal((await queue(host)).messages, 2)
})

test('a host that is told to leave ends its batches, and the next one goes on with the rest', async () => {
  using folder = makeQueueFolder(consumer('max_batch_size = 1\nmax_concurrency = 1'))
  const names = ['a', 'b', 'c']
  {
    await using host = await startHost(folder)
    await send(host, ...names.map((name) => ({ name, act: 'sleep' })))
    await until('the first is under way', async () => (await deliveries(host)).length > 0)
    assert.equal(await host.stop(), 0)
  }
  await using host = await startHost(folder)
  await until('all are done with', async () => (await queue(host)).messages === 0)
  assert.deepEqual(await deliveries(host), names.map((name) => `${name}/1`), 'each once: no batch was cut off')
})
