import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { after, before, suite, test } from 'node:test'
import type { ErrorBody } from '../../src/contract/errors.ts'
import type { FunctionView } from '../../src/host/operator.ts'
import { makeFunctionFolder, type FunctionFolder } from './function-folder.ts'
import { startHost, until, type HostProcess } from './host-process.ts'
import { echoUntilRefused, post } from './keep-alive-client.ts'

const RESTARTS = process.env['PRESSROOM_TEST_LONG'] ? 20 : 3

async function view(host: HostProcess, name: string): Promise<FunctionView> {
  const { functions } = await host.admin<{ functions: FunctionView[] }>('/functions')
  return functions.find((one) => one.name === name)!
}
const inFlight = async (host: HostProcess, name: string) => (await view(host, name)).instances.reduce((sum, one) => sum + one.in_flight, 0)

/** Every process that descends from this one. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1')
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // Gone between the two readings.
    }
  }
  const found = [pid]
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child)
  return found.slice(1)
}
/** True while a process exists and is no zombie. */
function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat[stat.lastIndexOf(')') + 2] !== 'Z'
  } catch {
    return false
  }
}

/** Calls one after another; answers statuses and the header that tells when to come again. */
async function callAll(url: string, times: number): Promise<{ status: number; code: string | null; retryAfter: string | null }[]> {
  return Promise.all(Array.from({ length: times }, async () => {
    const answer = await fetch(url)
    const text = await answer.text()
    return { status: answer.status, code: answer.ok ? null : (JSON.parse(text) as ErrorBody).error.code, retryAfter: answer.headers.get('retry-after') }
  }))
}

