import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'smol-toml'
import { registry } from '../../functions/_registry.ts'
import { createAdmin } from '../../src/admin/admin.ts'
import { errors } from '../../src/contract/errors.ts'
import { resolveConfig } from '../../src/contract/function-config.ts'
import { optionTable, variableOf } from '../../src/host/options.ts'
import type { Operator } from '../../src/host/operator.ts'
import { faasInstruments, hostInstruments, ownInstruments, type Instrument } from '../../src/tracing/instruments.ts'
import { plans, type Meter } from '../../src/metering/plans.ts'
import { startHost } from '../journeys/host-process.ts'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('the tables of the README are those of the code', () => {
  test('flags, variables and defaults', () => {
    const rows = table('flag').map(([flag, variable, fallback]) => [flag, variable, fallback === '–' ? '' : fallback])
    assert.deepEqual(rows, optionTable.map(({ key, flag, fallback }): string[] => [flag, variableOf(key), fallback]))
  })

  test('the fields of a config are those it may have', () => {
    assert.deepEqual(table('field').map(([field]) => field), namesIn({ nonsense: 1 }))
    assert.deepEqual(table('field of a schedule').map(([field]) => field), namesIn({ schedules: [{ cron: '* * * * *', nonsense: 1 }] }))
  })

  test('the defaults of a config are those it gets', () => {
    const defaults = resolved({}) as unknown as Record<string, unknown>
    for (const [field, fallback] of table('field')) {
      if (['routes', 'schedules', 'queues', 'buckets', 'env', 'onSuccess', 'onFailure'].includes(field!)) continue
      assert.equal(fallback === 'no limit' ? 'undefined' : fallback, String(defaults[field!]), field!)
    }
    assert.deepEqual(table('field')[0]?.[1], (defaults['routes'] as string[]).map((route) => route.replace('sample', '<name>')).join(', '))
    const [schedule] = resolved({ schedules: ['* * * * *'] }).schedules
    for (const [field, fallback] of table('field of a schedule').slice(1)) {
      assert.equal(fallback, String((schedule as unknown as Record<string, unknown>)[field!]), field!)
    }
  })

  test('the ranges of a config are taken to the end and not beyond', () => {
    const ranges = table('field').flatMap(([field, , range]) => {
      const [, min, max] = /^(\d+)–(\d+)$/.exec(range!) ?? []
      return min === undefined ? [] : [{ field: field!, min: Number(min), max: Number(max) }]
    })
    assert.equal(ranges.length, 11)
    for (const { field, min, max } of ranges) {
      for (const value of [min, max]) assert.doesNotThrow(() => resolved({ [field]: value }), `${field} ${value}`)
      for (const value of [min - 1, max + 1]) assert.throws(() => resolved({ [field]: value }), { code: 'bad_config' }, `${field} ${value}`)
    }
  })

  test('errors, their status and whether they are billed', () => {
    const rows = table('code').map(([code, status, billed]) => [code, Number(status), billed === 'yes'])
    assert.deepEqual(rows, Object.entries(errors).map(([code, { status, billed }]) => [code, status, billed]))
  })

  test('routes of the news functions', () => {
    const sections = ['Images', 'Arcade'].map((title) => readme.split(`\n## ${title}\n`)[1] ?? '')
    const rows = [readme, ...sections].flatMap((text) => tableOf(text, ['route', 'function'])).map(([route, name]) => `${name}: ${route}`)
    const declared = registry.flatMap(({ name, config }) => (config.routes ?? []).map((route) => `${name}: ${route}`))
    assert.deepEqual(rows.toSorted(), declared.filter((line) => !line.includes('OPTIONS')).toSorted())
  })

  test("routes of the operator's API", () => {
    const operator = {} as Operator
    const { routes } = createAdmin(operator, { hosts: [], loopback: true })
    const served = routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
    assert.deepEqual(table('route', 'answer').map(([route]) => route), served)
  })

  test('metrics', () => {
    const instruments = [faasInstruments, ownInstruments, hostInstruments].flatMap((group): Instrument[] => Object.values(group))
    assert.deepEqual(table('metric', 'kind', 'unit'), instruments.map(({ name, kind, unit, description }) => [name, kind, unit, description]))
  })

  test('the prices of the plans', () => {
    const usd = (pico: bigint) => `$${(Number(pico) / 1e12).toFixed(12).replace(/\.?0+$/, '')}`
    const price = ({ unit, tiers }: Meter) => {
      let above = 0n
      return tiers.map(({ units, unitPico }) => {
        const text = above === 0n ? `${usd(unitPico)} a ${unit}` : `after ${above.toLocaleString('en-US')} ${usd(unitPico)}`
        above += units ?? 0n
        return text
      }).join('; ')
    }
    const rows = Object.entries(plans).map(([name, { prices, baseFeePico, meters }]) => {
      const of = (item: string) => meters.filter((meter) => meter.item === item).map(price)[0] ?? '–'
      const free = meters.map(({ freeUnits, unit }) => `${freeUnits.toLocaleString('en-US')} ${unit}`).join(', ')
      return [name, prices.since, baseFeePico === 0n ? '–' : usd(baseFeePico), free, of('requests').replace(' a requests', ''), of('duration'), of('cpu')]
    })
    assert.deepEqual(table('plan'), rows)
  })

  test('variables of the news functions', () => {
    const { vars } = parse(readFileSync(join(root, 'wrangler.toml'), 'utf8')) as { vars: object }
    assert.deepEqual(table('variable').map(([name]) => name!).toSorted(), Object.keys(vars).toSorted())
  })
})

