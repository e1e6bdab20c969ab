import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { bodyOf } from './uploads.ts'

const token = 'only-for-this-test'
const folder = makeFunctionFolder()
let host: HostProcess
const revisions: Record<string, string> = {}

/** A module that tells its edition, and which of the host's headers reached it. */
const edition = (name: string) =>
  `export default { fetch: (request) => Response.json({ edition: '${name}', heard: [...request.headers.keys()].filter((key) => key.startsWith('pressroom-')) }) }`

async function admin<T>(path: string, method = 'GET', body?: string): Promise<T> {
  const response = await fetch(host.adminUrl + path, {
    method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body }),
  })
  assert.ok(response.ok, `${method} ${path}: ${response.status}`)
  return (await response.json()) as T
}

/** Calls again while a slow machine has no place: nothing was taken on. */
const call = (headers: Record<string, string>) => until('an answer', async () => {
  const response = await fetch(`${host.url}/paper`, { headers })
  if (response.status !== 429 && response.status !== 503) return response
  await response.body?.cancel()
  return undefined
}, 120_000)
const editionOf = async (headers: Record<string, string>) => ((await (await call(headers)).json()) as { edition: string }).edition

before(async () => {
  host = await startHost({ functions: folder.functions, data: folder.data, env: { PRESSROOM_ADMIN_TOKEN: token, PRESSROOM_WARM_CELLS: '1' } })
  for (const name of ['morning', 'evening']) {
    revisions[name] = (await admin<{ revision: string }>('/functions/paper/revisions', 'POST', bodyOf(edition(name)))).revision
  }
  const alone = (name: string) => JSON.stringify({ revisions: [{ revision: revisions[name], weight: 100 }] })
  await admin('/functions/paper/aliases/live', 'PUT', alone('morning'))
  await admin('/functions/paper/aliases/preview', 'PUT', alone('evening'))
})
after(async () => {
  await host.stop()
  folder[Symbol.dispose]()
})

void describe('an alias that a caller chooses', () => {
  test('is served to whoever has the token, and the function sees neither of the two headers', async () => {
    const response = await call({ 'pressroom-alias': 'preview', 'pressroom-admin-token': token, 'pressroom-key': 'ada' })
    assert.deepEqual(await response.json(), { edition: 'evening', heard: ['pressroom-key'] })
    assert.equal(await editionOf({}), 'morning')
    assert.deepEqual(await (await call({ 'pressroom-admin-token': token })).json(), { edition: 'morning', heard: [] })
  })

  test('is refused to everybody else, and to nobody by another name', async () => {
    for (const headers of [{}, { 'pressroom-admin-token': '' }, { 'pressroom-admin-token': `${token}.` }, { 'pressroom-admin-token': token.slice(1) }]) {
      const refused = await call({ 'pressroom-alias': 'preview', ...headers })
      const { error } = (await refused.json()) as { error: { code: string } }
      assert.deepEqual([refused.status, error.code], [401, 'unauthorized'], JSON.stringify(headers))
    }
    const unknown = await call({ 'pressroom-alias': 'nightly', 'pressroom-admin-token': token })
    assert.deepEqual([unknown.status, ((await unknown.json()) as { error: { code: string } }).error.code], [404, 'not_found'])
  })
})

void describe('an alias with two revisions', () => {
  test('keeps a caller with a key, or with the cookie of a reader, where the weights put it', async () => {
    const share = (morning: number) => admin('/functions/paper/aliases/live', 'PUT', JSON.stringify({
      revisions: [{ revision: revisions['evening'], weight: 100 - morning }, { revision: revisions['morning'], weight: morning }],
    }))
    const keys = Array.from({ length: 24 }, (_, i) => `reader-${i}`)
    const readings: string[][] = []
    for (const morning of [60, 60, 30]) {
      await share(morning)
      readings.push(await Promise.all(keys.map((key) => editionOf({ 'pressroom-key': key }))))
      assert.deepEqual(await Promise.all(keys.map((key) => editionOf({ cookie: `theme=dark; pressroom_reader=${key}` }))), readings.at(-1))
    }
    assert.deepEqual(readings[1], readings[0])
    keys.forEach((key, i) => assert.ok(readings[0]![i] !== 'evening' || readings[2]![i] === 'evening', `${key} moved back`))
    assert.deepEqual([...new Set(readings.flat())].toSorted(), ['evening', 'morning'])
  })

  test('is shown with its weights, and each call is recorded by the revision that ran it', async () => {
    const { functions } = await admin<{ functions: { name: string; aliases: Record<string, { revisions: { revision: string; weight: number }[]; gate: string | null }> }[] }>('/functions')
    assert.deepEqual(functions.find(({ name }) => name === 'paper')!.aliases, {
      live: { revisions: [{ revision: revisions['evening'], weight: 70 }, { revision: revisions['morning'], weight: 30 }], gate: null },
      preview: { revisions: [{ revision: revisions['evening'], weight: 100 }], gate: null },
    })
    await until('calls recorded by both revisions', async () => {
      const { invocations } = await admin<{ invocations: { revision: string }[] }>('/invocations?function=paper&limit=1000')
      return Object.values(revisions).every((one) => invocations.some(({ revision }) => revision === one))
    })
  })
})
