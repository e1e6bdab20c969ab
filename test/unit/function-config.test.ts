import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveConfig } from '../../src/contract/function-config.ts'
import type { FunctionConfig, HandlerName } from '../../src/contract/function.ts'

const file = 'functions/news.ts'

function resolve(raw: unknown, handlers: HandlerName[] = ['fetch', 'scheduled', 'queue'], crons?: string[]): ReturnType<typeof resolveConfig> {
  return resolveConfig('news', file, raw, handlers, crons)
}

/** The lines of the refusal, without the file they all begin with. */
function problems(raw: unknown, handlers?: HandlerName[]): string[] {
  try {
    resolve(raw, handlers)
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'bad_config')
    return (error as Error).message.split('\n').map((line) => {
      assert.ok(line.startsWith(`${file}: `), line)
      return line.slice(file.length + 2)
    })
  }
  return []
}

test('a function without config gets every default', () => {
  const defaults = {
    routes: ['/news', '/news/*'], schedules: [], queues: [], buckets: [], memory: 128, timeout: 30, block: 10, concurrency: 64,
    maxInstances: 8, maxWaiting: 256, idle: 60, outbound: 'public', native: false, retries: 2, maxEventAge: 21_600,
  }
  assert.deepEqual(resolve(undefined, ['fetch']), defaults)
  assert.deepEqual(resolve({}, ['fetch']), defaults)
})

test('a destination is a queue or a function by name', () => {
  for (const onFailure of ['queue', 'queue:', 'topic:x', 'function:a b', 5]) {
    assert.deepEqual(problems({ onFailure }), [`config.onFailure: expected "queue:NAME" or "function:NAME", found ${JSON.stringify(onFailure)}`])
  }
})

test('undefined never erases a default, and the caller keeps its object as it was', () => {
  const raw = { memory: undefined, routes: undefined, schedules: [{ cron: '* * * * *', timeZone: undefined, overlap: undefined }], nothing: undefined }
  const before = structuredClone(raw)
  const config = resolve(raw)
  assert.equal(config.memory, 128)
  assert.deepEqual(config.routes, ['/news', '/news/*'])
  assert.deepEqual(config.schedules, [{ cron: '* * * * *', timeZone: 'UTC', dialect: 'cloudflare', overlap: 'skip', atStart: false }])
  assert.deepEqual(raw, before)
})

test('index answers the root, and a function without fetch answers no route', () => {
  assert.deepEqual(resolveConfig('index', 'functions/index.ts', undefined, ['fetch']).routes, ['/'])
  assert.deepEqual(resolveConfig('ingest', 'functions/ingest.ts', undefined, ['scheduled']).routes, [])
  assert.deepEqual(resolve({ routes: [] }).routes, [])
})

