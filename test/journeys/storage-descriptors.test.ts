import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { startHost, until } from './host-process.ts'
import { post, type Answered } from './keep-alive-client.ts'

const PRLIMIT = '/usr/bin/prlimit'
const MAIN = `${import.meta.dirname}/../../src/cli/main.ts`

test('a host with few file descriptors refuses what it cannot start with 503, keeps serving what runs, and recovers', { skip: !existsSync(PRLIMIT) && 'needs prlimit' }, async () => {
  using folder = makeFunctionFolder('functions/echo')
  const names = Array.from({ length: 14 }, (_, i) => `f${i}`)
  for (const name of names) {
    folder.write(`${name}.ts`, `export const config = { idle: 1, maxInstances: 1 }\nexport default { fetch: () => new Response('${name}') }\n`)
  }
  await using host = await startHost({ ...folder, flags: ['--warm-cells', '0'], program: [PRLIMIT, '--nofile=112:112', process.execPath, MAIN] })
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  /** Calls until there is an answer: a connection that was closed for want of room has taken nothing on. */
  const answer = async (name: string, body: string): Promise<Answered> => {
    let answered: Answered | undefined
    await until(`${name} answers`, async () => (answered = await post(agent, `${host.url}/${name}`, body).catch(() => undefined)) !== undefined, 60_000)
    return answered!
  }
  assert.equal((await answer('echo', 'first')).text, 'first')
  const refused: Answered[] = []
  await until('some function cannot be started', async () => {
    const answers = await Promise.all(names.map((name) => post(agent, `${host.url}/${name}`, '').catch(() => undefined)))
    for (const [i, answer] of answers.entries()) {
      if (answer === undefined || (answer.status === 200 && answer.text === names[i])) continue
      refused.push(answer)
    }
    return refused.length > 0
  })
  for (const { status, text, retryAfter } of refused) {
    assert.equal(status, 503, text)
    assert.match(text, /"code":"overloaded"/)
    assert.match(retryAfter ?? '', /^[1-9]/)
  }
  assert.equal((await answer('echo', 'still here')).text, 'still here')
  assert.ok(host.lines.some((line) => line.includes('no file descriptors are left to start a process with; raise the limit')), host.lines.join('\n'))
  // Clients that hold connections and say nothing, more than there is room for.
  const { hostname, port } = new URL(host.url)
  const idle: Socket[] = Array.from({ length: 60 }, () => connect(Number(port), hostname).on('error', () => {}))
  await until('some are turned away', () => idle.some(({ closed }) => closed))
  assert.equal((await answer('echo', 'here too')).text, 'here too')
  for (const socket of idle) socket.destroy()
  for (const name of names) await until(`${name} is served again`, async () => (await answer(name, '')).text === name, 60_000)
  agent.destroy()
  assert.equal(await host.stop(), 0)
})
