import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { AliasState, Deployments, StoredRevision } from '../../src/ports/deployments.ts'

const stored = (name: string, revision: string, at: number, config: unknown = { memory: 256 }): StoredRevision => ({
  function: name, revision, at, sha256: revision.repeat(2), bytes: 10, main: 'main.js', handlers: ['fetch'], config,
})
const state = (revision: string, at: number): AliasState => ({ revisions: [{ revision, weight: 100 }], gate: null, at, why: 'set' })

/** The rules every memory of deployments keeps. */
export function deploymentsSuite(name: string, open: (t: TestContext) => Promise<Deployments>): void {
  test(`${name}: nothing was deployed, nothing is read`, async (t) => {
    assert.deepEqual(await (await open(t)).read(), [])
  })

  test(`${name}: what was deployed is read as it was, by name, revisions oldest first`, async (t) => {
    const deployments = await open(t)
    await deployments.addRevision(stored('b', 'bbb', 2))
    await deployments.addRevision(stored('b', 'aaa', 3, undefined))
    await deployments.addRevision(stored('b', 'bbb', 9))
    const split: AliasState = { revisions: [{ revision: 'aaa', weight: 10 }, { revision: 'bbb', weight: 90 }], gate: { calls: 5, p99: 1.5 }, at: 4, why: 'set' }
    await deployments.setAlias('b', 'live', state('bbb', 3))
    await deployments.setAlias('b', 'live', split)
    const triggers = { routes: ['GET /x'], schedules: [{ cron: '0 * * * *', overlap: 'allow' as const }], queues: [], buckets: [] }
    await deployments.setTriggers('a', { routes: [], schedules: [], queues: [], buckets: [] })
    await deployments.setTriggers('a', triggers)
    assert.deepEqual(await deployments.read(), [
      { name: 'a', revisions: [], aliases: new Map(), triggers },
      { name: 'b', revisions: [stored('b', 'bbb', 2), stored('b', 'aaa', 3, undefined)], aliases: new Map([['live', split]]), triggers: null },
    ])
  })

  test(`${name}: the history of an alias is newest first and goes with it; a hundred states are kept`, async (t) => {
    const deployments = await open(t)
    for (let at = 1; at <= 103; at++) await deployments.setAlias('f', 'live', state(`r${at}`, at))
    await deployments.setAlias('f', 'canary', state('x', 1))
    const history = await deployments.history('f', 'live')
    assert.deepEqual([history.length, history[0], history.at(-1)], [100, state('r103', 103), state('r4', 4)])
    await deployments.removeAlias('f', 'live')
    assert.deepEqual(await deployments.history('f', 'live'), [])
    assert.deepEqual([...(await deployments.read())[0]!.aliases.keys()], ['canary'])
  })

  test(`${name}: what was removed is gone, and only that`, async (t) => {
    const deployments = await open(t)
    await deployments.addRevision(stored('f', 'one', 1))
    await deployments.addRevision(stored('f', 'two', 2))
    await deployments.setTriggers('f', { routes: [], schedules: [], queues: ['jobs'], buckets: [] })
    await deployments.removeRevision('f', 'one')
    await deployments.setTriggers('f', null)
    assert.deepEqual(await deployments.read(), [{ name: 'f', revisions: [stored('f', 'two', 2)], aliases: new Map(), triggers: null }])
  })
}
