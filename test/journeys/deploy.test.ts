import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { optionTable, variableOf } from '../../src/host/options.ts'
import { runCommand } from './host-process.ts'
import { packProject } from './installed-package.ts'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'pressroom-deploy-'))
const app = join(folder, 'app')
const unit = readFileSync(join(ROOT, 'deploy/pressroom.service'), 'utf8')
/** The Dockerfile's instructions; continued lines joined, those of the last stage apart. */
const instructions = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ').split('\n')
  .map((line) => /^([A-Z]+) +(.*)$/.exec(line.trim())).filter((match) => match !== null).map(([, name, rest]) => ({ name: name!, rest: rest! }))
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))
const variables = Object.fromEntries(lastStage.filter(({ name }) => name === 'ENV').flatMap(({ rest }) => rest.trim().split(/\s+/).map((pair) => pair.split('=') as [string, string])))

void suite('deployment', () => {
  // The folder that the image holds: the package under node_modules, beside it the packages of the functions.
  before(async () => {
    const own = join(app, 'node_modules/pressroom')
    mkdirSync(own, { recursive: true })
    execFileSync('tar', ['-xzf', (await packProject(folder)).path, '-C', own, '--strip-components=1'])
    symlinkSync(join(ROOT, 'node_modules'), join(own, 'node_modules'))
    for (const name of readdirSync(join(ROOT, 'node_modules'))) symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name))
    for (const name of ['functions', 'wrangler.toml']) cpSync(join(ROOT, name), join(app, name), { recursive: true })
  })
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

  test('what the Dockerfile copies is there, and .dockerignore lets it through', () => {
    const passed = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    const copied = instructions.filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from')).flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1))
    assert.ok(copied.length >= 9)
    assert.deepEqual(copied.filter((path) => !existsSync(join(ROOT, path)) || !passed.includes(path.replace(/^\.\//, ''))), [])
    assert.deepEqual(passed.filter((path) => !copied.includes(path)), [])
  })

  test('the image runs as nobody in particular, keeps its state in a volume, and is stopped as the host expects', () => {
    const names = optionTable.map(({ key }) => variableOf(key))
    assert.deepEqual(Object.keys(variables).filter((name) => name.startsWith('PRESSROOM_') && !names.includes(name)), [])
    assert.equal(variables['PRESSROOM_DATA'], value('VOLUME'))
    assert.equal(value('USER'), 'node')
    assert.equal(value('STOPSIGNAL'), 'SIGTERM')
    assert.equal(value('EXPOSE'), ['port', 'adminPort'].map((key) => optionTable.find((row) => row.key === key)!.fallback).join(' '))
  })

  test("the image's command refuses to open the operator's port without a token, and says how", async () => {
    const { exited, lines } = runCommand(command().slice(1), { cwd: app, program: [process.execPath], env: environment() })
    assert.equal(await exited, 1, lines.join('\n'))
    assert.match(lines.join('\n'), /set PRESSROOM_ADMIN_TOKEN/)
  })

  test("the image's command serves the functions, is found healthy while it does, and ends with 0", async () => {
    const [port, adminPort] = await freePorts()
    const env = { ...environment(), PRESSROOM_ADMIN_TOKEN: 'only-for-this-test', PRESSROOM_PORT: port, PRESSROOM_ADMIN_PORT: adminPort, PRESSROOM_WARM_CELLS: '0' }
    const health = JSON.parse(/CMD (\[.*\])/.exec(value('HEALTHCHECK'))![1]!) as string[]
    const healthy = () => spawnSync(process.execPath, health.slice(1), { env: { ...process.env, ...env } }).status
    assert.equal(healthy(), 1)
    const host = runCommand(command().slice(1), { cwd: app, program: [process.execPath], env })
    await host.line((line) => /serving \d+ functions/.test(line))
    assert.equal(healthy(), 0)
    const answer = await fetch(`http://127.0.0.1:${port}/openapi.json`)
    assert.equal(answer.status, 200)
    await answer.arrayBuffer()
    host.child.kill('SIGTERM')
    assert.equal(await host.exited, 0, host.lines.join('\n'))
    assert.equal(healthy(), 1)
  })

  test('the unit starts what the package holds, waits longer than a shutdown may take, and signals the host alone', () => {
    const [node, launcher, ...args] = setting('ExecStart').split(' ')
    assert.equal(node, `${setting('WorkingDirectory')}/node_modules/.bin/node`)
    assert.ok(existsSync(join(app, launcher!)), `${launcher} is not in the package`)
    assert.deepEqual(args, ['start'])
    assert.ok(Number(setting('TimeoutStopSec')) > 30)
    assert.equal(setting('KillMode'), 'mixed')
    assert.match(setting('Environment'), new RegExp(`PRESSROOM_DATA=/var/lib/${setting('StateDirectory')}$`))
    assert.doesNotMatch(unit, /^MemoryDenyWriteExecute=/m)
  })

  test('systemd finds nothing wrong with the unit', (t) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('systemd-analyze is not installed here')
    const file = join(folder, 'pressroom.service')
    writeFileSync(file, unit.replaceAll('/opt/pressroom', dirname(join(app, 'functions'))))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    assert.deepEqual([status, stderr], [0, ''])
  })
})

/** The last value of an instruction in the stage that runs. */
function value(name: string): string {
  return lastStage.findLast((instruction) => instruction.name === name)!.rest
}

/** A setting of the unit. */
function setting(name: string): string {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(unit)![1]!
}

function command(): string[] {
  return JSON.parse(value('CMD')) as string[]
}

/** The image's environment, its folders being those of this test. */
function environment(): Record<string, string> {
  const moved = Object.entries(variables).map(([name, path]) => [name, path.replace(/^\/(app|data)\b/, (place) => folder + place)])
  return Object.fromEntries(moved) as Record<string, string>
}

/** Two ports, both held until both are known, so that they differ. */
async function freePorts(): Promise<[string, string]> {
  const servers = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')] as const
  const ports = await Promise.all(servers.map(async (server) => {
    await once(server, 'listening')
    return String((server.address() as AddressInfo).port)
  }))
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports as [string, string]
}
