import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost } from './host-process.ts'
import { ask, bodyOf, deployTo } from './uploads.ts'

const KILLS = process.env['PRESSROOM_TEST_LONG'] ? 20 : 3
const seed = Number(process.env['PRESSROOM_TEST_SEED'] ?? Date.now() % 1_000_000_000)

const edition = (n: number) => `export default { fetch: () => new Response('edition ${n}') }`

test(`killed ${KILLS} times in the middle of a deploy (PRESSROOM_TEST_SEED=${seed}): the old revision serves or the new one, never none`, async () => {
  using folder = makeFunctionFolder()
  const start = () => startHost({ functions: folder.functions, data: folder.data, cwd: folder.cwd })
  let state = seed
  const random = () => ((state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff), state / 0x7fff_ffff)
  let host = await start()
  let deployMs = performance.now()
  await deployTo(host, 'shop', edition(0))
  deployMs = performance.now() - deployMs
  let serving = 0
  const told: string[] = []
  for (let n = 1; n <= KILLS; n++) {
    let switched = false
    const dying = (async () => {
      const uploaded = await ask<{ revision: string }>(host, '/functions/shop/revisions', 'POST', bodyOf(edition(n)))
      const { status } = await ask(host, '/functions/shop/aliases/live', 'PUT', { revisions: [{ revision: uploaded.body.revision, weight: 100 }] })
      switched = status === 200
    })().catch(() => {})
    // Anywhere in it, its end included.
    await pause(random() * deployMs * 1.2)
    host.child.kill('SIGKILL')
    await Promise.all([host.exited, dying])
    host = await start()
    const answer = await fetch(`${host.url}/shop`)
    const text = await answer.text()
    const may = switched ? [n] : [serving, n]
    assert.ok(may.some((one) => text === `edition ${one}`), `kill ${n}: ${answer.status} ${text}, after ${may.join(' or ')}`)
    told.push(text)
    serving = Number(text.split(' ')[1])
  }
  const { revisions } = await host.admin<{ revisions: { revision: string }[] }>('/functions/shop/revisions')
  const uploads = join(folder.data, 'uploads')
  assert.deepEqual(readdirSync(join(uploads, 'shop')).sort(), revisions.map(({ revision }) => revision).sort(), 'half-written ones are swept')
  assert.ok(!readdirSync(uploads).includes('.aside'))
  assert.equal(await host.stop(), 0, told.join())
})
