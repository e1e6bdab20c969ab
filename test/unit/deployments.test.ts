import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FunctionConfig } from '../../src/contract/function.ts'
import { pickShare, pointOf } from '../../src/host/deploy/alias.ts'
import { memoryHost, type Made, type MemoryHost } from './memory-host.ts'
import { all, answering, ask, code, codeOf, split, uploadAll } from './uploaded.ts'

/** A host with one function of the folder, and revisions of `greet` that were uploaded one after the other. */
async function deploying(revisions: Record<string, Made>) {
  const at = memoryHost({ hello: answering('hello') }, { uploads: codeOf(revisions) })
  await uploadAll(at, revisions)
  return at
}

describe('aliases', () => {
  test('an uploaded function serves nothing until live points at a revision; then its routes are there', async () => {
    const at = await deploying({ one: answering('one') })
    assert.equal(at.host.routes.match('GET', '/greet').kind, 'no_route')
    await at.host.operator.deployments.setAlias('greet', 'live', all('one'))
    assert.equal(at.host.routes.match('GET', '/greet').kind, 'function')
    assert.equal(await ask(at), 'one')
  })

  test('what is in flight at a switch ends on the revision that took it', async () => {
    let answer!: (text: string) => void
    const slow = { handlers: { fetch: () => new Promise<never>((resolve) => (answer = (text) => resolve(new Response(text) as never))) }, config: {} }
    const at = await deploying({ one: slow as never, two: answering('two') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('one'))
    const early = at.host.invoke(at.call('greet'))
    await at.clock.advance(1)
    await deployments.setAlias('greet', 'live', all('two'))
    assert.equal(await ask(at), 'two')
    answer('one')
    const head = await early.head
    assert.equal(head.type === 'response' && new TextDecoder().decode(head.body as Uint8Array), 'one')
    await early.settled
  })

  test('a key keeps its revision, a growing weight moves keys one way, and shares come near their weights', async () => {
    const keys = Array.from({ length: 4000 }, (_, i) => `reader-${i}`)
    const chosen = (weight: number) => new Set(keys.filter((key) => pickShare([{ revision: 'new', weight }, { revision: 'old', weight: 100 - weight }], pointOf('greet', key)) === 'new'))
    let before = chosen(1)
    for (const weight of [10, 50, 90, 99]) {
      const now = chosen(weight)
      for (const key of before) assert.ok(now.has(key), `${key} moved back at ${weight} %`)
      assert.ok(Math.abs(now.size / keys.length - weight / 100) < 0.03, `${now.size} of ${keys.length} at ${weight} %`)
      before = now
    }
  })

  test('the newer revision is the one that grows, in whatever order they are named; header key, cookie and alias choose', async () => {
    const at = await deploying({ old: answering('old'), new: answering('new') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', { revisions: [{ revision: 'old', weight: 50 }, { revision: 'new', weight: 50 }] })
    const low = Array.from({ length: 100 }, (_, i) => `k${i}`).find((key) => pointOf('greet', key) < 50)!
    const high = Array.from({ length: 100 }, (_, i) => `k${i}`).find((key) => pointOf('greet', key) >= 50)!
    assert.deepEqual([await ask(at, { key: low }), await ask(at, { key: high })], ['new', 'old'])
    assert.deepEqual([await ask(at, { headers: ['cookie', `a=b; who=${low}`] }), await ask(at, { headers: ['cookie', `who=${high}`] })], ['new', 'old'])
    await deployments.setAlias('greet', 'canary', all('new'))
    for (let i = 0; i < 5; i++) assert.equal(await ask(at, { key: high, alias: 'canary' }), 'new')
    assert.equal(await ask(at, { alias: 'nobody' }), 'not_found')
  })

  test('the revision that is new to its alias is the one on trial, though it was uploaded first; while both stay, so does their order', async () => {
    const at = await deploying({ old: answering('old'), new: answering('new') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('new'))
    const order = async (wish: object) => (await deployments.setAlias('greet', 'live', wish)).revisions.map(({ revision }) => revision)
    assert.deepEqual(await order(split('new', 90, 'old')), ['old', 'new'])
    assert.deepEqual(await order(split('new', 20, 'old')), ['old', 'new'])
  })

  test('callers without a key are split by weight, call by call', async () => {
    const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? 7)
    let state = seed
    const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
    const at = await deploying({ old: answering('old'), new: answering('new') })
    await at.host.operator.deployments.setAlias('greet', 'live', split('new', 25, 'old'))
    const shares = at.host.operator.deployments.aliases('greet')['live']!.revisions
    const chosen = Array.from({ length: 4000 }, () => pickShare(shares, random() * 100)).filter((revision) => revision === 'new').length
    assert.ok(Math.abs(chosen / 4000 - 0.25) < 0.04, `${chosen} of 4000, seed ${seed}`)
  })

  test('each revision is billed by its own memory', async () => {
    const at = await deploying({ small: answering('small', { memory: 128 }), large: answering('large', { memory: 1024 }) })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('small'))
    await deployments.setAlias('greet', 'big', all('large'))
    await ask(at)
    await ask(at, { alias: 'big' })
    const { entries } = await at.store.ledger.records({ function: 'greet', limit: 10 })
    assert.deepEqual(entries.map(({ revision, memoryMib }) => [revision, memoryMib]), [['large', 1024], ['small', 128]])
  })

  test('an alias that cannot be is refused by field, and nothing changes', async () => {
    const at = await deploying({ one: answering('one'), two: answering('two') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('one'))
    for (const wish of [{}, { revisions: [] }, split('one', 0, 'two'), split('one', 50, 'one'), { revisions: [{ revision: 'one', weight: 60 }, { revision: 'two', weight: 60 }] },
      { ...all('one'), gate: { calls: 5, p99: 2 } }, split('two', 10, 'one', { calls: 0, p99: 2 }), split('two', 10, 'one', { calls: 5 }), split('two', 10, 'one', { calls: 5, speed: 1 })]) {
      await assert.rejects(deployments.setAlias('greet', 'live', wish), code('bad_request'), JSON.stringify(wish))
    }
    await assert.rejects(deployments.setAlias('greet', 'live', all('three')), code('not_found'))
    await assert.rejects(deployments.setAlias('greet', 'No Name', all('one')), code('bad_request'))
    await assert.rejects(deployments.setAlias('hello', 'live', all('r1')), code('conflict'))
    assert.equal(await ask(at), 'one')
  })

  test('routes that another function has are refused by name, and nothing changes', async () => {
    const at = await deploying({ one: answering('one'), greedy: answering('greedy', { routes: ['/hello'] }) })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('one'))
    await assert.rejects(deployments.setAlias('greet', 'live', all('greedy')), /\/hello.*hello/)
    assert.equal(await ask(at), 'one')
    assert.throws(() => at.host.shelf.reserve('hello'), code('conflict'))
  })

  test('rolling back goes to what was before, and back again', async () => {
    const at = await deploying({ one: answering('one'), two: answering('two') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('one'))
    await assert.rejects(deployments.rollback('greet', 'live'), code('conflict'))
    await deployments.setAlias('greet', 'live', all('two'))
    await deployments.rollback('greet', 'live')
    assert.equal(await ask(at), 'one')
    await deployments.rollback('greet', 'live')
    assert.equal(await ask(at), 'two')
  })

  test('a revision that an alias names cannot be deleted; a function goes with all it has', async () => {
    const at = await deploying({ one: answering('one'), two: answering('two') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('one'))
    await assert.rejects(deployments.removeRevision('greet', 'one'), code('conflict'))
    await deployments.removeRevision('greet', 'two')
    assert.deepEqual(deployments.revisions('greet').map(({ revision, aliases }) => [revision, aliases]), [['one', ['live']]])
    await deployments.removeFunction('greet')
    assert.equal(at.host.routes.match('GET', '/greet').kind, 'no_route')
    assert.deepEqual(await at.store.deployments.read(), [])
    await assert.rejects(deployments.removeFunction('hello'), code('conflict'))
  })
})

describe('triggers', () => {
  test('change without an upload, for functions of the folder and uploaded ones, and go back to what the config says', async () => {
    const at = await deploying({ one: answering('one') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('one'))
    for (const name of ['greet', 'hello']) {
      assert.deepEqual(await deployments.setTriggers(name, { routes: [`GET /say/${name}`] }), { triggers: { routes: [`GET /say/${name}`], schedules: [], queues: [], buckets: [] }, from: 'triggers' })
      assert.deepEqual([at.host.routes.match('GET', `/say/${name}`).kind, at.host.routes.match('GET', `/${name}`).kind], ['function', 'no_route'])
      assert.equal((await deployments.setTriggers(name, null)).from, 'config')
      assert.deepEqual([at.host.routes.match('GET', `/say/${name}`).kind, at.host.routes.match('GET', `/${name}`).kind], ['no_route', 'function'])
    }
  })

  test('that cannot be are refused by field or by the function they clash with', async () => {
    const at = await deploying({ one: answering('one') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('one'))
    await assert.rejects(deployments.setTriggers('greet', { rutes: [] }), code('bad_request'))
    await assert.rejects(deployments.setTriggers('greet', { schedules: ['0 * * * *'] }), /scheduled handler/)
    await assert.rejects(deployments.setTriggers('greet', { routes: ['/hello'] }), code('conflict'))
    await assert.rejects(deployments.setTriggers('nobody', { routes: [] }), code('not_found'))
    assert.equal(deployments.triggers('greet').from, 'config')
  })

  test('keep a revision from serving that has no handler for them', async () => {
    const ticking: Made = { handlers: { ...answering('one').handlers, scheduled: async () => {} } }
    const at = await deploying({ ticking, still: answering('still') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('ticking'))
    await deployments.setTriggers('greet', { schedules: ['0 * * * *'] })
    await assert.rejects(deployments.setAlias('greet', 'live', all('still')), (error: { code?: string; message: string }) => error.code === 'conflict' && /DELETE \/functions\/greet\/triggers/.test(error.message))
    assert.equal(await ask(at), 'one')
    await deployments.setTriggers('greet', null)
    await deployments.setAlias('greet', 'live', all('still'))
    assert.equal(await ask(at), 'still')
  })

  test('go with the last revision of their function', async () => {
    const at = await deploying({ one: answering('one') })
    const { deployments } = at.host.operator
    await deployments.setTriggers('greet', { routes: ['/other'] })
    await deployments.removeRevision('greet', 'one')
    assert.deepEqual(await at.store.deployments.read(), [])
    await assert.rejects(deployments.setTriggers('greet', null), code('not_found'))
  })
})

describe('a gate', () => {
  const failing = { handlers: { fetch: async () => { throw new Error('broken') } }, config: {} }
  const until = async (at: MemoryHost, calls: number) => {
    for (let i = 0; i < calls; i++) await ask(at)
  }

  test('takes a revision back that fails more than it may, and tells why', async () => {
    const at = await deploying({ good: answering('good'), bad: failing as never })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('good'))
    await deployments.setAlias('greet', 'live', split('bad', 50, 'good', { calls: 5, errorRate: 0.1 }))
    await until(at, 60)
    const { live } = deployments.aliases('greet')
    assert.deepEqual(live!.revisions, all('good').revisions)
    assert.match(live!.why, /bad was taken back: gate: 100\.0 % of its calls failed, 0\.0 % of the other's/)
    assert.equal((await at.store.deployments.history('greet', 'live')).length, 3)
    assert.ok(at.warnings.some((line) => line.includes('bad is taken back from live')), at.warnings.join('\n'))
  })

  test('counts answers of 500 and above as failures, and calls that could not be started', async () => {
    const broken = { handlers: { fetch: async () => new Response('sorry', { status: 503 }) as never } }
    const dead = { ...answering('never'), loadError: 'there is no such module' }
    for (const [name, made] of Object.entries({ broken, dead })) {
      const at = await deploying({ good: answering('good'), [name]: made })
      const { deployments } = at.host.operator
      await deployments.setAlias('greet', 'live', all('good'))
      await deployments.setAlias('greet', 'live', split(name, 50, 'good', { calls: 3, errorRate: 0.1 }))
      await until(at, 60)
      assert.match(deployments.aliases('greet')['live']!.why, new RegExp(`${name} was taken back: gate`), name)
    }
  })

  test('tries again when what it decided could not be kept', async () => {
    const at = await deploying({ good: answering('good'), bad: failing as never })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('good'))
    await deployments.setAlias('greet', 'live', split('bad', 50, 'good', { calls: 5, errorRate: 0.1 }))
    const kept = at.store.deployments.setAlias
    let refusals = 0
    at.store.deployments.setAlias = async (...state) => {
      if (refusals++ < 2) throw new Error('the disk is full')
      return kept(...state)
    }
    await until(at, 60)
    assert.equal(refusals, 3)
    assert.deepEqual(deployments.aliases('greet')['live']!.revisions, all('good').revisions)
    assert.equal(at.errors.filter((line) => line.includes('the disk is full')).length, 2)
  })

  test('lets a revision pass that does no worse, and says so', async () => {
    const at = await deploying({ good: answering('good'), better: answering('better') })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('good'))
    await deployments.setAlias('greet', 'live', split('better', 50, 'good', { calls: 5, errorRate: 0.1, cost: 2 }))
    await until(at, 60)
    const { live } = deployments.aliases('greet')
    assert.deepEqual([live!.revisions.length, live!.gate_progress!.state], [2, 'passed'])
  })

  test('judges cost by what each revision is billed', async () => {
    const slow = (config: FunctionConfig) => ({ handlers: { fetch: () => new Promise<never>((resolve) => at.clock.after(1, () => resolve(new Response('slow') as never))) }, config })
    const at: MemoryHost = await deploying({ cheap: slow({}) as never, dear: slow({ memory: 4096 }) as never })
    const { deployments } = at.host.operator
    await deployments.setAlias('greet', 'live', all('cheap'))
    await deployments.setAlias('greet', 'live', split('dear', 50, 'cheap', { calls: 5, cost: 1.1 }))
    await until(at, 60)
    assert.match(deployments.aliases('greet')['live']!.why, /dear was taken back: gate: \$/)
  })
})
