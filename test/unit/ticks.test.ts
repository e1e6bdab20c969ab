import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryTicks } from '../../src/runtimes/memory/ticks.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'
import { openStore } from '../../src/runtimes/node/store/store.ts'
import { createNodeTicks } from '../../src/runtimes/node/ticks.ts'
import { ticksSuite } from '../suites/ticks.suite.ts'

ticksSuite('ticks in memory', async () => memoryTicks())

ticksSuite('ticks in the store', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ticks-'))
  const store = await openStore(join(folder, 'host.sqlite'), hostSchema)
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  return createNodeTicks(store)
})
