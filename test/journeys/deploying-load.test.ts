import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until } from './host-process.ts'
import { post } from './keep-alive-client.ts'
import { ask, bodyOf, deployTo } from './uploads.ts'

const LONG = process.env['PRESSROOM_TEST_LONG'] !== undefined
const DEPLOYS = LONG ? 50 : 5
const CLIENTS = 30
/** Between two calls of one client: 300 calls a second of all in long runs, on a machine that is fast enough. */
const PAUSE_MS = LONG ? 90 : 200

/** A function that says which edition it is, and the words it was sent. */
const edition = (n: number) => `export default { async fetch(request) { return new Response('${n} ' + await request.text()) } }`

test(`${DEPLOYS} deploys under kept-alive POSTs lose none and mix none`, async () => {
  using folder = makeFunctionFolder()
  await using host = await startHost({ functions: folder.functions, data: folder.data, cwd: folder.cwd })
  await deployTo(host, 'shop', edition(0))
  /** The newest edition whose switch has been asked for, and the newest whose switch has been answered. */
  let asked = 0
  let answered = 0
  let over = false
  let calls = 0
  const wrong: string[] = []
  const seen = new Set<number>()
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const client = async (name: number) => {
    for (let i = 0; !over; i++) {
      const least = answered
      const sentAt = performance.now()
      const words = `client ${name}, call ${i}: ${'x'.repeat((i * 97) % 2048)}`
      try {
        const { status, text } = await post(agent, `${host.url}/shop`, words)
        const [, n, echo] = /^(\d+) ([^]*)$/.exec(text) ?? []
        const edition = Number(n)
        // An edition that was asked for may answer before its switch is answered; one that was switched away must not.
        // Refused after it waited as long as a call may: the machine is too slow to start an instance in that time. Nothing was taken on.
        if (status === 429 && performance.now() - sentAt > 9_500) continue
        if (status !== 200 || echo !== words || !(edition >= least && edition <= asked)) wrong.push(`${words.slice(0, 40)}: ${status}, ${least}–${asked}: ${text.slice(0, 200)}`)
        seen.add(edition)
        calls++
      } catch (error) {
        wrong.push(`${words.slice(0, 40)}: ${(error as Error).message}`)
      }
      await pause(PAUSE_MS)
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, name) => client(name))
  try {
    for (let n = 1; n <= DEPLOYS; n++) {
      const uploaded = await ask<{ revision: string }>(host, '/functions/shop/revisions', 'POST', bodyOf(edition(n)))
      assert.equal(uploaded.status, 201, JSON.stringify(uploaded.body))
      asked = n
      const set = await ask(host, '/functions/shop/aliases/live', 'PUT', { revisions: [{ revision: uploaded.body.revision, weight: 100 }] })
      assert.equal(set.status, 200, JSON.stringify(set.body))
      answered = n
      // Every edition serves for a while.
      const before = calls
      await until(`calls of edition ${n}`, () => calls >= before + CLIENTS || wrong.length > 0, 120_000)
    }
  } finally {
    over = true
    await Promise.all(clients)
    agent.destroy()
  }
  assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} of ${calls}`)
  assert.deepEqual([...seen].sort((a, b) => a - b), Array.from({ length: DEPLOYS + 1 }, (_, n) => n))
  const { revisions } = await host.admin<{ revisions: unknown[] }>('/functions/shop/revisions')
  assert.equal(revisions.length, DEPLOYS + 1)
})
