import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite'
import { Keyv } from 'keyv'
import { KeyvSqlite } from '../../src/runtimes/node/bindings/kv/keyv-sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyv-sqlite-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'keyv.sqlite')

// Keyv's own suite speaks vitest and Keyv 5. Where Keyv 6 itself answers otherwise, the rule follows below in today's words.
const changed: Record<string, string> = {
  '.deleteMany([keys]) with nonexistent keys resolves to false': 'Keyv 6 answers one boolean per key, and a list is never false',
  'value can be BigInt using other serializer/deserializer': 'Keyv 6 has `serialization` in place of `serialize` and `deserialize`, and stores have no `opts`',
}

function expect(found: unknown) {
  return {
    toBe: (expected: unknown) => assert.equal(found, expected),
    toEqual: (expected: unknown) => assert.deepEqual(plain(found), plain(expected)),
    toBeTruthy: () => assert.ok(found),
    toBeFalsy: () => assert.ok(!found, `${String(found)} is not falsy`),
    toBeNull: () => assert.equal(found, null),
    toBeUndefined: () => assert.equal(found, undefined),
    toBeDefined: () => assert.notEqual(found, undefined),
  }
}

/** The suite compares Keyv's bytes, which are Buffers, and objects without looking at prototypes. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : value
}

type Body = (t: { expect: unknown }) => unknown
const vitest = {
  beforeEach,
  afterEach,
  it(name: string, body: Body) {
    it(name, { skip: changed[name] ?? false }, async () => {
      let counted = 0
      let announced: number | undefined
      const counting = Object.assign((found: unknown) => (counted++, expect(found)), { assertions: (count: number) => (announced = count) })
      await body({ expect: counting })
      if (announced !== undefined) assert.equal(counted, announced)
    })
  },
} as unknown as Parameters<typeof keyvTestSuite>[0]

const store = () => new KeyvSqlite(file)
type Suite = (test: typeof vitest, keyv: unknown, store: unknown) => void

describe("Keyv's own suite", () => {
  describe('for its interface', () => (keyvTestSuite as unknown as Suite)(vitest, Keyv, store))
  describe('for iterators', () => (keyvIteratorTests as unknown as Suite)(vitest, Keyv, store))
})

describe('the SQLite store of Keyv', () => {
  it('answers one boolean per deleted key', async () => {
    const keyv = new Keyv({ store: store() })
    await keyv.set('a', 1)
    assert.deepEqual(await keyv.deleteMany(['a', 'b']), [true, false])
    assert.deepEqual(await keyv.delete(['a', 'b']), [false, false])
  })

  it('keeps what another serialization makes', async () => {
    const big = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
    const serialization = { stringify: (value: unknown) => String(JSON.stringify(value, big)), parse: <T>(text: string) => JSON.parse(text) as T }
    const keyv = new Keyv({ store: store(), serialization })
    await keyv.set('big', 9223372036854775807n)
    assert.equal(await keyv.get('big'), '9223372036854775807n')
  })

  it('refuses what is no string, and writes nothing of that call', async () => {
    const direct = store()
    const message = 'keyv-sqlite: the value of "b" is object, expected a string; give Keyv a serialization'
    await assert.rejects(direct.setMany<unknown>([{ key: 'refused', value: 'x' }, { key: 'b', value: {} }]), { name: 'TypeError', message })
    assert.equal(await direct.get('refused'), undefined)
  })

  it('writes and reads many at once, more than one transaction takes', async () => {
    const direct = store()
    const entries = Array.from({ length: 450 }, (_, i) => ({ key: `many:${i}`, value: `v${i}` }))
    await direct.setMany(entries)
    assert.deepEqual(await direct.getMany(['many:449', 'many:x', 'many:0']), ['v449', undefined, 'v0'])
    assert.deepEqual(await direct.hasMany(['many:449', 'many:x']), [true, false])
    direct.namespace = 'none'
    assert.equal(await direct.get('many:0'), undefined)
  })

  it('has an entry no longer from its expiry on, and removes it with later writes', async () => {
    const direct = store()
    const count = async () => {
      const { DatabaseSync } = await import('node:sqlite')
      const db = new DatabaseSync(file, { readOnly: true })
      const row = db.prepare("select count(*) as n from keyv where key = 'old'").get()
      db.close()
      return row?.['n']
    }
    await direct.set('old', 'x', Date.now() - 1)
    assert.equal(await direct.get('old'), undefined)
    assert.deepEqual(await direct.getMany(['old']), [undefined])
    assert.equal(await direct.has('old'), false)
    assert.deepEqual((await direct.list('old', undefined, 10)), [])
    for await (const [key] of direct.iterator()) assert.notEqual(key, 'old')
    await direct.set('new', 'y')
    assert.equal(await count(), 0)
  })

  it('iterates over entries that are removed and added meanwhile', async () => {
    const direct = store()
    direct.namespace = 'walk'
    await direct.setMany(Array.from({ length: 250 }, (_, i) => ({ key: String(i).padStart(3, '0'), value: 'x' })))
    const seen: string[] = []
    for await (const [key] of direct.iterator<string>()) {
      seen.push(String(key))
      await direct.delete(String(key))
    }
    assert.equal(new Set(seen).size, 250)
    await direct.clear()
  })

  it('is shared: what one connection wrote, another reads', async () => {
    const one = store()
    const other = store()
    await one.set('shared', 'first')
    assert.equal(await other.get('shared'), 'first')
    await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : other).set(`both:${i}`, String(i))))
    assert.equal((await one.list('both:', undefined, 100)).length, 50)
    await one.disconnect()
    await other.disconnect()
    assert.equal(await one.get('shared'), 'first')
  })

  it('tells Keyv about a file it cannot open', async () => {
    const keyv = new Keyv({ store: new KeyvSqlite(join(folder, 'absent/keyv.sqlite')) })
    await assert.rejects(keyv.get('a'), /absent\/keyv\.sqlite cannot be opened as a database/)
    await assert.rejects(keyv.set('a', 1), /absent\/keyv\.sqlite cannot be opened as a database/)
  })
})
