import assert from 'node:assert/strict'
import type { KVNamespace } from '@cloudflare/workers-types'

const seconds = () => Math.floor(Date.now() / 1000)
const bytes = (buffer: ArrayBuffer | null) => (buffer === null ? null : [...new Uint8Array(buffer)])
const big = 25 * 1024 * 1024

/** What any KV namespace does, by rule. Each rule gets an empty namespace or keeps to its own prefix. */
export const kvRules: Record<string, (kv: KVNamespace) => Promise<void>> = {
  'an absent key is null': async (kv) => {
    assert.equal(await kv.get('absent'), null)
    assert.equal(await kv.get('absent', 'json'), null)
    assert.equal(await kv.get('absent', 'stream'), null)
    assert.deepEqual(await kv.getWithMetadata('absent'), { value: null, metadata: null, cacheStatus: null })
  },
  'a value comes back as text, JSON, bytes and stream': async (kv) => {
    await kv.put('types', '{"a":"é"}')
    assert.equal(await kv.get('types'), '{"a":"é"}')
    assert.equal(await kv.get('types', 'text'), '{"a":"é"}')
    assert.deepEqual(await kv.get('types', 'json'), { a: 'é' })
    assert.deepEqual(await kv.get('types', { type: 'json' }), { a: 'é' })
    assert.deepEqual(bytes(await kv.get('types', 'arrayBuffer')), [...new TextEncoder().encode('{"a":"é"}')])
    const stream = await kv.get('types', 'stream')
    assert.ok(stream instanceof ReadableStream)
    assert.equal(await new Response(stream as unknown as globalThis.ReadableStream).text(), '{"a":"é"}')
  },
  'a later value replaces the earlier with its metadata and expiry': async (kv) => {
    await kv.put('twice', 'one', { metadata: { n: 1 }, expirationTtl: 100 })
    await kv.put('twice', 'two')
    assert.deepEqual(await kv.getWithMetadata('twice'), { value: 'two', metadata: null, cacheStatus: null })
    assert.deepEqual((await kv.list({ prefix: 'twice' })).keys, [{ name: 'twice' }])
  },
  'an empty value is a value': async (kv) => {
    await kv.put('empty', '')
    assert.equal(await kv.get('empty'), '')
    assert.deepEqual(bytes(await kv.get('empty', 'arrayBuffer')), [])
    await assert.rejects(kv.get('empty', 'json'), SyntaxError)
  },
  'bytes come back unchanged, and as text with replacement characters': async (kv) => {
    await kv.put('bytes', new Uint8Array([255, 254, 0, 65, 10]))
    assert.deepEqual(bytes(await kv.get('bytes', 'arrayBuffer')), [255, 254, 0, 65, 10])
    assert.equal(await kv.get('bytes'), '\ufffd\ufffd\0A\n')
    await kv.put('bytes', new Uint8Array([1, 2, 3]).buffer)
    assert.deepEqual(bytes(await kv.get('bytes', 'arrayBuffer')), [1, 2, 3])
  },
  'a view stores its own part of the buffer': async (kv) => {
    await kv.put('view', new Uint16Array([1, 2, 3]).subarray(1, 2))
    assert.deepEqual(bytes(await kv.get('view', 'arrayBuffer')), [2, 0])
  },
  'zero bytes, line ends and byte order marks survive in text': async (kv) => {
    for (const text of ['a\0b', '\n', 'first\nsecond\r\n', '\ufeffmarked', ':base64:eA==', '{"encoding":"text"}\nx', '😀']) {
      await kv.put('odd', text)
      assert.equal(await kv.get('odd'), text)
    }
  },
  'a stream is stored to its end': async (kv) => {
    await kv.put('stream', new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array([104, 105]))
        controller.enqueue(new Uint8Array([33]))
        controller.close()
      },
    }) as unknown as ReadableStream & Parameters<KVNamespace['put']>[1])
    assert.equal(await kv.get('stream'), 'hi!')
  },
  'a stream that fails fails the put with its own error': async (kv) => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('torn')) })
    await assert.rejects(kv.put('torn', broken as unknown as Parameters<KVNamespace['put']>[1]), /torn/)
  },
  'values of other types are refused or converted': async (kv) => {
    const odd = kv as unknown as { put(key: unknown, value?: unknown): Promise<void> }
    const refused = { name: 'TypeError', message: 'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.' }
    await assert.rejects(odd.put('odd-type', { a: 1 }), refused)
    await assert.rejects(odd.put('odd-type', new Date(0)), refused)
    await assert.rejects(odd.put('odd-type', new Blob(['x'])), refused)
    await assert.rejects(odd.put('odd-type'), { name: 'TypeError', message: /parameter 2 is not of type 'string or Object'/ })
    assert.equal(await kv.get('odd-type'), null)
    await odd.put('odd-type', 5)
    assert.equal(await kv.get('odd-type'), '5')
    await odd.put(7, true)
    assert.equal(await kv.get('7'), 'true')
  },
  'an unknown type is refused when there is a value': async (kv) => {
    const odd = kv as unknown as { get(key: string, type: string): Promise<unknown> }
    assert.equal(await odd.get('no-such', 'blob'), null)
    await kv.put('known', 'x')
    await assert.rejects(odd.get('known', 'blob'), {
      name: 'TypeError', message: 'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
    })
  },
  'text that is no JSON is a SyntaxError': async (kv) => {
    await kv.put('no-json', '{a')
    await assert.rejects(kv.get('no-json', 'json'), SyntaxError)
  },
  'empty and dotted keys are refused': async (kv) => {
    const uses = [async () => kv.get(''), async () => kv.getWithMetadata(''), async () => kv.put('', 'x'), async () => kv.delete('')]
    for (const use of uses) {
      await assert.rejects(use(), { name: 'TypeError', message: 'Key name cannot be empty.' })
    }
    await assert.rejects(kv.get('.'), { name: 'TypeError', message: '"." is not allowed as a key name.' })
    await assert.rejects(kv.put('..', 'x'), { name: 'TypeError', message: '".." is not allowed as a key name.' })
  },
  'a key has at most 512 bytes': async (kv) => {
    await kv.put('k'.repeat(512), 'long')
    assert.equal(await kv.get('k'.repeat(512)), 'long')
    await kv.delete('k'.repeat(512))
    await assert.rejects(kv.get('k'.repeat(513)), { message: 'KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.' })
    await assert.rejects(kv.put('é'.repeat(257), 'x'), { message: 'KV PUT failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512.' })
    await assert.rejects(kv.delete('k'.repeat(513)), { message: /^KV DELETE failed: 414 / })
    await assert.rejects(kv.list({ prefix: 'k'.repeat(513) }), { message: /^KV GET failed: 414 / })
  },
  'a value has at most 25 MiB': async (kv) => {
    const message = `KV PUT failed: 413 Value length of ${big + 1} exceeds limit of ${big}.`
    await assert.rejects(kv.put('big', 'x'.repeat(big + 1)), { message })
    await assert.rejects(kv.put('big', new Uint8Array(big + 1)), { message })
    assert.equal(await kv.get('big'), null)
    await kv.put('big', 'x'.repeat(big))
    assert.equal((await kv.get('big'))?.length, big)
    await kv.delete('big')
  },
  'expirationTtl counts from now, whole seconds, and outweighs expiration': async (kv) => {
    await kv.put('ttl', 'x', { expirationTtl: 100, expiration: seconds() + 5000 })
    const near = async (expected: number) => {
      const expiration = (await kv.list({ prefix: 'ttl' })).keys[0]?.expiration ?? 0
      assert.ok(Math.abs(expiration - expected) <= 2, `${expiration} is not near ${expected}`)
    }
    await near(seconds() + 100)
    await kv.put('ttl', 'x', { expirationTtl: 60.9 })
    await near(seconds() + 60)
    await kv.put('ttl', 'x', { expiration: seconds() + 5000 })
    await near(seconds() + 5000)
  },
  'an expiry less than 60 seconds away is refused': async (kv) => {
    const put = (options: object) => kv.put('near', 'x', options)
    await assert.rejects(put({ expirationTtl: 59 }), { message: 'KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.' })
    for (const ttl of [0, -5]) {
      await assert.rejects(put({ expirationTtl: ttl }),
        { message: `KV PUT failed: 400 Invalid expiration_ttl of ${ttl}. Please specify integer greater than 0.` })
    }
    await assert.rejects(put({ expirationTtl: NaN }), { message: /Invalid expiration_ttl of 0\./ })
    await assert.rejects(put({ expiration: 1 }), { message: /^KV PUT failed: 400 Invalid expiration of 1\. Please specify integer greater than the current/ })
    await assert.rejects(put({ expiration: seconds() + 30 }), { message: /Expiration times must be at least 60 seconds in the future\.$/ })
    assert.equal(await kv.get('near'), null)
  },
  'metadata is kept as JSON, at most 1024 bytes of it': async (kv) => {
    await kv.put('meta', 'x', { metadata: { a: [1, 'é'], gone: undefined, at: new Date(0) } })
    const metadata = { a: [1, 'é'], at: '1970-01-01T00:00:00.000Z' }
    assert.deepEqual(await kv.getWithMetadata('meta'), { value: 'x', metadata, cacheStatus: null })
    assert.deepEqual((await kv.list({ prefix: 'meta' })).keys, [{ name: 'meta', metadata }])
    await kv.put('meta', 'x', { metadata: 'm'.repeat(1022) })
    await assert.rejects(kv.put('meta', 'x', { metadata: 'm'.repeat(1023) }), { message: 'KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.' })
    await assert.rejects(kv.put('meta', 'x', { metadata: 5n }), TypeError)
  },
  'metadata null is none': async (kv) => {
    await kv.put('null-meta', 'x', { metadata: null })
    assert.deepEqual((await kv.list({ prefix: 'null-meta' })).keys, [{ name: 'null-meta' }])
    assert.equal((await kv.getWithMetadata('null-meta')).metadata, null)
  },
  'delete removes, and an absent key is no error': async (kv) => {
    await kv.put('deleted', 'x')
    assert.equal(await kv.delete('deleted'), undefined)
    assert.equal(await kv.get('deleted'), null)
    assert.equal(await kv.delete('deleted'), undefined)
  },
  'many keys come back as a Map, each once, in the order asked': async (kv) => {
    await kv.put('b:1', '1', { metadata: { m: 1 } })
    await kv.put('b:2', '{"x":2}')
    assert.deepEqual([...(await kv.get(['b:2', 'b:0', 'b:1', 'b:2']))], [['b:2', '{"x":2}'], ['b:0', null], ['b:1', '1']])
    assert.deepEqual([...(await kv.get(['b:1', 'b:2', 'b:0'], 'json'))], [['b:1', 1], ['b:2', { x: 2 }], ['b:0', null]])
    assert.deepEqual([...(await kv.getWithMetadata(['b:1', 'b:2', 'b:0']))], [
      ['b:1', { value: '1', metadata: { m: 1 } }], ['b:2', { value: '{"x":2}', metadata: null }], ['b:0', null],
    ])
  },
  'a bulk read takes 1 to 100 keys, text or JSON': async (kv) => {
    const odd = kv as unknown as { get(keys: string[], type?: string): Promise<unknown> }
    await kv.put('bulk-text', '{a')
    await assert.rejects(odd.get([]), { message: 'KV GET_BULK failed: 400 You must request a minimum of 1 key' })
    await assert.rejects(odd.get(Array.from({ length: 101 }, (_, i) => `k${i}`)), { message: 'KV GET_BULK failed: 400 You can request a maximum of 100 keys' })
    await assert.rejects(odd.get(['a'], 'arrayBuffer'), { message: 'KV GET_BULK failed: 400 "arrayBuffer" is not a valid type. Use "json" or "text"' })
    await assert.rejects(odd.get(['']), { message: 'KV GET_BULK failed: 400 Key names must not be empty' })
    await assert.rejects(odd.get(['bulk-text'], 'json'),
      { message: 'KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value' })
    assert.equal((await kv.get(Array.from({ length: 100 }, (_, i) => `k${i}`))).size, 100)
  },
  'a list is in the order of UTF-8 bytes, with expiry and metadata': async (kv) => {
    for (const name of ['l:é', 'l:b', 'l:\u{1f600}', 'l:\uffee', 'l:', 'l:a', 'L:', 'm']) await kv.put(name, 'x', { metadata: name })
    assert.deepEqual(await kv.list({ prefix: 'l:' }), {
      keys: ['l:', 'l:a', 'l:b', 'l:é', 'l:\uffee', 'l:\u{1f600}'].map((name) => ({ name, metadata: name })),
      list_complete: true,
      cacheStatus: null,
    })
  },
  'a cursor continues a list to its end': async (kv) => {
    const names = Array.from({ length: 7 }, (_, i) => `c:${i}`)
    for (const name of names) await kv.put(name, 'x')
    const pages: string[][] = []
    let cursor: string | null = null
    for (let page = 0; page < 10; page++) {
      const listed: Awaited<ReturnType<typeof kv.list>> = await kv.list({ prefix: 'c:', limit: 3, cursor })
      pages.push(listed.keys.map(({ name }) => name))
      if (listed.list_complete) break
      cursor = listed.cursor
    }
    assert.deepEqual(pages, [names.slice(0, 3), names.slice(3, 6), names.slice(6)])
    const exact = await kv.list({ prefix: 'c:', limit: 7 })
    assert.equal(exact.list_complete, true)
    assert.equal('cursor' in exact, false)
  },
  'a prefix is text, not a pattern': async (kv) => {
    await kv.put('p%_*', 'x')
    await kv.put('pxxx', 'x')
    assert.deepEqual((await kv.list({ prefix: 'p%' })).keys, [{ name: 'p%_*' }])
    assert.deepEqual((await kv.list({ prefix: 'nothing begins so' })), { keys: [], list_complete: true, cacheStatus: null })
  },
  'a list has at most 1000 keys': async (kv) => {
    await assert.rejects(kv.list({ limit: 1001 }), { message: 'KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.' })
    assert.ok((await kv.list({ limit: 1000 })).keys.length > 0)
    assert.ok((await kv.list({ limit: 0 })).keys.length > 1)
    assert.equal((await kv.list({ limit: 1.5 })).keys.length, 1)
  },
  'cacheTtl is at least 30 seconds': async (kv) => {
    await kv.put('cached', 'x')
    assert.equal(await kv.get('cached', { cacheTtl: 30 }), 'x')
    await assert.rejects(kv.get('cached', { cacheTtl: 10 }), { message: 'KV GET failed: 400 Invalid cache_ttl of 10. Cache TTL must be at least 30.' })
  },
}