test('what is given is kept', () => {
  const config = {
    routes: ['GET /edition'], schedules: ['*/5 * * * *', { cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin', dialect: 'unix', overlap: 'allow', atStart: true }],
    queues: ['mail'], buckets: ['uploads', { bucket: 'old', events: ['delete'], prefix: 'a/' }], memory: 64, timeout: 900, cpu: 50.5, block: 1, concurrency: 1, maxInstances: 1_000, maxWaiting: 0, idle: 1.5,
    env: ['DB'], outbound: 'none', native: true, retries: 0, maxEventAge: 60, onSuccess: 'queue:done', onFailure: 'function:mourner',
  } satisfies FunctionConfig
  assert.deepEqual(resolve(config), {
    ...config,
    buckets: [{ bucket: 'uploads', events: ['create', 'delete'], prefix: '', suffix: '' }, { bucket: 'old', events: ['delete'], prefix: 'a/', suffix: '' }],
    schedules: [
      { cron: '*/5 * * * *', timeZone: 'UTC', dialect: 'cloudflare', overlap: 'skip', atStart: false },
      { cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin', dialect: 'unix', overlap: 'allow', atStart: true },
    ],
  })
})

test('a scheduled that declares no schedules gets the crons of wrangler.toml, others do not', () => {
  assert.deepEqual(resolve(undefined, ['scheduled'], ['0 9 * * *']).schedules.map(({ cron }) => cron), ['0 9 * * *'])
  assert.deepEqual(resolve({ schedules: ['1 * * * *'] }, ['scheduled'], ['0 9 * * *']).schedules.map(({ cron }) => cron), ['1 * * * *'])
  assert.deepEqual(resolve(undefined, ['fetch'], ['0 9 * * *']).schedules, [])
})

test('every problem of a file is named on its own line: field, expected, found', () => {
  assert.deepEqual(problems({ memory: 'much', timeout: 0, routes: '/x', schedules: [5, { cron: '' }], native: 'yes', outbound: 'all' }), [
    'config.routes: expected an array of strings, found "/x"',
    'config.schedules[0]: expected a cron expression or an object, found 5',
    'config.schedules[1].cron: expected a string that is not empty, found ""',
    'config.memory: expected a whole number from 64 to 10240 (MiB), found "much"',
    'config.timeout: expected a number from 1 to 900 (seconds), found 0',
    'config.outbound: expected "public" or "none", found "all"',
    'config.native: expected true or false, found "yes"',
  ])
})

test('every number has its limits', () => {
  const outside: [keyof FunctionConfig, unknown[]][] = [
    ['memory', [63, 10_241, 128.5, NaN, null]], ['timeout', [0.9, 901, Infinity]], ['cpu', [0, -1]], ['block', [0, 901]],
    ['concurrency', [0, 10_001, 1.5]], ['maxInstances', [0, 1_001]], ['maxWaiting', [-1, 100_001]], ['idle', [0, 86_401, '60']],
  ]
  for (const [field, values] of outside) for (const value of values) {
    const lines = problems({ [field]: value })
    assert.equal(lines.length, 1, `${field} ${String(value)}`)
    assert.match(lines[0] ?? '', new RegExp(`^config\\.${field}: expected a (whole )?number from `))
  }
})

test('an unknown field is refused, with the near one where there is one', () => {
  assert.match(problems({ tiemout: 5 })[0] ?? '', /^config\.tiemout: expected one of routes, .*; did you mean timeout\?$/)
  assert.match(problems({ MaxInstance: 5 })[0] ?? '', /did you mean maxInstances\?$/)
  assert.match(problems({ color: 'red' })[0] ?? '', /; remove it$/)
  assert.match(problems({ schedules: [{ cron: '* * * * *', timezone: 'UTC' }] })[0] ?? '', /^config\.schedules\[0\]\.timezone: .*did you mean timeZone\?$/)
})

test('config is data: functions, symbols and instances of anything else are refused, never run', () => {
  let ran = false
  const run = (): number => { ran = true; return 128 }
  assert.deepEqual(problems({ memory: run }), ['config.memory: expected a whole number from 64 to 10240 (MiB), found a function'])
  assert.deepEqual(problems({ env: [Symbol('DB')] }), ['config.env[0]: expected a string that is not empty, found a symbol'])
  assert.equal(ran, false)
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  assert.deepEqual(problems({ outbound: circle }), ['config.outbound: expected "public" or "none", found an object that contains itself'])
  for (const raw of [null, [], 'config', 5, run]) assert.match(problems(raw)[0] ?? '', /^config: expected an object of plain data, found /)
})

test('routes, schedules and queues each need their handler', () => {
  assert.deepEqual(problems({ routes: ['/x'], schedules: ['* * * * *'], queues: ['mail'] }, ['scheduled']), [
    'config.routes: expected a fetch handler in the default export to serve them, found ["scheduled"]',
    'config.queues: expected a queue handler in the default export to serve them, found ["scheduled"]',
  ])
  assert.match(problems(undefined, [])[0] ?? '', /^export default: expected an object with fetch, scheduled or queue/)
})

test('the same schedule twice is refused, the same expression in two time zones is not', () => {
  assert.match(problems({ schedules: ['0 9 * * *', { cron: '0 9 * * *' }] })[0] ?? '', /^config\.schedules\[1\]: expected each schedule once/)
  assert.deepEqual(problems({ schedules: ['0 9 * * *', { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' }] }), [])
})

test('a name that is no path segment is refused', () => {
  for (const name of ['my function', 'a:b', '*', '']) assert.throws(() => resolveConfig(name, 'functions/x.ts', undefined, ['fetch']), { message: /name: expected letters/ })
})
