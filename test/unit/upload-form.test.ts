import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { hashUpload, readUpload, writeUpload, type UploadForm } from '../../src/runtimes/node/code/upload-form.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const form: UploadForm = {
  main: 'main.js',
  modules: new Map([['main.js', bytes('export default {}')], ['data/é.txt', bytes('naïve')], ['a.wasm', Uint8Array.of(0, 97, 115, 109, 255)]]),
  config: { routes: ['/x'], memory: 64 },
  assets: new Map([['img/logo.png', Uint8Array.of(0, 255, 128)]]),
}
const body = JSON.parse(writeUpload(form)) as Record<string, unknown>
const withBody = (changes: Record<string, unknown>) => () => readUpload(JSON.stringify({ ...body, ...changes }))
const withModule = (path: string, source: unknown = '') => withBody({ modules: { 'main.js': '', [path]: source } })

describe('the form of an upload', () => {
  test('what is written is read back, byte by byte, under the same hash', () => {
    const read = readUpload(JSON.stringify(body))
    assert.equal(read.sha256, hashUpload(form))
    const plain = ({ modules, assets, ...rest }: UploadForm) => ({ ...rest, modules: hex(modules), assets: hex(assets) })
    assert.deepEqual(plain(read.form), plain(form))
  })

  test('the hash is that of the entries, sorted by their names, each as name NUL length NUL bytes', () => {
    const hash = createHash('sha256')
    hash.update('asset:img/logo.png\0' + '3\0').update(Uint8Array.of(0, 255, 128))
    const config = '{"routes":["/x"],"memory":64}'
    hash.update(`config\0${config.length}\0${config}`)
    hash.update('main\0' + '7\0main.js')
    hash.update('module:a.wasm\0' + '5\0').update(Uint8Array.of(0, 97, 115, 109, 255))
    hash.update('module:data/é.txt\0' + '6\0naïve')
    hash.update('module:main.js\0' + '17\0export default {}')
    assert.equal(hashUpload(form), hash.digest('hex'))
  })

  test('the order of the files does not matter, every byte and name does', () => {
    const turned = { ...form, modules: new Map([...form.modules].reverse()) }
    assert.equal(hashUpload(turned), hashUpload(form))
    const others: UploadForm[] = [
      { ...form, main: 'other.js' },
      { ...form, config: undefined },
      { ...form, config: { routes: ['/y'], memory: 64 } },
      { ...form, assets: new Map() },
      { ...form, modules: new Map([...form.modules, ['main.js', bytes('export default { }')]]) },
      { ...form, modules: new Map([...form.modules, ['img/logo.png', Uint8Array.of(0, 255, 128)]]), assets: new Map() },
    ]
    assert.equal(new Set([form, ...others].map(hashUpload)).size, others.length + 1)
  })

  test('a body that was changed on its way is refused, with both hashes', () => {
    assert.throws(withBody({ modules: { ...(body['modules'] as object), 'main.js': 'export default { }' } }), (error: Error & { code: string }) =>
      error.code === 'revision_refused' && error.message.includes(String(body['sha256'])) && error.message.includes('changed on its way'))
  })

  test('paths stay inside and are plain', () => {
    const bad = ['../up.js', 'a/../../up.js', '/etc/passwd.js', 'a//b.js', './a.js', 'a/./b.js', 'a\\b.js', 'nul\0.js', 'line\n.js', '', 'dir/', '..', `${'x'.repeat(260)}.js`, `${'d/'.repeat(600)}x.js`]
    for (const path of bad) {
      assert.throws(withModule(path), { code: 'bad_request' }, JSON.stringify(path))
      assert.throws(withBody({ assets: { [path]: '' } }), { code: 'bad_request' }, JSON.stringify(path))
    }
    assert.throws(withModule('x/package.json', '{}'), { code: 'bad_request' })
    assert.throws(withModule('main.js/inner.js'), { code: 'bad_request' })
  })

  test('every problem is told at once, named by its field', () => {
    assert.throws(
      withBody({ main: 'none.js', modules: { 'a.ts': '', 'b.wasm': '%%', 'c.js': 5 }, assets: { x: 'a' }, config: [], sha256: 'ABC', extra: 1 }),
      ({ code, message }: Error & { code: string }) => {
        assert.equal(code, 'bad_request')
        for (const part of [/^extra: /m, /^modules: .*a\.ts/m, /^modules\["b\.wasm"\]: expected base64/m, /^modules\["c\.js"\]: expected text, found 5/m, /^assets\["x"\]/m, /^main: .*none\.js/m, /^config: .*\[\]/m, /^sha256: .*ABC/m]) {
          assert.match(message, part)
        }
        return true
      },
    )
  })

  test('what is no upload at all is refused', () => {
    for (const text of ['', 'null', '[]', '5', '{', '{}', '{"modules":[]}', '{"__proto__":{"main":"x.js"}}']) assert.throws(() => readUpload(text), { code: 'bad_request' }, text)
    assert.throws(withBody({ modules: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`m${n}.js`, ''])) }), /at most 200/)
  })
})

function hex(files: UploadForm['modules']): string[][] {
  return [...files].map(([path, content]) => [path, Buffer.from(content).toString('hex')])
}