void suite('shutdown', () => {
  let folder: FunctionFolder
  before(() => {
    folder = makeFunctionFolder('functions/echo', 'functions/slow', 'functions/wait-until', 'functions/hello')
    folder.write('queued.ts', `
      export const config = { concurrency: 1, maxInstances: 1 }
      export default { async fetch() { await new Promise((over) => setTimeout(over, 300)); return new Response('my turn') } }
    `)
  })
  after(() => folder[Symbol.dispose]())

  test(`${RESTARTS} restarts under kept-alive POSTs: not one call is lost, each ends with 0, the port is free at once`, async () => {
    let flags: string[] = []
    for (let i = 0; i < RESTARTS; i++) {
      const host = await startHost({ ...folder, flags })
      flags = ['--port', new URL(host.url).port, '--admin-port', new URL(host.adminUrl).port]
      const clients = echoUntilRefused(host.url, 8)
      await until('200 calls', async () => (await view(host, 'echo')).totals.invocations > 200)
      assert.equal(await host.stop(), 0, host.lines.join('\n'))
      const { served, failed } = await clients
      assert.deepEqual(failed, [])
      assert.ok(served > 200)
    }
  })

  test('SIGTERM: what runs and what waits is finished, the work behind an answer too', async () => {
    const host = await startHost(folder)
    const agent = new Agent({ keepAlive: true })
    assert.equal((await post(agent, `${host.url}/wait-until?ms=2500`, '')).text, 'answered')
    const waiting = Array.from({ length: 5 }, () => post(agent, `${host.url}/queued`, ''))
    const running = post(agent, `${host.url}/slow?ms=1500`, '')
    await until('the slow call and the first of the queue run', async () => (await inFlight(host, 'slow')) === 1 && (await inFlight(host, 'queued')) === 1)
    assert.equal(await host.stop(), 0)
    assert.deepEqual((await Promise.all(waiting)).map(({ status, text }) => [status, text]), waiting.map(() => [200, 'my turn']))
    assert.equal((await running).text, 'waited 1500 ms')
    assert.ok(host.lines.some((line) => line.includes('worked on for 2500 ms')), host.lines.join('\n'))
    agent.destroy()
  })

  test('while it drains, an open connection is told 503 with Retry-After, and new ones are refused', async () => {
    const host = await startHost(folder)
    const { hostname, port } = new URL(host.url)
    const open = connect(Number(port), hostname).setEncoding('utf8')
    let heard = ''
    open.on('data', (part: string) => (heard += part))
    const ask = 'GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n'
    open.write(ask)
    await until('the first answer', () => heard.endsWith('hello'))
    const running = fetch(`${host.url}/slow?ms=4000`)
    await until('the slow call runs', async () => (await inFlight(host, 'slow')) === 1)
    host.child.kill('SIGTERM')
    await until('it drains', async () => (await fetch(`${host.adminUrl}/readyz`)).status === 503)
    heard = ''
    open.write(ask)
    await once(open, 'close')
    assert.match(heard, /^HTTP\/1\.1 503 /)
    assert.match(heard, /\r\nretry-after: [1-9]/i)
    assert.match(heard, /\r\nconnection: close/i)
    assert.match(heard, /"code":"overloaded"/)
    await assert.rejects(fetch(`${host.url}/hello`), (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED')
    assert.equal(await (await running).text(), 'waited 4000 ms')
    assert.equal(await host.exited, 0)
  })

  test('SIGKILL: no child survives, not even a looping one; port and data folder can be used at once', { skip: !existsSync('/proc/self/stat') && 'needs /proc' }, async () => {
    folder.write('loops.ts', 'export const config = { timeout: 300, block: 300, concurrency: 1 }\nexport default { fetch() { for (;;); } }\n')
    const host = await startHost(folder)
    await (await fetch(`${host.url}/hello`)).text()
    const lost = [fetch(`${host.url}/loops`), fetch(`${host.url}/loops`)].map((call) => call.then(() => 'answered', () => 'lost'))
    const looping = await until('two loops', async () => {
      const { instances } = await view(host, 'loops')
      return instances.filter(({ in_flight }) => in_flight === 1).length === 2 && instances.map(({ pid }) => pid!)
    })
    const all = descendants(host.child.pid!)
    for (const pid of looping) assert.ok(all.includes(pid) && lives(pid), `${pid} is a living child`)
    assert.ok(all.length > looping.length)
    host.child.kill('SIGKILL')
    assert.equal(await host.exited, null)
    assert.deepEqual(await Promise.all(lost), ['lost', 'lost'])
    await using again = await startHost({ ...folder, flags: ['--port', new URL(host.url).port, '--admin-port', new URL(host.adminUrl).port] })
    assert.equal(await (await fetch(`${again.url}/hello`)).text(), 'hello')
    await until('all children are gone', () => !all.some(lives))
    folder.remove('loops.ts')
  })
})

void suite('scaling to zero and refusing', () => {
  let folder: FunctionFolder
  let host: HostProcess
  before(async () => {
    folder = makeFunctionFolder('functions/one-at-a-time')
    folder.write('brief.ts', 'export const config = { idle: 1 }\nexport default { fetch: () => new Response("brief") }\n')
    for (const name of ['a', 'b', 'c']) {
      folder.write(`${name}.ts`, `
        export default { async fetch(request) {
          await new Promise((over) => setTimeout(over, Number(new URL(request.url).searchParams.get('ms') ?? 0)))
          return new Response('${name}')
        } }
      `)
    }
    host = await startHost({ ...folder, flags: ['--memory', '300MiB'] })
  })
  after(async () => {
    await host.stop()
    folder[Symbol.dispose]()
  })

  test('an instance unused for `idle` is retired, and its process is gone', async () => {
    assert.equal(await (await fetch(`${host.url}/brief`)).text(), 'brief')
    const [instance] = (await view(host, 'brief')).instances
    assert.ok(instance?.pid && lives(instance.pid))
    await until('no instance is left', async () => (await view(host, 'brief')).instances.length === 0)
    await until('the process is gone', () => !lives(instance.pid!))
    assert.equal((await view(host, 'brief')).state, 'idle')
    assert.equal(await (await fetch(`${host.url}/brief`)).text(), 'brief', 'the next call starts another')
    await until('no instance is left', async () => (await view(host, 'brief')).instances.length === 0)
  })

  test('a full memory budget takes the place of an idle instance of another function', async () => {
    for (const name of ['a', 'b', 'c', 'a', 'b']) assert.equal(await (await fetch(`${host.url}/${name}`)).text(), name)
    const { functions } = await host.admin<{ functions: FunctionView[] }>('/functions')
    const living = functions.flatMap(({ name, instances }) => instances.filter(({ state }) => state !== 'draining').map(() => name))
    assert.equal(living.length, 2, `300 MiB hold two of 128 MiB: ${living.join()}`)
    assert.ok(living.includes('b'))
  })

  test('a memory budget that others are using answers 503 overloaded with Retry-After, and serves again afterwards', async () => {
    const busy = ['a', 'b'].map((name) => fetch(`${host.url}/${name}?ms=1500`))
    await until('both run', async () => (await inFlight(host, 'a')) === 1 && (await inFlight(host, 'b')) === 1)
    const [refused] = await callAll(`${host.url}/c`, 1)
    assert.deepEqual([refused!.status, refused!.code], [503, 'overloaded'])
    assert.match(refused!.retryAfter ?? '', /^[1-9]/)
    for (const answer of await Promise.all(busy)) assert.equal(answer.status, 200)
    assert.equal(await (await fetch(`${host.url}/c`)).text(), 'c')
  })

  test('of eight calls two run and two wait; the others are told 429 throttled with Retry-After', async () => {
    const answers = await callAll(`${host.url}/one-at-a-time`, 8)
    assert.equal(answers.filter(({ status }) => status === 200).length, 4)
    const refused = answers.filter(({ status }) => status !== 200)
    for (const { status, code, retryAfter } of refused) {
      assert.deepEqual([status, code], [429, 'throttled'])
      assert.match(retryAfter ?? '', /^[1-9]/)
    }
    assert.equal((await view(host, 'one-at-a-time')).totals.throttled, 4)
  })
})
