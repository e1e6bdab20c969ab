import assert from 'node:assert/strict'
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { oldestNode } from '../../src/runtimes/node/node-version.ts'

const project = dirname(dirname(import.meta.dirname))
const launcher = join(project, 'bin', 'pressroom.js')
const root = mkdtempSync(join(tmpdir(), 'pressroom-launcher-'))
const started: ChildProcess[] = []
after(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

/** Makes this Node say it is an old one, so that the launcher looks for another on every machine. */
const actOld = ['--import', 'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})']

/** One function that answers at once, one that takes a while. */
const functions = join(root, 'functions')
mkdirSync(functions)
writeFileSync(join(functions, 'hello.mjs'), `export default { fetch: () => new Response('hello') }`)
writeFileSync(
  join(functions, 'slow.mjs'),
  `export default { async fetch() { console.log('slow has begun'); await new Promise((done) => setTimeout(done, 1500)); return new Response('slow') } }`,
)

function launch(args: string[], { old = false, file = launcher, ...options }: SpawnOptions & { old?: boolean; file?: string } = {}) {
  const child = spawn(process.execPath, [...(old ? actOld : []), file, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: root, ...options })
  started.push(child)
  return child
}

async function end(child: ChildProcess) {
  const output = { out: '', err: '' }
  child.stdout?.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output.err += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, ...output }
}

/** A host started by the launcher, once it serves. */
async function host(old: boolean) {
  const data = mkdtempSync(join(root, 'data-'))
  const child = launch(['start', '--port', '0', '--admin-port', '0', '--warm-cells', '1', '--functions', functions, '--data', data], { old })
  child.stderr?.resume()
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout! })
  const waiting = new Set<() => void>()
  reader.on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  const line = (part: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = lines.find((one) => one.includes(part))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      child.once('exit', () => reject(new Error(`ended without saying "${part}":\n${lines.join('\n')}`)))
    })
  const { url, pid } = JSON.parse(await line('"admin_url"')) as { url: string; pid: number }
  // Everybody who holds the pipe has gone: the launcher, the host and whatever else inherited it.
  const allGone = once(child, 'close') as Promise<[number | null, string | null]>
  return { child, url, pid, line, lines, allGone }
}

test('a suitable Node becomes the host process itself', async () => {
  const { child, pid, allGone } = await host(false)
  assert.equal(pid, child.pid)
  child.kill('SIGTERM')
  assert.deepEqual(await allGone, [0, null])
})

test('an old Node starts the one that comes with the project, and passes on signal and exit code', async () => {
  const { child, url, pid, allGone } = await host(true)
  assert.notEqual(pid, child.pid)
  assert.equal(await (await fetch(`${url}/hello`)).text(), 'hello')
  child.kill('SIGTERM')
  assert.deepEqual(await allGone, [0, null])
})

test('an old Node passes on a failed start', async () => {
  const { code, err } = await end(launch(['start', '--port', 'none'], { old: true }))
  assert.equal(code, 1)
  assert.equal(err, 'pressroom: --port: expected a whole number from 0 to 65535, found "none"\n')
})

test('the host ends with a launcher that is killed without warning', async () => {
  const { child, url, allGone, lines } = await host(true)
  assert.equal(await (await fetch(`${url}/hello`)).text(), 'hello')
  child.kill('SIGKILL')
  await allGone
  assert.ok(lines.some((line) => line.includes('shutting down: the launcher is gone')), lines.join('\n'))
})

test('a host killed from outside gives the launcher the exit code a shell would give', async () => {
  const { pid, allGone } = await host(true)
  process.kill(pid, 'SIGKILL')
  assert.deepEqual(await allGone, [137, null])
})

test('a Ctrl-C that arrives twice is one: work under way is finished and the exit code is 0', async () => {
  const { child, url, line, allGone } = await host(false)
  const answer = fetch(`${url}/slow`)
  await line('slow has begun')
  child.kill('SIGINT')
  await line('shutting down')
  child.kill('SIGINT')
  assert.equal(await (await answer).text(), 'slow')
  assert.deepEqual(await allGone, [0, null])
})

test('without any suitable Node the launcher says what to do', async () => {
  mkdirSync(join(root, 'bare', 'bin'), { recursive: true })
  writeFileSync(join(root, 'bare', 'package.json'), '{"type":"module"}')
  const file = join(root, 'bare', 'bin', 'pressroom.js')
  copyFileSync(launcher, file)
  const { code, err, out } = await end(launch(['--help'], { old: true, file }))
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^pressroom: Node\.js 20\.1\.0 is too old, 24\.18\.1 or newer is needed\..* run `npm install` without --omit=optional/)
})

test('the launcher and the host agree on the oldest Node', () => {
  assert.match(readFileSync(launcher, 'utf8'), new RegExp(`oldestNode = \\[${oldestNode.replaceAll('.', ', ')}\\]`))
})

test('npx finds the command in this folder, without network and with an empty cache', async () => {
  const env = { ...process.env, npm_config_cache: join(root, 'npm-cache'), npm_config_registry: 'http://127.0.0.1:1/', npm_config_fetch_retries: '0' }
  const child = spawn('npx', ['pressroom', '--version'], { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  const { code, out, err } = await end(child)
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }
  assert.deepEqual([code, out.trim()], [0, version], err)
})
