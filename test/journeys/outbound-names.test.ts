import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost } from './host-process.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
/** Where the name server of this test is: on loopback, for the processes of this test alone. */
const SERVER = '127.0.0.77'
const SILENT = 50
const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0

test(`${SILENT} names whose servers are silent hold up no fetch of another name`, { skip: mayMount ? false : 'takes root, to give the host a name server of its own', timeout: 120_000 }, async (t) => {
  const names = createSocket('udp4')
  // Silence for some, "there is none" for all others.
  names.on('message', (query, { port, address }) => {
    if (query.includes('silent')) return
    const answer = Buffer.from(query)
    answer.writeUInt16BE(0x8183, 2)
    names.send(answer, port, address)
  })
  await new Promise<void>((resolve) => names.bind(53, SERVER, resolve))
  t.after(() => void names.close())
  const server = createServer((_, response) => response.end('reached'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => void server.close())
  const { port } = server.address() as AddressInfo
  using folder = makeFunctionFolder()
  folder.write('resolv.conf', `nameserver ${SERVER}\n`)
  folder.write('hosts', '127.0.0.1 localhost known.test\n')
  folder.write('names.ts', `export const config = { routes: ['GET /silent', 'GET /known', 'GET /variables'] }
    const signal = () => AbortSignal.timeout(8000)
    export default { async fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname === '/variables') return Response.json(Object.keys(process.env))
      if (pathname === '/known') return fetch('http://known.test:${port}/', { signal: signal() }).catch((error) => new Response(String(error.cause ?? error), { status: 502 }))
      const asked = Array.from({ length: ${SILENT} }, (_, i) => new Promise((resolve) => setTimeout(resolve, i)).then(() => fetch('http://silent' + i + '.test:${port}/', { signal: signal() })))
      const ended = await Promise.allSettled(asked)
      return Response.json(ended.map(({ status }) => status))
    } }`)
  const mounted = `mount --bind ${folder.functions}/resolv.conf /etc/resolv.conf && mount --bind ${folder.functions}/hosts /etc/hosts && exec "$@"`
  await using host = await startHost({
    functions: folder.functions, cwd: folder.cwd, data: folder.data, flags: ['--allow-outbound', '127.0.0.1'],
    program: ['unshare', '-m', 'sh', '-c', mounted, 'sh', process.execPath, MAIN],
  })
  assert.deepEqual(await (await fetch(`${host.url}/variables`)).json(), [], 'a function sees no variable of ours')
  const silent = Array.from({ length: 9 }, () => fetch(`${host.url}/silent`).then((response) => response.json()))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const known = await Promise.all(Array.from({ length: 5 }, async () => {
    const response = await fetch(`${host.url}/known`)
    return [response.status, await response.text()]
  }))
  assert.deepEqual(known, Array.from({ length: 5 }, () => [200, 'reached']))
  assert.ok((await Promise.all(silent)).flat().every((status) => status === 'rejected'))
})
