import assert from 'node:assert/strict'
import { test } from 'node:test'
import { priceTables } from '../../src/metering/prices.ts'
import { optionTable, resolveOptions, variableOf } from '../../src/host/options.ts'

const GiB = 1024 ** 3
const resolve = (flags: Record<string, unknown> = {}, env: Record<string, string> = {}) => resolveOptions(flags, env, 4 * GiB)
const refused = (flags: Record<string, unknown>, message: RegExp, env: Record<string, string> = {}) =>
  assert.throws(() => resolve(flags, env), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'bad_option')
    assert.match(error.message, message)
    return true
  })

test('without flags and variables every option has its default', () => {
  assert.deepEqual(resolve(), {
    port: 8787, adminPort: 8788, host: '127.0.0.1', data: '.pressroom', functions: 'functions', config: 'wrangler.toml', configNamed: false,
    memoryBytes: Math.floor(2.8 * GiB), maxBodyBytes: 104_857_600, warmCells: 2, queueDepth: 100_000, allowOutbound: [], trustProxy: false, prices: priceTables['aws-x86'],
  })
})

test('a flag beats its variable, a variable beats the default', () => {
  const env = { PRESSROOM_PORT: '1', PRESSROOM_WARM_CELLS: '5', PRESSROOM_TRUST_PROXY: 'true' }
  const options = resolve({ port: '2', warmCells: undefined }, env)
  assert.equal(options.port, 2)
  assert.equal(options.warmCells, 5)
  assert.equal(options.trustProxy, true)
})

test('an empty variable counts as not set, an empty flag does not', () => {
  assert.equal(resolve({}, { PRESSROOM_DATA: '' }).data, '.pressroom')
  refused({ data: '' }, /^--data: expected the path of a folder, found ""$/)
})

test('every flag has a variable named after it', () => {
  for (const row of optionTable) {
    assert.equal(variableOf(row.key), `PRESSROOM_${row.flag.split(' ')[0]?.slice(2).toUpperCase().replaceAll('-', '_')}`)
  }
})

test('memory is a share of the machine or a size', () => {
  assert.equal(resolve({ memory: '50%' }).memoryBytes, 2 * GiB)
  assert.equal(resolve({ memory: '1.5GiB' }).memoryBytes, 1.5 * GiB)
  assert.equal(resolve({ memory: '512mib' }).memoryBytes, GiB / 2)
  for (const memory of ['0%', '101%', '5GiB', '512', '-1%', 'lots', '']) refused({ memory }, /^--memory: expected a share such as 70%/)
})

test('a body limit is a size in bytes or larger units', () => {
  assert.equal(resolve({ maxBody: '1KiB' }).maxBodyBytes, 1024)
  assert.equal(resolve({ maxBody: '77' }).maxBodyBytes, 77)
  for (const maxBody of ['0', '1MB', 'NaN', '1e9', ' ']) refused({ maxBody }, /^--max-body: expected a size/)
})

test('ports are whole numbers up to 65535 and differ', () => {
  assert.equal(resolve({ port: '0', adminPort: '0' }).port, 0)
  for (const port of ['-1', '65536', '80.5', '0x50', '', 'http', true]) refused({ port }, /^--port: expected a whole number from 0 to 65535/)
  refused({ port: '9', adminPort: '9' }, /^--admin-port: expected a port other than the public one, found 9$/)
})

test('a bad variable is named as the variable', () => {
  refused({}, /^PRESSROOM_PORT: expected .*, found "eighty"$/, { PRESSROOM_PORT: 'eighty' })
})

test('a listen host is a bare name or address', () => {
  for (const host of ['0.0.0.0', '::1', '::', 'localhost', 'fe80::1%eth0']) assert.equal(resolve({ host }).host, host)
  assert.equal(resolve({ host: '[::1]' }).host, '::1')
  for (const host of ['http://a', 'a:80', 'a b', '']) refused({ host }, /^--host: expected a name or address/)
})

test('outbound exceptions are a list; what an entry means is for the guard to say', () => {
  const list = '127.0.0.1:8081, feeds.internal,10.0.0.0/8:8080,[::1]:80,fd00::/8,::1'
  assert.deepEqual(resolve({ allowOutbound: list }).allowOutbound, list.split(',').map((entry) => entry.trim()))
  assert.deepEqual(resolve({ allowOutbound: ',' }).allowOutbound, [])
})

test('naming the configuration file is remembered, so that its absence can be an error', () => {
  assert.equal(resolve({ config: 'wrangler.toml' }).configNamed, true)
  assert.equal(resolve({}, { PRESSROOM_CONFIG: 'x.toml' }).configNamed, true)
})

test('an admin token that no header can carry is refused without being shown', () => {
  assert.equal(resolve({}, { PRESSROOM_ADMIN_TOKEN: '0123456789abcdef' }).adminToken, '0123456789abcdef')
  assert.throws(() => resolve({}, { PRESSROOM_ADMIN_TOKEN: 'sword fish' }), (error: Error) => !error.message.includes('sword fish'))
})

test('a price table is named, a budget is an amount of dollars', () => {
  const { prices, budgetUsd } = resolve({ prices: 'cloudflare-paid', budget: '0.25' })
  assert.deepEqual([prices.name, budgetUsd], ['cloudflare-paid', 0.25])
  refused({ prices: 'gcp' }, /gcp.*aws-x86, aws-arm, cloudflare-paid|aws-x86, aws-arm, cloudflare-paid.*gcp/)
  for (const budget of ['-1', 'ten', '1e3', '']) refused({ budget }, /^--budget: expected an amount of US dollars/)
})
