import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFunctionFolder } from './function-folder.ts'
import { runCommand, startHost, until } from './host-process.ts'

/** Tells its secret in every way it has. */
const TELLER = `import { trace } from '@opentelemetry/api'
export const config = { env: ['API_TOKEN'], routes: ['/tell/*'] }
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    const token = env.API_TOKEN
    console.log('plain ' + token, { nested: token })
    process.stdout.write('raw ' + token + '\\n')
    trace.getActiveSpan()?.setAttribute('told', token)
    trace.getTracer('t').startActiveSpan('inner ' + token, (span) => { span.recordException(new Error(token)); span.end() })
    if (pathname.endsWith('/throw')) throw new Error('failed with ' + token)
    if (pathname.endsWith('/crash')) setTimeout(() => { throw new Error('crashed with ' + token) })
    return Response.json({ length: token.length, first: token.slice(0, 3), inProcess: process.env.API_TOKEN ?? null })
  },
}
`
const OTHER = `export default { fetch: (request, env) => Response.json({ names: Object.keys(env), process: Object.values(process.env).join(' ') }) }\n`

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else yield path
  }
}

test('a secret reaches the function that names it, and is told nowhere', { timeout: 300_000 }, async () => {
  using folder = makeFunctionFolder()
  folder.write('other.js', OTHER)
  const key = randomBytes(32).toString('base64')
  const [first, second] = ['f1r', 's2d'].map((begin) => begin + randomBytes(24).toString('base64url')) as [string, string]
  const start = (env: Record<string, string>) => startHost({ ...folder, env })
  await using host = await start({ PRESSROOM_SECRET_KEY: key })
  const said: string[] = []
  const command = async (args: string[], env: Record<string, string> = {}, code = 0) => {
    const run = runCommand(args, { env: { PRESSROOM_ADMIN_URL: host.adminUrl, ...env }, cwd: folder.cwd })
    assert.equal(await run.exited, code, run.lines.join('\n'))
    said.push(...run.lines)
    return run.lines.join('\n')
  }
  await command(['secret', 'put', 'API_TOKEN', '--from-env', 'FROM'], { FROM: first })
  assert.match(await command(['secret', 'list']), /API_TOKEN +2\d{3}-/)
  folder.write('../teller.js', TELLER)
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder.cwd, 'node_modules'))
  await command(['deploy', join(folder.cwd, 'teller.js')])

  const tell = async (path: string, expect: string) => {
    const answer = await fetch(`${host.url}/tell/${path}`)
    const text = await answer.text()
    said.push(text, JSON.stringify([...answer.headers]))
    if (answer.status === 200) assert.deepEqual(JSON.parse(text), { length: expect.length, first: expect.slice(0, 3), inProcess: null })
    return answer
  }
  await tell('hello', first)
  assert.equal((await tell('throw', first)).status, 500)
  await tell('crash', first)
  assert.deepEqual(((await (await fetch(`${host.url}/other`)).json()) as { names: string[] }).names, [])

  await command(['secret', 'put', 'API_TOKEN', '--from-env', 'FROM'], { FROM: second })
  await until('the new value is given', async () => {
    const answer = await fetch(`${host.url}/tell/hello`)
    return answer.status === 200 && ((await answer.json()) as { first: string }).first === 's2d'
  })
  assert.match(await command(['secret', 'delete', 'API_TOKEN'], {}, 1), /named by the env of teller/)
  assert.match(await command(['secret', 'put', 'bad-name', '--from-env', 'FROM'], { FROM: second }, 1), /bad_request: name/)

  await until('its lines are there', () => host.lines.some((line) => line.includes('raw [secret API_TOKEN]')))
  assert.ok(host.lines.some((line) => line.includes('failed with [secret API_TOKEN]')), host.lines.join('\n'))
  const traces = (await host.admin<{ invocations: { trace_id: string }[] }>('/invocations?function=teller')).invocations.map(({ trace_id }) => trace_id)
  for (const id of traces) said.push(await (await fetch(`${host.adminUrl}/traces/${id}`)).text())
  for (const path of ['/functions', '/secrets', '/logs?limit=1000', '/invocations', '/failures', '/metrics', '/functions/teller/revisions']) said.push(await (await fetch(host.adminUrl + path)).text())
  assert.ok(said.some((text) => text.includes('[secret API_TOKEN]') && text.includes('told')), 'its span is shown without it')
  said.push(...host.lines, readFileSync(`/proc/${host.child.pid}/cmdline`, 'latin1'))
  for (const text of said) for (const value of [first, second]) assert.equal(text.includes(value), false, text)
  assert.equal(await host.stop(), 0)
  for (const path of files(folder.data)) for (const value of [first, second]) assert.equal(readFileSync(path).includes(value), false, path)

  await using without = await start({})
  assert.equal((await fetch(`${without.url}/tell/hello`)).status, 502)
  await without.line((line) => line.includes('set PRESSROOM_SECRET_KEY to the key it was put with'))
  assert.equal(await without.stop(), 0)
  await using again = await start({ PRESSROOM_SECRET_KEY: key })
  assert.equal(((await (await fetch(`${again.url}/tell/hello`)).json()) as { first: string }).first, 's2d')
})
