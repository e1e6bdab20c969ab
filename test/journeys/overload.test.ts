import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { runOverload } from '../../bench/overload.ts'
import type { FunctionView } from '../../src/host/operator.ts'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost } from './host-process.ts'

test('at ten times what it can take: every call is answered, or refused with 429 or 503 and told when to come again', async () => {
  for (const result of await runOverload({ seconds: process.env['PRESSROOM_TEST_LONG'] ? 60 : 2, times: 10 })) {
    const told = JSON.stringify(result)
    assert.equal(result.other, 0, told)
    assert.equal(result.without_retry_after, 0, told)
    assert.ok(result.answered > 0, told)
    assert.ok(Object.values(result.refused).some((count) => count > 0), told)
  }
})

const COLD = process.env['PRESSROOM_TEST_LONG'] ? 200 : 40

test(`${COLD} calls at once to a function without an instance: all are answered, and few processes are started at a time`, async () => {
  using folder = makeFunctionFolder()
  folder.write('alone.ts', `
    export const config = { concurrency: 1, maxInstances: 100 }
    export default { async fetch() { await new Promise((over) => setTimeout(over, 10)); return new Response('mine') } }
  `)
  await using host = await startHost({ ...folder })
  let starting = 0
  let over = false
  const watch = (async () => {
    while (!over) {
      const { functions } = await host.admin<{ functions: FunctionView[] }>('/functions')
      starting = Math.max(starting, functions[0]!.instances.filter(({ state }) => state === 'starting').length)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  const answers = await Promise.all(Array.from({ length: COLD }, async () => (await fetch(`${host.url}/alone`)).text()))
  over = true
  await watch
  assert.deepEqual(answers.filter((text) => text !== 'mine'), [])
  assert.ok(starting > 0 && starting <= 2 * availableParallelism(), `${starting} at once`)
})
