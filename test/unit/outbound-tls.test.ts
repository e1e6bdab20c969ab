import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { download, DownloadError } from '../../functions/_news/download.ts'
import { installOutbound } from '../../src/runtimes/node/outbound/guard.ts'

// Of 127.0.0.1, by nobody that anybody trusts.
const pem = readFileSync(join(import.meta.dirname, '../../fixtures/tls/self-signed.pem'))

test('a server that proves its name by nobody that is trusted is not spoken to, and the reader of feeds says why', async (t) => {
  let asked = 0
  const server = createServer({ key: pem, cert: pem }, (_, response) => {
    asked++
    response.end('reached')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => server.close())
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}/feed`
  installOutbound({ mode: 'public', allow: ['127.0.0.1'], deny: [], context: () => undefined })
  await assert.rejects(fetch(address), (error: TypeError & { cause?: { code?: string } }) => error.cause?.code === 'DEPTH_ZERO_SELF_SIGNED_CERT')
  await assert.rejects(download({ address, timeoutMs: 10_000, maxBytes: 1000 }), (error) => {
    assert.ok(error instanceof DownloadError)
    assert.deepEqual([error.code, /SELF_SIGNED/.test(error.message)], ['unreachable', true], error.message)
    return true
  })
  assert.equal(asked, 0)
})
