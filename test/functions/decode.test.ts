import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeBytes } from '../../functions/_news/decode.ts'

const bytes = (text: string, encoding: BufferEncoding = 'utf8'): Uint8Array => new Uint8Array(Buffer.from(text, encoding))
const utf16be = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le').swap16())
const feed = '<rss><title>Größte Übung für Bürger</title></rss>'

test('UTF-8 with a few broken signs stays UTF-8, and so does one that is cut off within a sign', () => {
  const broken = new Uint8Array(Buffer.concat([bytes(feed), Buffer.from([0x92]), bytes(feed)]))
  for (const contentType of [null, 'text/xml; charset=utf-8']) {
    assert.deepEqual(decodeBytes(broken, contentType), { text: `${feed}\ufffd${feed}`, encoding: 'utf-8' })
    assert.deepEqual(decodeBytes(bytes(feed).subarray(0, 15), contentType), { text: '<rss><title>Gr', encoding: 'utf-8' })
  }
})

test('text of Windows that is called UTF-8 is read as what it is', () => {
  assert.equal(decodeBytes(bytes('<rss><title>it\u0092s \u00e9t\u00e9, na\u00efve caf\u00e9</title></rss>', 'latin1'), 'text/xml; charset=utf-8').text, '<rss><title>it’s été, naïve café</title></rss>')
})

test("a server's default charset does not make UTF-8 Western; another one counts", () => {
  assert.equal(decodeBytes(bytes(feed), 'text/xml; charset=ISO-8859-1').text, feed)
  assert.equal(decodeBytes(bytes(feed, 'latin1'), 'text/xml; charset=ISO-8859-1').text, feed)
  assert.equal(decodeBytes(new Uint8Array([0xcd, 0xcf]), 'text/xml; charset=koi8-r').text, 'мо')
})

test('UTF-16 without a mark is known by what a document begins with', () => {
  for (const text of [feed, `\n${feed}`, '{"title":"Größe"}', `<?xml version="1.0" encoding="utf-8"?>${feed}`]) {
    assert.deepEqual(decodeBytes(bytes(text, 'utf16le'), null), { text, encoding: 'utf-16le' })
    assert.deepEqual(decodeBytes(utf16be(text), 'application/xml; charset=utf-8'), { text, encoding: 'utf-16be' })
  }
})

test('Japanese in seven bits is known by its shifts, whatever it is called', () => {
  const shifted = Buffer.concat([bytes('<?xml version="1.0" encoding="utf-8"?><rss><title>'), Buffer.from('1b2442467c4b5c1b2842', 'hex'), bytes('</title></rss>')])
  assert.match(decodeBytes(new Uint8Array(shifted), null).text, /<title>日本<\/title>/)
})
