import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCommand, startHost, type HostProcess } from './host-process.ts'

const token = 'swordfish-0123456789'
const folder = mkdtempSync(join(tmpdir(), 'pressroom-operator-'))
const functions = join(folder, 'functions')
let host: HostProcess

before(async () => {
  writeFunction('hello.mjs', `export default { fetch: () => new Response('hello') }`)
  writeFunction('clock.mjs', `
    export const config = { schedules: ['0 0 1 1 *'] }
    export default { scheduled(controller) { console.log('tick for ' + new Date(controller.scheduledTime).toISOString()) } }`)
  writeFunction('fails.mjs', `
    export const config = { schedules: ['0 0 1 1 *', '0 0 2 1 *'] }
    export default { scheduled() { throw new Error('no edition today') } }`)
  host = await startHost({ functions, flags: ['--host', '0.0.0.0'], env: { PRESSROOM_ADMIN_TOKEN: token, PRESSROOM_WARM_CELLS: '1' } })
})
after(async () => {
  await host.stop()
  rmSync(folder, { recursive: true, force: true })
})

function writeFunction(name: string, code: string, into = functions): void {
  mkdirSync(into, { recursive: true })
  writeFileSync(join(into, name), code)
}

async function run(args: string[], env: Record<string, string> = { PRESSROOM_ADMIN_URL: host.adminUrl, PRESSROOM_ADMIN_TOKEN: token }) {
  const { exited, lines } = runCommand(args, { env })
  return { code: await exited, output: lines.join('\n') }
}

/** Status of a call to the operator's port under a given name. */
function ask(name: string, authorization?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host: name, ...(authorization ? { authorization } : {}) }
    request(`${host.adminUrl}/functions`, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject).end()
  })
}

test('the operator lists what is served', async () => {
  await (await fetch(`${host.url}/hello`)).text()
  await host.line((line) => line.startsWith('REPORT') && line.includes('Function: hello'))
  const { code, output } = await run(['functions'])
  assert.equal(code, 0, output)
  assert.match(output, /^FUNCTION .*ROUTES$/m)
  assert.match(output, /^hello +active +\w+ +1 +0 +1 +0 +\d+ +\/hello, \/hello\/\*$/m)
  const { functions: rows } = JSON.parse((await run(['functions', '--json'])).output) as { functions: { name: string }[] }
  assert.deepEqual(rows.map(({ name }) => name).sort(), ['clock', 'fails', 'hello'])
})

test('a tick is fired for a time of its own, and its end is the exit code', async () => {
  const fine = await run(['fire', 'clock', '--time', '2026-01-01T00:00:00Z'])
  assert.deepEqual([fine.code, /^ok [\w-]+$/.test(fine.output)], [0, true], fine.output)
  assert.match(await host.line((line) => line.includes('tick for')), /tick for 2026-01-01T00:00:00\.000Z/)
  const failed = await run(['fire', 'fails', '0 0 2 1 *'])
  assert.deepEqual([failed.code, /^exception [\w-]+$/.test(failed.output)], [1, true], failed.output)
})

test('a schedule that is not clear or not there is told with those that are', async () => {
  assert.match((await run(['fire', 'fails'])).output, /"fails" has 2 schedules; name one of: "0 0 1 1 \*", "0 0 2 1 \*"/)
  assert.match((await run(['fire', 'hello'])).output, /no function "hello" has a schedule; those with one: clock, fails/)
  const { code, output } = await run(['fire', 'clock', '* * * * *'])
  assert.deepEqual([code, /404 not_found/.test(output)], [1, true], output)
  assert.match((await run(['fire', 'clock', '--time', 'noon'])).output, /time: expected ISO 8601/)
})

test('a command without the token, or without a host, tells the way out', async () => {
  assert.match((await run(['functions'], { PRESSROOM_ADMIN_URL: host.adminUrl })).output, /wants its token; set PRESSROOM_ADMIN_TOKEN/)
  const { code, output } = await run(['functions'], { PRESSROOM_ADMIN_URL: 'http://127.0.0.1:1' })
  assert.deepEqual([code, /no host answers at .*; is it running\?/.test(output)], [1, true], output)
})

test('open to the network, the operator port demands the token', async () => {
  assert.equal(await ask('127.0.0.1'), 401)
  assert.equal(await ask('127.0.0.1', 'Bearer wrong'), 401)
  assert.equal(await ask('127.0.0.1', `Bearer ${token}`), 200)
})

test('the network is not let in without a token', async () => {
  const { code, output } = await run(['start', '--port', '0', '--admin-port', '0', '--host', '0.0.0.0', '--functions', functions, '--data', join(folder, 'other')], {})
  assert.equal(code, 1, output)
  assert.match(output, /^pressroom: --host 0\.0\.0\.0 offers the operator's API to the network: set PRESSROOM_ADMIN_TOKEN/)
})

test('every command has help, an unknown one is an error', async () => {
  for (const args of [['functions'], ['fire'], ['cron'], ['cron', 'next']]) {
    const { code, output } = await run([...args, '--help'])
    assert.deepEqual([code, output.startsWith('Usage: pressroom ')], [0, true], output)
  }
  const { code, output } = await run(['strat'])
  assert.deepEqual([code, /unknown command 'strat'[^]*Did you mean start\?/.test(output)], [1, true], output)
})

test('a host told to end while it starts, ends', async () => {
  const slow = join(folder, 'slow')
  writeFunction('slow.mjs', `
    console.log('loading')
    await new Promise((done) => setTimeout(done, 1000))
    export default { fetch: () => new Response() }`, slow)
  const { child, exited, line } = runCommand(['start', '--port', '0', '--admin-port', '0', '--functions', slow, '--data', join(folder, 'third')])
  await line((text) => text.includes('loading'))
  child.kill('SIGTERM')
  assert.equal(await exited, 0)
})
