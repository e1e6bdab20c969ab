import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { decodeDocument } from '../../functions/_news/decode.ts'
import { parseFeed } from '../../functions/_news/feed.ts'
import { plainText } from '../../functions/_news/text.ts'

const folder = join(import.meta.dirname, '../../fixtures/feeds')

describe('a feed of any format', () => {
  const names = readdirSync(folder)
  const documents = names.filter((name) => !/^[a-z]+\.json$/.test(name) && !name.endsWith('.html'))
  assert.ok(documents.length >= 5)
  for (const name of documents) {
    test(`${name} is read as its pair says`, async () => {
      const expected: unknown = JSON.parse(readFileSync(join(folder, `${name.split('.')[0]}.json`), 'utf8'))
      const text = decodeDocument(readFileSync(join(folder, name)), null)
      assert.deepEqual(await parseFeed(text, 'https://feeds.example.com/x.xml'), expected)
    })
  }

  test('a web page is called one', async () => {
    const page = readFileSync(join(folder, 'page.html'), 'utf8')
    await assert.rejects(parseFeed(page, 'https://feeds.example.com/'), /parser: a web page, not a feed/)
  })

  test('what is no feed is refused with words', async () => {
    await assert.rejects(parseFeed('  ', 'https://x.example/'), /parser: the document is empty/)
    await assert.rejects(parseFeed('{"a":', 'https://x.example/'), /parser: the JSON is malformed/)
    await assert.rejects(parseFeed('{"a":1}', 'https://x.example/'), /not a JSON Feed/)
    await assert.rejects(parseFeed('<note><to>you</to></note>', 'https://x.example/'), /parser: neither RSS, Atom nor JSON Feed/)
  })
})

describe('the text of a document', () => {
  const xml = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?><a>é</a>`
  test('is decoded by byte order mark, header, declaration, in this order', () => {
    const utf16 = Buffer.from(`\ufeff${xml('utf-16')}`, 'utf16le')
    assert.equal(decodeDocument(utf16, 'text/xml; charset=iso-8859-1'), xml('utf-16'))
    assert.equal(decodeDocument(Buffer.from(xml('utf-8'), 'latin1'), 'text/xml; charset=iso-8859-1'), xml('utf-8'))
    assert.equal(decodeDocument(Buffer.from(xml('iso-8859-1'), 'latin1'), 'text/xml'), xml('iso-8859-1'))
    assert.equal(decodeDocument(Buffer.from(xml('utf-8')), null), xml('utf-8'))
  })

  test('that is not what it declares is read as Windows-1252', () => {
    assert.equal(decodeDocument(Buffer.from(xml('utf-8'), 'latin1'), null), xml('utf-8'))
    assert.equal(decodeDocument(Buffer.from(xml('utf-16')), null), xml('utf-16'))
  })
})

describe('plain text', () => {
  const cases: [string, string][] = [
    ['<p>one</p><p>two</p>', 'one two'],
    ['a<br>b', 'a b'],
    ['if a < b && c > d', 'if a < b && c > d'],
    ['&lt;img src=x onerror=alert(1)&gt;hello', 'hello'],
    ['caf&eacute; &#8212; &#x2014; &#151; &unknown;', 'café — — — &unknown;'],
    ['<style>p{}</style>x<!-- y -->z', 'x z'],
    ['a\u0000b\n\n  c', 'a b c'],
    ['&#0;&#xD800;', '\ufffd\ufffd'],
  ]
  for (const [html, text] of cases) test(`${JSON.stringify(html)} is ${JSON.stringify(text)}`, () => assert.equal(plainText(html), text))

  test('is cut at a word, with an ellipsis', () => {
    assert.equal(plainText('one two three', 10), 'one two…')
    assert.equal(plainText('one two', 7), 'one two')
  })
})
