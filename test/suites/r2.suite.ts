import assert from 'node:assert/strict'
import type { R2Bucket } from '@cloudflare/workers-types'

const text = (value: string) => new TextEncoder().encode(value)
const hex = (bytes: ArrayBuffer | undefined) => [...new Uint8Array(bytes!)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const MIB = 1024 * 1024
/** Fields that are there and undefined are as good as absent. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
/** Bytes that tell where they lie. */
const numbered = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff)
const keys = ({ objects }: { objects: { key: string }[] }) => objects.map(({ key }) => key)

/** What any R2 bucket does, by rule. Each rule keeps to keys of its own. */
export const r2Rules: Record<string, (bucket: R2Bucket) => Promise<void>> = {
  'an absent key is null': async (bucket) => {
    assert.equal(await bucket.head('absent'), null)
    assert.equal(await bucket.get('absent'), null)
    await bucket.delete('absent')
  },
  'what was put comes back as text, JSON, bytes, Blob and stream': async (bucket) => {
    const put = (await bucket.put('types', '{"a":"é"}'))!
    assert.deepEqual([put.key, put.size, put.httpEtag], ['types', 10, `"${put.etag}"`])
    assert.match(put.etag, /^[0-9a-f]{32}$/)
    const get = async () => (await bucket.get('types'))!
    assert.equal(await (await get()).text(), '{"a":"é"}')
    assert.deepEqual(await (await get()).json(), { a: 'é' })
    assert.deepEqual(new Uint8Array(await (await get()).arrayBuffer()), text('{"a":"é"}'))
    assert.equal(await (await (await get()).blob()).text(), '{"a":"é"}')
    assert.equal(await new Response((await get()).body as never).text(), '{"a":"é"}')
    const once = await get()
    await once.text()
    assert.equal(once.bodyUsed, true)
    await assert.rejects(once.text(), TypeError)
  },
  'nothing, an empty text and bytes are objects': async (bucket) => {
    for (const [name, value, size] of [['none', null, 0], ['empty', '', 0], ['bytes', new Uint8Array([255, 0, 10]), 3], ['buffer', new Uint8Array([1]).buffer, 1]] as const) {
      const { size: kept } = (await bucket.put(`values/${name}`, value as never))!
      assert.equal(kept, size, name)
      assert.equal((await (await bucket.get(`values/${name}`))!.arrayBuffer()).byteLength, size, name)
    }
  },
  'a later object takes the place of the earlier with all that was kept with it': async (bucket) => {
    const first = (await bucket.put('twice', 'one', { customMetadata: { n: '1' }, httpMetadata: { contentType: 'text/x-one' } }))!
    const second = (await bucket.put('twice', 'two!'))!
    assert.notEqual(first.version, second.version)
    const head = (await bucket.head('twice'))!
    assert.deepEqual(plain([head.size, head.customMetadata, head.httpMetadata]), [4, {}, {}])
  },
  'metadata is kept and written as headers': async (bucket) => {
    const expiry = new Date(1_900_000_000_000)
    await bucket.put('meta', 'x', {
      httpMetadata: { contentType: 'image/png', contentLanguage: 'de', contentDisposition: 'inline', contentEncoding: 'br', cacheControl: 'max-age=1', cacheExpiry: expiry },
      customMetadata: { who: 'ada', 'Other-Case': 'ä' },
    })
    const head = (await bucket.head('meta'))!
    assert.deepEqual(head.customMetadata, { who: 'ada', 'Other-Case': 'ä' })
    assert.equal(head.httpMetadata!.contentType, 'image/png')
    assert.equal(head.httpMetadata!.cacheExpiry!.getTime(), expiry.getTime())
    const headers = new Headers()
    head.writeHttpMetadata(headers as never)
    assert.deepEqual(
      ['content-type', 'content-language', 'content-disposition', 'content-encoding', 'cache-control', 'expires'].map((name) => headers.get(name)),
      ['image/png', 'de', 'inline', 'br', 'max-age=1', expiry.toUTCString()],
    )
    const from = await bucket.put('meta', 'x', { httpMetadata: new Headers({ 'content-type': 'text/plain', 'x-other': 'no' }) as never })
    assert.deepEqual(plain(from!.httpMetadata), { contentType: 'text/plain' })
    await assert.rejects(bucket.put('meta', 'y', { customMetadata: { long: 'x'.repeat(8193) } }), /10012/)
  },
  'a large object streams back whole, and in ranges': async (bucket) => {
    const whole = numbered(3 * MIB + 17)
    await bucket.put('large', whole)
    const read = async (range?: object) => new Uint8Array(await (await bucket.get('large', range ? { range: range as never } : {}))!.arrayBuffer())
    assert.deepEqual(await read(), whole)
    assert.deepEqual(await read({ offset: MIB - 5, length: 10 }), whole.subarray(MIB - 5, MIB + 5))
    assert.deepEqual(await read({ offset: whole.length - 3 }), whole.subarray(-3))
    assert.deepEqual(await read({ length: 2 }), whole.subarray(0, 2))
    assert.deepEqual(await read({ suffix: 300_000 }), whole.subarray(-300_000))
    assert.deepEqual(await read({ offset: whole.length - 3, length: 100 }), whole.subarray(-3))
    assert.deepEqual(await read(new Headers({ range: 'bytes=10-19' })), whole.subarray(10, 20))
    assert.deepEqual(await read(new Headers({ range: 'bytes=-4' })), whole.subarray(-4))
    const part = (await bucket.get('large', { range: { offset: 5, length: 7 } }))!
    assert.deepEqual(plain([part.size, part.range]), [whole.length, { offset: 5, length: 7 }])
    await part.arrayBuffer()
    await assert.rejects(bucket.get('large', { range: { offset: whole.length + 1 } }), /10039/)
  },
  'conditions are those of R2': async (bucket) => {
    const { etag } = (await bucket.put('if', 'one'))!
    const past = new Date(Date.now() - 60_000)
    const future = new Date(Date.now() + 60_000)
    const holds = async (onlyIf: object) => {
      const got = (await bucket.get('if', { onlyIf: onlyIf as never }))!
      const body = 'body' in got
      if (body) await got.text()
      return body
    }
    assert.deepEqual(
      [
        await holds({ etagMatches: etag }), await holds({ etagMatches: 'other' }), await holds({ etagDoesNotMatch: etag }), await holds({ etagDoesNotMatch: 'other' }),
        await holds({ uploadedBefore: future }), await holds({ uploadedBefore: past }), await holds({ uploadedAfter: past }), await holds({ uploadedAfter: future }),
        await holds(new Headers({ 'if-match': `"${etag}"` })), await holds(new Headers({ 'if-none-match': `"${etag}"` })),
      ],
      [true, false, false, true, true, false, true, false, true, false],
    )
    assert.equal(await bucket.put('if', 'two', { onlyIf: { etagMatches: 'other' } }), null)
    assert.equal(await (await bucket.get('if'))!.text(), 'one')
    assert.equal((await bucket.put('if', 'two', { onlyIf: { etagMatches: etag } }))!.size, 3)
    assert.equal(await (await bucket.get('if'))!.text(), 'two')
  },
  'a checksum that is wrong leaves the object as it was; one that is right is kept': async (bucket) => {
    await bucket.put('sum', 'before')
    const sha256 = await crypto.subtle.digest('SHA-256', text('after'))
    await assert.rejects(bucket.put('sum', 'other', { sha256 }), /10037/)
    assert.equal(await (await bucket.get('sum'))!.text(), 'before')
    const put = (await bucket.put('sum', 'after', { sha256 }))!
    assert.equal(hex(put.checksums.sha256), hex(sha256))
    assert.equal(put.checksums.toJSON().sha256, hex(sha256))
    assert.equal(await (await bucket.get('sum'))!.text(), 'after')
    await assert.rejects(bucket.put('sum', 'x', { sha256, md5: '00000000000000000000000000000000' }), TypeError)
  },
  'a listing is in the order of bytes, in pages': async (bucket) => {
    const names = ['list/a', 'list/B', 'list/b', 'list/ä', 'list/😀', 'list/ ', 'list/b/c']
    for (const name of names) await bucket.put(name, name)
    const bytes = (name: string) => hex(text(name).buffer)
    const ordered = [...names].sort((a, b) => (bytes(a) < bytes(b) ? -1 : 1))
    const whole = await bucket.list({ prefix: 'list/' })
    assert.deepEqual([keys(whole), whole.truncated], [ordered, false])
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await bucket.list({ prefix: 'list/', limit: 2, ...(cursor ? { cursor } : {}) })
      paged.push(...keys(page))
      cursor = page.truncated ? page.cursor : undefined
    } while (cursor)
    assert.deepEqual(paged, ordered)
    assert.deepEqual(keys(await bucket.list({ prefix: 'list/', startAfter: ordered[2]! })), ordered.slice(3))
    await assert.rejects(bucket.list({ limit: 1001 }), /10022/)
  },
  'a delimiter tells groups once': async (bucket) => {
    for (const name of ['dir/a/1', 'dir/a/2', 'dir/b', 'dir/c/1/x', 'dir/c/2', 'dir/d']) await bucket.put(name, '')
    const page = await bucket.list({ prefix: 'dir/', delimiter: '/' })
    assert.deepEqual([keys(page), page.delimitedPrefixes], [['dir/b', 'dir/d'], ['dir/a/', 'dir/c/']])
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const part = await bucket.list({ prefix: 'dir/', delimiter: '/', limit: 1, ...(cursor ? { cursor } : {}) })
      seen.push(...keys(part), ...part.delimitedPrefixes)
      cursor = part.truncated ? part.cursor : undefined
    } while (cursor)
    assert.deepEqual(seen.sort(), ['dir/a/', 'dir/b', 'dir/c/', 'dir/d'])
  },
  'metadata is listed when it is asked for': async (bucket) => {
    await bucket.put('include', '', { customMetadata: { n: '1' }, httpMetadata: { contentType: 'a/b' } })
    const [object] = (await bucket.list({ prefix: 'include', include: ['customMetadata', 'httpMetadata'] } as never)).objects
    assert.deepEqual(plain([object!.customMetadata, object!.httpMetadata]), [{ n: '1' }, { contentType: 'a/b' }])
  },
  'many keys are deleted at once, absent ones too': async (bucket) => {
    for (const name of ['gone/1', 'gone/2', 'kept/1']) await bucket.put(name, '')
    await bucket.delete(['gone/1', 'gone/2', 'gone/3'])
    assert.deepEqual([keys(await bucket.list({ prefix: 'gone/' })), keys(await bucket.list({ prefix: 'kept/' }))], [[], ['kept/1']])
  },
  'keys are data': async (bucket) => {
    const nasty = ['../../etc/passwd', '/absolute', 'a//b', '.', 'con', 'CASE/x', 'case/x', 'with space%20?#', 'ünï', 'x'.repeat(1024), 'line\nbreak', '\u0000nul']
    for (const key of nasty) await bucket.put(`nasty/${key}`.slice(0, 1024), key)
    for (const key of nasty) assert.equal(await (await bucket.get(`nasty/${key}`.slice(0, 1024)))!.text(), key)
    await assert.rejects(bucket.put('x'.repeat(4096), ''), /10020/)
  },
  'parts make an object when they are completed, and not before': async (bucket) => {
    const upload = await bucket.createMultipartUpload('parts', { customMetadata: { n: '1' } })
    const first = numbered(5 * MIB)
    const end = await upload.uploadPart(2, 'the end')
    const tags = [await bucket.resumeMultipartUpload('parts', upload.uploadId).uploadPart(1, first), end]
    assert.equal(await bucket.head('parts'), null)
    const object = await upload.complete(tags)
    assert.deepEqual([object.size, object.customMetadata], [5 * MIB + 7, { n: '1' }])
    assert.match(object.etag, /^[0-9a-f]{32}-2$/)
    const content = new Uint8Array(await (await bucket.get('parts'))!.arrayBuffer())
    assert.deepEqual([content.length, content.subarray(0, 9), new TextDecoder().decode(content.subarray(5 * MIB))], [5 * MIB + 7, first.subarray(0, 9), 'the end'])
    assert.equal(await (await bucket.get('parts', { range: { offset: 5 * MIB - 1, length: 4 } }))!.arrayBuffer().then((bytes) => bytes.byteLength), 4)
    await assert.rejects(upload.complete(tags))
  },
  'parts that are missing or too small, and uploads that are over, are refused': async (bucket) => {
    const upload = await bucket.createMultipartUpload('refused')
    const small = await upload.uploadPart(1, 'small')
    const last = await upload.uploadPart(2, 'last')
    await assert.rejects(upload.complete([small, last]), /10011/)
    await assert.rejects(upload.complete([small, { partNumber: 3, etag: small.etag }]), /10025/)
    await upload.abort()
    await assert.rejects(upload.uploadPart(3, 'late'))
    assert.equal(await bucket.head('refused'), null)
  },
}