test('the road of the README leads through rooms that are there, and fails as the catalogue says', () => {
  const road = blocks('').find((block) => block.startsWith('HTTP request'))!
  const rooms: string[] = road.match(/\b(?:src|functions)\/[\w/-]*/g) ?? []
  assert.ok(rooms.length >= 10, rooms.join())
  for (const room of rooms) assert.ok(existsSync(join(root, room)), room)
  const stations = ['ingress', 'routing', 'tracing', 'metering', 'instances', 'egress']
  for (const station of stations) assert.ok(rooms.includes(`src/${station}`), station)
  const failures = [...road.matchAll(/\b(\d{3}) (\w+)/g)].map(([, status, code]) => ({ status: Number(status), code: code! }))
  assert.ok(failures.length >= 14)
  for (const { status, code } of failures) assert.equal(errors[code as keyof typeof errors]?.status, status, code)
})

test('files and commands that the README names are there', () => {
  const named: string[] = readme.match(/\b(?:src|functions|test|bench|fixtures)\/[\w./-]*\w/g) ?? []
  const ofAuthors = ['functions/hello.ts', 'functions/shelf.ts', 'functions/morning.ts']
  assert.deepEqual(named.filter((path) => !ofAuthors.includes(path) && !existsSync(join(root, path))), [])
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const commands = [...readme.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g)].map(([, script, short]) => script ?? short!)
  assert.ok(commands.includes('start') && commands.includes('test'))
  assert.deepEqual(commands.filter((name) => !(name in scripts)), [])
})

test('the functions of the README run as they are printed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-readme-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'functions'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // The one of the walk-through is deployed, by a journey of its own.
  for (const code of blocks('ts').filter((text) => text.startsWith('// functions/'))) writeFileSync(join(folder, 'functions', nameOf(code)), code)
  const host = await startHost({ functions: join(folder, 'functions') })
  t.after(() => host.stop())
  const get = async (path: string, init?: RequestInit) => (await fetch(host.url + path, init)).json()
  assert.deepEqual(await get('/hello/ada'), { hello: 'ada' })
  assert.deepEqual(await get('/hello'), { hello: 'world' })
  assert.deepEqual(await get('/shelf/emma'), { book: 'emma' })
  assert.deepEqual(await get('/shelf', { method: 'POST', body: '{"title":"Emma"}' }), { title: 'Emma' })
  const fired = await fetch(`${host.adminUrl}/schedules/fire`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"function":"morning","cron":"0 9 * * MON-FRI","time":"2026-01-05T09:00:00Z"}',
  })
  assert.equal(((await fired.json()) as { outcome: string }).outcome, 'ok')
  await host.line((line) => line.includes('tick of 2026-01-05T09:00:00.000Z'))
})

test('the feed server of the README serves a folder, and a list of what is in it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-readme-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'feeds'))
  const files = { 'plain.xml': '<rss version="2.0"><channel/></rss>', 'a "b" & c é.json': '{"items":[]}' }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'feeds', name), text)
  const [code] = blocks('js')
  writeFileSync(join(folder, nameOf(code!)), code!)
  const child = spawn(process.execPath, [join(folder, nameOf(code!)), join(folder, 'feeds'), String(await freePort())], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  const [said] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const list = /http\S+/.exec(said)![0]
  const urls = [...(await (await fetch(list)).text()).matchAll(/ xmlUrl="([^"<>&]+)"/g)].map(([, url]) => url!)
  assert.equal(urls.length, 2)
  const served = await Promise.all(urls.map(async (url) => (await fetch(url)).text()))
  assert.deepEqual(served.toSorted(), Object.values(files).toSorted())
  assert.equal((await fetch(new URL('/../readme', list))).status, 404)
})

/** The same for a table of the README, the first that fits. */
function table(...head: string[]): string[][] {
  return tableOf(readme, head)
}

/** Rows of the table whose head begins with these cells; the back quotes taken off the first three cells. */
function tableOf(text: string, head: string[]): string[][] {
  const rows = text.split('\n').map((line) => (line.startsWith('|') ? line.split('|').slice(1, -1).map((cell) => cell.trim()) : null))
  const first = rows.findIndex((row) => row !== null && head.every((cell, index) => row[index] === cell))
  assert.notEqual(first, -1, `there is no table of ${head.join(', ')}`)
  const end = rows.findIndex((row, index) => index > first && row === null)
  return rows.slice(first + 2, end).map((row) => row!.map((cell, index) => (index < 3 ? cell.replaceAll('`', '') : cell)))
}

/** The code blocks of one language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter((match) => match[1] === language).map((match) => match[2]!)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** The file that a code block says it is, in its first line. */
function nameOf(code: string): string {
  return basename(/^\/\/ (\S+)\n/.exec(code)![1]!)
}

function resolved(config: object) {
  return resolveConfig('sample', 'sample.ts', config, ['fetch', 'scheduled'])
}

/** The names that the refusal of an unknown field lists. */
function namesIn(config: object): string[] {
  try {
    resolved(config)
  } catch (error) {
    const names = /expected one of ([\w, ]+), found/.exec((error as Error).message)?.[1]
    return names?.split(', ') ?? []
  }
  return []
}
