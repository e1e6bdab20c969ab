import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { decodeBytes, decodeDocument } from '../../functions/_news/decode.ts'
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

  test('that declares nothing is read by its letters, and as Western where accents stand alone', () => {
    const cases: [string, string, string][] = [
      ['windows-1251', 'Сегодня в Москве открылся новый музей, вход свободный', 'd1e5e3eee4edff20e220cceef1eae2e520eef2eaf0fbebf1ff20edeee2fbe920ecf3e7e5e92c20e2f5eee420f1e2eee1eee4edfbe9'],
      ['koi8-r', 'Сегодня в Москве открылся новый музей, вход свободный', 'f3c5c7cfc4ced120d720edcfd3cbd7c520cfd4cbd2d9ccd3d120cecfd7d9ca20cdd5dac5ca2c20d7c8cfc420d3d7cfc2cfc4ced9ca'],
      ['windows-1253', 'Σήμερα στην Αθήνα άνοιξε ένα νέο μουσείο με έργα ζωγράφων', 'd3deece5f1e120f3f4e7ed20c1e8deede120dcedefe9eee520ddede120edddef20eceff5f3e5dfef20ece520ddf1e3e120e6f9e3f1dcf6f9ed'],
      ['windows-1255', 'היום נפתח בירושלים מוזיאון חדש ובו ציורים של אמנים', 'e4e9e5ed20f0f4fae720e1e9f8e5f9ece9ed20eee5e6e9e0e5ef20e7e3f920e5e1e520f6e9e5f8e9ed20f9ec20e0eef0e9ed'],
      ['windows-1256', 'افتتح اليوم في القاهرة متحف جديد يضم لوحات لفنانين', 'c7ddcacacd20c7e1ede6e320dded20c7e1dec7e5d1c920e3cacddd20cccfedcf20edd6e320e1e6cdc7ca20e1dde4c7e4ede4'],
      ['euc-jp', '今日、東京で新しい美術館が開館しました。', 'baa3c6fca1a2c5ecb5fea4c7bfb7a4b7a4a4c8febdd1b4dba4acb3abb4dba4b7a4dea4b7a4bfa1a3'],
      ['shift_jis', '今日、東京で新しい美術館が開館しました。', '8da193fa8141938c8b9e82c5905682b582a294fc8f708ad982aa8a4a8ad982b582dc82b582bd8142'],
      ['euc-kr', '오늘 서울에서 새로운 미술관이 문을 열었습니다', 'bfc0b4c320bcadbfefbfa1bcad20bbf5b7cebfee20b9ccbcfab0fcc0cc20b9aec0bb20bfadbefabdc0b4cfb4d9'],
      ['gb18030', '今天北京新开了一家美术馆，所有的人都可以来参观，我们也来了', 'bdf1ccecb1b1bea9d0c2bfaac1cbd2bbbcd2c3c0caf5b9dda3accbf9d3d0b5c4c8cbb6bcbfc9d2d4c0b4b2ceb9dba3acced2c3c7d2b2c0b4c1cb'],
      ['big5', '今天臺北新開了一家美術館，所有的人都可以來參觀，我們也來了', 'a4b5a4d1bb4fa55fb773b67da446a440ae61acfcb34ec05da141a9d2a6b3aabaa448b3a3a569a548a8d3b0d1c65ba141a7daadcca45da8d3a446'],
      ['windows-874', 'วันนี้มีการเปิดพิพิธภัณฑ์แห่งใหม่ในกรุงเทพ', 'c7d1b9b9d5e9c1d5a1d2c3e0bbd4b4bed4bed4b8c0d1b3b1ece1cbe8a7e3cbc1e8e3b9a1c3d8a7e0b7be'],
    ]
    for (const [encoding, words, hex] of cases) {
      const found = decodeBytes(Buffer.concat([Buffer.from('<a>'), Buffer.from(hex, 'hex'), Buffer.from('</a>')]), null)
      assert.deepEqual(found, { text: `<a>${words}</a>`, encoding })
    }
    const western = decodeBytes(Buffer.from('<a>Heute öffnete in München ein Museum über Österreich, natürlich für alle Bürger geöffnet, Größe: fünf Räume</a>', 'latin1'), null)
    assert.deepEqual([western.encoding, western.text.slice(3, 16)], ['windows-1252', 'Heute öffnete'])
    const wide = Buffer.from('<rss><channel><title>Žluť</title></channel></rss>', 'utf16le')
    assert.equal(decodeBytes(wide, null).encoding, 'utf-16le')
    assert.equal(decodeBytes(wide.swap16(), null).encoding, 'utf-16be')
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
