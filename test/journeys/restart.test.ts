import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { echoUntilRefused, post } from './keep-alive-client.ts'

const RESTARTS = process.env['PRESSROOM_TEST_LONG'] ? 20 : 2

/** A client at its own pace: connected, and only what it is told to send is sent. */
async function client(host: HostProcess): Promise<{ socket: Socket; heard(): string }> {
  const { hostname, port } = new URL(host.url)
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  let text = ''
  socket.on('data', (part: string) => (text += part)).on('error', () => {})
  await once(socket, 'connect')
  return { socket, heard: () => text }
}

test(`${RESTARTS} restarts: clients that are busy, slow, idle or silent; none fails, none holds it up, every answered call has its record`, async () => {
  using folder = makeFunctionFolder('functions/echo', 'functions/slow')
  let flags: string[] = []
  let answered = 0
  for (let i = 0; i < RESTARTS; i++) {
    await using host = await startHost({ ...folder, flags })
    flags = ['--port', new URL(host.url).port, '--admin-port', new URL(host.adminUrl).port]
    const clients = echoUntilRefused(host.url, 8)
    const agent = new Agent({ keepAlive: true })
    assert.equal((await post(agent, `${host.url}/echo`, 'then idle')).status, 200)
    const silent = await client(host)
    const slow = await client(host)
    slow.socket.write('POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhalf ')
    const view = async (name: string) => {
      const { functions } = await host.admin<{ functions: { name: string; totals: { invocations: number }; instances: { in_flight: number }[] }[] }>('/functions')
      return functions.find((one) => one.name === name)!
    }
    await until('200 calls', async () => (await view('echo')).totals.invocations > 200)
    const running = post(agent, `${host.url}/slow?ms=3000`, '')
    await until('the long call runs', async () => (await view('slow')).instances.some(({ in_flight: n }) => n === 1))
    host.child.kill('SIGTERM')
    await host.line((line) => line.includes('shutting down'))
    slow.socket.write('done!')
    await until('the slow client is answered', () => slow.heard().endsWith('half done!'))
    assert.match(slow.heard(), /^HTTP\/1\.1 200 /)
    assert.equal(await host.exited, 0, host.lines.join('\n'))
    assert.equal((await running).status, 200)
    const { served, failed } = await clients
    assert.deepEqual(failed, [])
    assert.equal(silent.heard(), '')
    agent.destroy()
    answered += served + 3
    const database = new DatabaseSync(join(folder.data, 'host.db'), { readOnly: true })
    const { records, ids } = database.prepare('SELECT count(*) AS records, count(DISTINCT id) AS ids FROM invocations').get() as { records: number; ids: number }
    const { n } = database.prepare('SELECT sum(invocations) AS n FROM usage').get() as { n: number }
    database.close()
    assert.deepEqual([records, ids, n], [answered, answered, answered])
  }
})
