import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { nodeClock } from '../../src/runtimes/node/clock.ts'
import { createRedact } from '../../src/runtimes/node/secrets/redact.ts'
import { openSecrets, readSecretKey } from '../../src/runtimes/node/secrets/secrets.ts'
import { openDatabase } from '../../src/runtimes/node/store/database.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'

const KEY = Buffer.alloc(32, 7)
const VALUE = 'a "quoted" secret/äß'

async function open(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'))
  const database = await openDatabase(join(folder, 'host.db'), hostSchema)
  t.after(async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  })
  return { folder, database }
}

describe('secrets at rest', () => {
  test('come back with their key, after a restart too, and are in no file as they are', async (t) => {
    const { folder, database } = await open(t)
    await (await openSecrets(database, KEY, nodeClock)).put('TOKEN', VALUE)
    const again = await openSecrets(database, KEY, nodeClock)
    assert.deepEqual([again.value('TOKEN'), again.value('OTHER'), again.names().map(({ name }) => name)], [VALUE, undefined, ['TOKEN']])
    for (const file of readdirSync(folder)) assert.equal(readFileSync(join(folder, file)).includes(VALUE), false, file)
    await again.delete('TOKEN')
    assert.deepEqual((await openSecrets(database, KEY, nodeClock)).names(), [])
  })

  test('two of one value are kept as different bytes', async (t) => {
    const { database } = await open(t)
    const secrets = await openSecrets(database, KEY, nodeClock)
    await secrets.put('A', VALUE)
    await secrets.put('B', VALUE)
    const [a, b] = await database.all<{ sealed: Uint8Array }>('SELECT sealed FROM secrets ORDER BY name')
    assert.notDeepEqual(a!.sealed, b!.sealed)
  })

  test('without the key, with another, changed or exchanged they are told to be unreadable, with the way out', async (t) => {
    const { database } = await open(t)
    const secrets = await openSecrets(database, KEY, nodeClock)
    await secrets.put('A', 'one secret')
    await secrets.put('B', 'another one')
    const read = async (name: string, key: Buffer = KEY) => (await openSecrets(database, key, nodeClock)).value(name)
    const keyless = await openSecrets(database, undefined, nodeClock)
    assert.throws(() => keyless.value('A'), /set PRESSROOM_SECRET_KEY/)
    await assert.rejects(read('A', Buffer.alloc(32, 8)), /is not the key it was put with/)
    await database.run("UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'B') WHERE name = 'A'")
    await assert.rejects(read('A'), /cannot be decrypted/)
    assert.equal(await read('B'), 'another one')
    await assert.rejects(keyless.put('C', 'x'), /openssl rand -base64 32/)
  })

  test('a key is 32 bytes as base64 or hexadecimal', () => {
    assert.deepEqual(readSecretKey(KEY.toString('base64')), KEY)
    assert.deepEqual(readSecretKey(KEY.toString('hex')), KEY)
    assert.equal(readSecretKey(undefined), undefined)
    assert.throws(() => readSecretKey('short'), { code: 'bad_option' })
  })
})

describe('redaction', () => {
  const redact = createRedact({ TOKEN: { type: 'secret', value: VALUE }, PIN: { type: 'secret', value: '12345' }, OPEN: { type: 'var', value: 'visible text' } })

  test('takes out a value as it is, in JSON, in a URL and in base64', () => {
    const told = [VALUE, JSON.stringify({ a: VALUE }), JSON.stringify(JSON.stringify({ a: VALUE })), `https://host/?token=${encodeURIComponent(VALUE)}`, `Basic ${Buffer.from(VALUE).toString('base64')}`]
    for (const text of told) {
      const redacted = redact(`before ${text} after`)
      assert.match(redacted, /^before .*\[secret TOKEN\].* after$/)
      for (const part of ['quoted', 'äß', 'cXVvdGVk']) assert.equal(redacted.includes(part), false, redacted)
    }
  })

  test('leaves variables, short values and everything else', () => {
    assert.equal(redact('visible text and 12345'), 'visible text and 12345')
    const text = 'nothing to hide'
    assert.equal(createRedact({})(text), text)
  })
})
