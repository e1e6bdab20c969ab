import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KeptFunction } from '../../src/ports/deployments.ts'
import { memoryHost, type Made, type MemoryHost } from './memory-host.ts'
import { all, answering, ask, code, codeOf, split, uploadAll, uploadOf } from './uploaded.ts'

const one = answering('one')
const two = answering('two')
const revisions = { one, two }

/** A host with revisions of `greet`, changed as told, and another that starts with what it left; `gone`: what does not load there. */
async function restarted(
  change: (at: MemoryHost) => Promise<unknown>,
  { folder = { hello: answering('hello') }, gone = [], made = revisions }: { folder?: Record<string, Made>; gone?: string[]; made?: Record<string, Made> } = {},
): Promise<MemoryHost> {
  const first = memoryHost({ hello: answering('hello') }, { uploads: codeOf(made) })
  await uploadAll(first, made)
  await change(first)
  return after(first.store, folder, made, gone)
}

async function after(store: MemoryHost['store'], folder: Record<string, Made>, made: Record<string, Made>, gone: string[] = []): Promise<MemoryHost> {
  const kept = await store.deployments.read()
  return memoryHost(folder, { uploads: codeOf(made), before: { store, kept, uploads: uploads(kept, made, gone) } })
}

function uploads(kept: readonly KeptFunction[], made: Record<string, Made>, gone: string[]) {
  return kept.flatMap((at) => at.revisions).map((stored) => ({
    stored,
    deployed: gone.includes(stored.revision) ? { problem: `${stored.revision}: its files are gone` } : uploadOf(stored.function, stored.revision, made[stored.revision]!, stored.at).deployed,
  }))
}

const live = (wish: object) => (at: MemoryHost) => at.host.operator.deployments.setAlias('greet', 'live', wish)

void describe('after a restart', () => {
  test('every alias, share and trigger is as it was', async () => {
    const at = await restarted(async (first) => {
      await live(all('one'))(first)
      await live(split('two', 30, 'one', { calls: 5, p99: 2 }))(first)
      await first.host.operator.deployments.setAlias('greet', 'canary', all('two'))
      await first.host.operator.deployments.setTriggers('greet', { routes: ['/greetings'] })
      await first.host.operator.deployments.setTriggers('hello', { routes: ['/hi'] })
    })
    const { deployments } = at.host.operator
    assert.deepEqual(deployments.aliases('greet')['live']!.revisions, [{ revision: 'two', weight: 30 }, { revision: 'one', weight: 70 }])
    assert.deepEqual(deployments.aliases('greet')['live']!.gate_progress, { state: 'waiting', calls: 0, otherCalls: 0 })
    assert.equal(await ask(at, { alias: 'canary' }), 'two')
    for (const path of ['/greetings', '/hi']) assert.equal(at.host.routes.match('GET', path).kind, 'function', path)
    for (const path of ['/greet', '/hello']) assert.equal(at.host.routes.match('GET', path).kind, 'no_route', path)
  })

  test('a revision that does not load answers for itself, is shown as failed, and keeps nothing else from serving', async () => {
    const at = await restarted(live(all('one')), { gone: ['one'] })
    const { deployments } = at.host.operator
    assert.deepEqual([await ask(at, { function: 'hello' }), await ask(at)], ['hello', 'init_failed'])
    assert.equal(at.host.routes.match('GET', '/greet').kind, 'function')
    assert.deepEqual(at.host.operator.functions().map(({ name, state }) => [name, state]), [['greet', 'failed'], ['hello', 'active']])
    assert.match(at.reports.find((report) => report.function === 'greet')!.detail!, /its files are gone/)
    await assert.rejects(deployments.setAlias('greet', 'canary', all('one')), code('conflict'))
    await live(all('two'))(at)
    assert.equal(await ask(at), 'two')
    await assert.rejects(deployments.rollback('greet', 'live'), code('conflict'))
  })

  test('a revision that does not load is healed by another upload of it', async () => {
    const at = await restarted(live(all('one')), { gone: ['one'] })
    assert.equal(at.host.shelf.has('greet', 'one'), false)
    const { stored, deployed } = uploadOf('greet', 'one', one, 9)
    await at.host.shelf.add(stored, deployed)
    assert.deepEqual([at.host.shelf.has('greet', 'one'), await ask(at)], [true, 'one'])
  })

  test('messages for a function that cannot be called stay where they are, and nobody else may take them', async () => {
    const consumer: Made = { handlers: { queue: async () => {} }, config: { queues: ['jobs'] } }
    const at = await restarted(live(all('one')), { gone: ['one'], made: { one: consumer } })
    at.host.startSchedules()
    await at.host.queues.send('jobs', [{ contentType: 'text', body: new TextEncoder().encode('work'), delayMs: 0 } as never])
    for (let i = 0; i < 20; i++) await at.clock.advance(60_000)
    const [jobs] = await at.host.operator.queues()
    assert.deepEqual([jobs!.queue, jobs!.messages, jobs!.dead, jobs!.consumer], ['jobs', 1, 0, null])
    await at.host.drain(1)
  })

  test('a file of the folder with the name of an uploaded function is refused, naming both and the way out', async () => {
    await assert.rejects(restarted(live(all('one')), { folder: { greet: answering('folder') } }), /greet\.ts: a function greet was uploaded .*DELETE \/functions\/greet/)
  })

  test('routes that a new file of the folder and an uploaded function both have are refused, naming both', async () => {
    await assert.rejects(restarted(live(all('one')), { folder: { other: answering('other', { routes: ['/greet'] }) } }), (error: Error) => /other\.ts/.test(error.message) && /greet/.test(error.message))
  })

  test('triggers that do not fit the code any more are told, and the config says what wakes it', async () => {
    const ticking: Made = { handlers: { ...one.handlers, scheduled: async () => {} }, config: {} }
    const first = memoryHost({ hello: ticking })
    await first.host.operator.deployments.setTriggers('hello', { schedules: ['0 * * * *'], routes: ['/hi'] })
    const at = await after(first.store, { hello: answering('hello') }, {})
    assert.equal(await ask(at, { function: 'hello' }), 'hello')
    assert.equal(at.host.routes.match('GET', '/hello').kind, 'function')
    assert.ok(at.errors.some((line) => line.startsWith('hello: wakes by its config') && line.includes('scheduled')), at.errors.join('\n'))
  })

  test('triggers of a file that is not there wait for the day it comes back', async () => {
    const at = await restarted((first) => first.host.operator.deployments.setTriggers('hello', { routes: ['/hi'] }), { folder: {} })
    assert.equal(at.host.routes.match('GET', '/hi').kind, 'no_route')
    const { deployed } = uploadOf('hello', 'r1', answering('hello'), 0)
    at.host.replace([deployed])
    assert.equal(at.host.routes.match('GET', '/hi').kind, 'function')
    at.host.replace([])
    at.host.replace([deployed])
    assert.equal(at.host.operator.deployments.triggers('hello').from, 'triggers')
  })
})
