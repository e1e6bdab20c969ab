import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, type HostProcess } from './host-process.ts'
import { ask, bodyOf, deployTo, type Refusal } from './uploads.ts'

/** Each is refused, and says so in words for its author. */
const refusals: [what: string, source: string, detail: RegExp, config?: Record<string, unknown>][] = [
  ['a syntax error', 'export default { fetch() { return new Response(] } }', /main\.mjs:1:47: Unexpected "\]"/],
  ['an import of what was not uploaded', "import './other.js'; export default { fetch() {} }", /main\.mjs:1:7: there is no module \.\/other\.js among the uploaded ones/],
  ['an import of a package', "import { Hono } from 'hono'; export default new Hono()", /the package hono is not part of the upload; bundle it in/],
  ['no default export', 'export const x = 1', /export default must be an object with fetch, scheduled or queue/],
  ['a default export without handlers', 'export default { get() {} }', /export default must be an object with fetch, scheduled or queue/],
  ['an empty module', '', /export default must be an object/],
  ['a throw at start', "console.log('about to fail'); throw new Error('no luck')\nexport default { fetch() {} }", /no luck/],
  ['an exit at start', "console.log('about to leave'); process.exit(0)\nexport default { fetch() {} }", /ended with code 0 while it was loaded/],
  ['an endless loop', 'for (;;) {}\nexport default { fetch() {} }', /did not load within 10 s: it still computes; is there an endless loop at top level\?/],
  ['a wait without end', 'await new Promise(() => {})\nexport default { fetch() {} }', /did not load within 10 s: it waits for something/],
  ['memory without end', 'const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))\nexport default { fetch() {} }', /MiB of memory, more than 128|out of memory/],
  ['every problem of a config', "export const config = { memory: 1, route: ['/x'], schedules: ['61 * * * *'] }\nexport default { fetch() {}, scheduled() {} }", /config\.route: .*did you mean routes\?\n.*config\.memory: .*\n.*config\.schedules: cron "61/],
  ['a config beside the code that is none', 'export default { fetch() {} }', /config\.timeout: expected a number/, { timeout: 'long' }],
  ['a name of env that nobody knows', "export const config = { env: ['NOWHERE'] }\nexport default { fetch() {} }", /config\.env: .*"NOWHERE"/],
  ['native packages', 'export default { fetch() {} }', /native packages cannot be uploaded/, { native: true }],
]

void describe('what is refused leaves what runs as it is', () => {
  const folder = makeFunctionFolder()
  let host: HostProcess
  before(async () => {
    folder.write('local.mjs', "export default { fetch() { return new Response('of the folder') } }")
    host = await startHost({ functions: folder.functions, data: folder.data, cwd: folder.cwd })
    await deployTo(host, 'shop', "export default { fetch() { return new Response('open') } }")
  })
  after(async () => {
    await host.stop()
    folder[Symbol.dispose]()
  })

  const standsAsBefore = async (revisions: number) => {
    assert.equal(await (await fetch(`${host.url}/shop`)).text(), 'open')
    const { revisions: kept } = await host.admin<{ revisions: unknown[] }>('/functions/shop/revisions')
    assert.equal(kept.length, revisions)
  }

  for (const [what, source, detail, config] of refusals) {
    test(what, async () => {
      const { status, body } = await ask<Refusal>(host, '/functions/shop/revisions', 'POST', bodyOf(source, config))
      assert.equal(status, 422, JSON.stringify(body))
      assert.equal(body.error.code, 'revision_refused')
      assert.match(body.error.detail, detail)
      if (/about to/.test(source)) assert.match(body.error.log, /^about to (fail|leave)/)
      await standsAsBefore(1)
    })
  }

  test('what is not what its sender hashed', async () => {
    const changed = bodyOf("export default { fetch() { return new Response('open') } }").replace("'open'", "'shut'")
    const { status, body } = await ask<Refusal>(host, '/functions/shop/revisions', 'POST', changed)
    assert.deepEqual([status, body.error.code], [422, 'revision_refused'])
    assert.match(body.error.detail, /^sha256: expected [0-9a-f]{64} as sent, found [0-9a-f]{64}/)
    await standsAsBefore(1)
  })

  test('paths that lead elsewhere, and bodies that are no upload', async () => {
    const good = JSON.parse(bodyOf('export default { fetch() {} }')) as object
    for (const part of [{ modules: { '../../main.mjs': '' }, main: '../../main.mjs' }, { assets: { '/etc/passwd': '' } }, { modules: [] }, { sha256: 'no' }]) {
      const { status, body } = await ask<Refusal>(host, '/functions/shop/revisions', 'POST', { ...good, ...part })
      assert.deepEqual([status, body.error.code], [400, 'bad_request'], JSON.stringify(body))
    }
    assert.equal((await ask(host, '/functions/shop/revisions', 'POST', '{"main":')).status, 400)
    assert.equal((await ask(host, '/functions/.aside/revisions', 'POST', good)).status, 400)
    assert.deepEqual(readdirSync(join(folder.data, 'uploads/shop')).length, 1)
    await standsAsBefore(1)
  })

  test('what is too large: unseen where the length is declared, else at the byte too many', async () => {
    const declared = request(`${host.adminUrl}/functions/shop/revisions`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 50 * 1024 * 1024 + 1 } })
    declared.on('error', () => {})
    declared.flushHeaders()
    const [unseen] = (await once(declared, 'response')) as [IncomingMessage]
    assert.equal(unseen.statusCode, 413)
    assert.match(((await json(unseen)) as Refusal).error.detail, /at most 50 MiB/)
    declared.destroy()

    const endless = request(`${host.adminUrl}/functions/shop/revisions`, { method: 'POST', headers: { 'content-type': 'application/json' } })
    // It may be cut off while it still sends.
    endless.on('error', () => {})
    const answered = once(endless, 'response') as Promise<[IncomingMessage]>
    let over = false
    void answered.then(() => (over = true), () => (over = true))
    for (let mebibytes = 0; mebibytes < 60 && !over; mebibytes++) {
      if (!endless.write(Buffer.alloc(1 << 20, 32))) await Promise.race([once(endless, 'drain'), answered.catch(() => {})])
    }
    const status = await answered.then(([response]) => response.statusCode, () => 'cut off')
    assert.ok(status === 413 || status === 'cut off', String(status))
    endless.destroy()
    await standsAsBefore(1)
  })

  test('a name that the folder of functions has', async () => {
    const { status, body } = await ask<Refusal>(host, '/functions/local/revisions', 'POST', bodyOf('export default { fetch() {} }'))
    assert.deepEqual([status, body.error.code], [409, 'conflict'], JSON.stringify(body))
    assert.match(body.error.detail, /local/)
    assert.equal(await (await fetch(`${host.url}/local`)).text(), 'of the folder')
  })

  test('an alias that names what is not there, and a revision that serves when it is to be deleted', async () => {
    const { revisions: [{ revision } = { revision: '' }] } = await host.admin<{ revisions: { revision: string }[] }>('/functions/shop/revisions')
    const missing = await ask<Refusal>(host, '/functions/shop/aliases/live', 'PUT', { revisions: [{ revision: '0123456789ab', weight: 100 }] })
    assert.equal(missing.status, 404, JSON.stringify(missing.body))
    const serving = await ask<Refusal>(host, `/functions/shop/revisions/${revision}`, 'DELETE')
    assert.deepEqual([serving.status, serving.body.error.code], [409, 'conflict'])
    await standsAsBefore(1)
  })
})
