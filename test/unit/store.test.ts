import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { memoryStore } from '../../src/runtimes/memory/store.ts'
import { nodeClock } from '../../src/runtimes/node/clock.ts'
import { openNodeStore } from '../../src/runtimes/node/store.ts'
import { deploymentsSuite } from '../suites/deployments.suite.ts'
import { ledgerSuite } from '../suites/ledger.suite.ts'
import { queuesSuite } from '../suites/queues.suite.ts'
import { ticksSuite } from '../suites/ticks.suite.ts'

async function nodeStore(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  const store = await openNodeStore({ folder, clock: nodeClock, host: 'h', log: (_, message) => t.diagnostic(message) })
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  return store
}

ledgerSuite('a ledger in memory', async () => memoryStore().ledger)
ledgerSuite('a ledger on disk', async (t) => (await nodeStore(t)).ledger)
queuesSuite('queues in memory', async () => memoryStore().queues)
queuesSuite('queues on disk', async (t) => (await nodeStore(t)).queues)
ticksSuite('ticks in memory', async () => memoryStore().ticks)
ticksSuite('ticks on disk', async (t) => (await nodeStore(t)).ticks)
deploymentsSuite('deployments in memory', async () => memoryStore().deployments)
deploymentsSuite('deployments on disk', async (t) => (await nodeStore(t)).deployments)
