import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { isActive } from '../../bench/eval/active-content.ts'
import { parseFeed, readFeed } from '../../functions/_news/feed.ts'
import { dateOf } from '../../functions/_news/parsing/date.ts'
import { readDocument } from '../../functions/_news/parsing/document.ts'
import { sanitized } from '../../functions/_news/parsing/sanitize.ts'
import { plainText } from '../../functions/_news/text.ts'

const address = 'https://feeds.example.com/x.xml'
const rss = (items: string, before = ''): string => `${before}<rss version="2.0"><channel><title>t</title>${items}</channel></rss>`
const item = (inside: string): string => rss(`<item><title>a</title><link>https://a.example/1</link>${inside}</item>`)
const escaped = (html: string): string => html.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

describe('a date of a feed', () => {
  const noon = Date.UTC(2026, 10, 3, 12)
  const forms: [string, number | null][] = [
    ['Tue, 03 Nov 2026 12:00:00 GMT', noon],
    ['Tue, 3 Nov 2026 13:00:00 +0100', noon],
    ['3 Nov 26 07:00 EST', noon],
    ['Tuesday, 3 November 2026, 12:00 UTC', noon],
    ['Tue Nov 03 12:00:00 UTC 2026', noon],
    ['Tue Nov  3 12:00:00 2026', noon],
    ['November 3, 2026 12:00 PM', noon],
    ['Nov 3, 2026 4:00 AM PST', noon],
    ['2026-11-03T12:00:00Z', noon],
    ['2026-11-03T12:00:00.000+00:00', noon],
    ['2026-11-03T14:00+02:00', noon],
    ['2026-11-03 12:00:00 +0000', noon],
    ['2026-11-03 12:00:00', noon],
    ['2026/11/03 12:00', noon],
    ['20261103T120000Z', noon],
    ['20261103', noon - 12 * 3_600_000],
    ['2026-307T12:00:00Z', noon],
    ['2026-11', Date.UTC(2026, 10, 1)],
    ['2026', Date.UTC(2026, 0, 1)],
    ['03.11.2026 12:00', noon],
    ['11/03/2026 12:00', noon],
    ['Di, 03 November 2026 13:00:00 MEZ', noon],
    ['mar., 03 nov. 2026 12:00:00 +0000', noon],
    ['3 de noviembre de 2026 12:00', noon],
    ['1793707200', noon],
    ['1793707200000', noon],
    ['Вт, 03 ноя 2026 15:00:00 +0300', noon],
    ['3 ноября 2026 12:00', noon],
    ['3 listopada 2026 12:00', noon],
    ['3. července 2026', Date.UTC(2026, 6, 3)],
    ['3 marraskuuta 2026 klo 12.00', noon],
    ['Τρι, 03 Νοέ 2026 12:00:00', noon],
    ['2026. november 3. 12:00', noon],
    ['2026-Nov-03 12:00', noon],
    ['2026年11月3日 12:00', noon],
    ['2026년 11월 3일 오후 9:00', noon],
    ['Tue, 03 Nov 2026 20:00:00 SGT', noon],
    ['2026-11-03T07:00:00\u221205:00', noon],
    ['2026-W45-2', noon - 12 * 3_600_000],
    ['26-11-03', noon - 12 * 3_600_000],
    ['/Date(1793707200000)/', noon],
    ['next Tuesday, perhaps', null],
    ['Tue, 31 Foo 2026 12:00:00 GMT', null],
    ['2026-13-40T12:00:00Z', null],
    ['', null],
    ['1 '.repeat(200_000), null],
  ]
  for (const [text, at] of forms) test(`${JSON.stringify(text.slice(0, 40))} is ${at === null ? 'none' : new Date(at).toISOString()}`, () => assert.equal(dateOf(text), at))
})

describe('a document that means harm', { timeout: 120_000 }, () => {
  const laughs = [...Array(9).keys()].map((level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`).join('')
  const refused: [string, string, RegExp][] = [
    ['entities of entities', rss('<item><title>&l9;</title></item>', `<!DOCTYPE rss [<!ENTITY l0 "lol">${laughs}]>`), /^parser: the document's entity "l1" holds other entities/],
    ['an entity that is long', rss('<item><title>&a;</title></item>', `<!DOCTYPE rss [<!ENTITY a "${'x'.repeat(20_000)}">]>`), /^parser: the document's entity "a" is longer than 1000/],
    ['an external entity', rss('<item><title>&x;</title></item>', '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), /external entities are refused/],
    ['an external parameter entity', rss('', '<!DOCTYPE rss [<!ENTITY % x SYSTEM "https://x.example/x.dtd"> %x;]>'), /external entities are refused/],
    ['a declaration without an end', `<!DOCTYPE rss [${'<!ENTITY a "'.repeat(100_000)}`, /^parser: the document type declaration is longer than/],
    ['100,000 attributes', rss(`<item ${Array.from({ length: 100_000 }, (_, index) => `a${index}="1"`).join(' ')}><title>x</title></item>`), /^parser: an element with more than 256 attributes/],
    ['100,000 elements in each other', rss(`<item>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</item>`), /^parser: elements nested deeper than 200/],
    ['elements without an end, never closed', rss('<br>'.repeat(290_000)), /^parser: elements nested deeper than 200/],
    ['a short entity that is said 200,000 times', rss(`<item><title>${'&a;'.repeat(200_000)}</title></item>`, `<!DOCTYPE rss [<!ENTITY a "${'x'.repeat(999)}">]>`), /^parser: the document's entities stand for more than 1000000 characters/],
    ['namespaces in each other', rss('<a xmlns:b="x">'.repeat(60)), /^parser: namespaces declared in each other more than 50 times/],
    ['400,000 items', rss('<item/>'.repeat(400_000)), /^parser: more than 300000 elements/],
    ['lists in each other, as JSON', `{"items":${'['.repeat(1_000_000)}`, /^parser: the JSON is malformed/],
  ]
  for (const [name, document, words] of refused) {
    test(`${name}: refused by name, in less than a second of CPU`, async () => {
      const before = process.cpuUsage()
      await assert.rejects(readFeed(document, address), (error) => error instanceof Error && words.test(error.message))
      const { user, system } = process.cpuUsage(before)
      assert.ok(user + system < 1e6, `${(user + system) / 1000} ms`)
    })
  }

  test('much that was packed small: refused by name', async () => {
    const packed = new Uint8Array(gzipSync(Buffer.alloc(64 * 2 ** 20)))
    await assert.rejects(readDocument(packed, { address }), /^Error: parser: the compressed document is larger than 15 MiB/)
  })

  // Quadratic effort over these would take hours.
  const heavy: Record<string, string> = {
    'tags without an end': '<img '.repeat(200_000),
    'comments without an end': '<!--'.repeat(200_000),
    'elements of HTML in each other': '<div>'.repeat(200_000),
    'tables in each other': '<table><tr><td>'.repeat(60_000),
    'attributes of HTML': `<p ${Array.from({ length: 100_000 }, (_, index) => `a${index}="1"`).join(' ')}>x`,
    'ends of elements that never began': '<b></i>'.repeat(100_000),
  }
  for (const [name, html] of Object.entries(heavy)) {
    test(`a text of ${name} is read, and harmless`, async () => {
      const { items } = await readFeed(item(`<description>safe ${escaped(html)}</description>`), address)
      assert.equal(items.length, 1)
      assert.match(items[0]?.summary ?? '', /^safe/)
      assert.equal(isActive(items[0]?.contentHtml ?? ''), false)
    })
  }

  test('a name of a million letters, a title of a million words', async () => {
    const { items } = await readFeed(rss(`<item><title>${'a '.repeat(1_000_000)}</title><author>${'a'.repeat(1_000_000)}</author></item>`), address)
    assert.ok((items[0]?.title.length ?? 0) <= 300)
    assert.ok((items[0]?.author?.length ?? 0) <= 300)
  })
})

describe('HTML of a feed', () => {
  const base = 'https://site.example/a/'
  const cases: [string, string][] = [
    ['<p>one <script>alert(1)</script>two</p>', '<p>one two</p>'],
    ['<b onclick="x()">b</b>', '<b>b</b>'],
    ['<a href="java\nscript:alert(1)">a</a>', '<a rel="noopener noreferrer nofollow">a</a>'],
    ['<a href="../b">a</a>', '<a href="https://site.example/b" rel="noopener noreferrer nofollow">a</a>'],
    ['<a href="mailto:a@b.example">a</a>', '<a href="mailto:a@b.example" rel="noopener noreferrer nofollow">a</a>'],
    ['<img src="i.png" onerror="x()">', '<img src="https://site.example/a/i.png" loading="lazy" />'],
    ['<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA" loading="lazy" />'],
    ['<img src="data:image/svg+xml,<svg onload=alert(1)>">', ''],
    ['<iframe src="https://x.example/">in</iframe>after', 'after'],
    ['<form action="/x"><input name="a">words<button>go</button></form>', 'wordsgo'],
    ['<object data="x"><b>instead</b></object>', '<b>instead</b>'],
    ['<svg><a xlink:href="javascript:x">s</a></svg>', '<a rel="noopener noreferrer nofollow">s</a>'],
    ['<p style="position:fixed" class="c" id="d">p</p>', '<p>p</p>'],
    ['1 < 2 & 3', '1 &lt; 2 &amp; 3'],
    ['never <b>closed', 'never <b>closed</b>'],
  ]
  for (const [html, clean] of cases) test(`${JSON.stringify(html)} becomes ${JSON.stringify(clean)}`, () => assert.equal(sanitized(html, base), clean))

  test('stays as it is when it is cleaned again', () => {
    for (const [, clean] of cases) assert.equal(sanitized(clean, base), clean)
  })
})

describe('a feed with slips', () => {
  const titles = async (document: string): Promise<string[]> => (await parseFeed(document, address)).items.map(({ title }) => title)

  test('a document that cannot be read does not hold up the next', async () => {
    await assert.rejects(parseFeed('<rss version="2.0"></rss', address).then(({ items }) => assert.ok(items.length > 0)))
    await assert.rejects(parseFeed('<!-- nothing -->', address), /neither RSS, Atom nor JSON Feed/)
    assert.deepEqual(await titles(item('')), ['a'])
  })

  test('references of HTML are known outside and inside literal text', async () => {
    assert.deepEqual(await titles(rss('<item><title>caf&eacute; &#151; R&D</title></item><item><title><![CDATA[caf&eacute; R&D]]></title></item>')), ['café — R&D', 'café R&D'])
  })

  test('all names that HTML has are known, unknown ones stay', async () => {
    assert.deepEqual(await titles(rss('<item><title>&ccaron;&zcaron;&lbrace;&nowhere;&#x1F40B;</title></item>')), ['čž{&nowhere;🐋'])
  })

  test('one that breaks off keeps what was whole', async () => {
    const whole = '<item><title>one</title><link>https://a.example/1</link></item>'
    assert.deepEqual(await titles(`<rss version="2.0"><channel>${whole}<item><title>tw`), ['one'])
    assert.deepEqual(await titles(`<rss version="2.0"><channel>${whole}<item><title>two</title><link>https://a.exam`), ['one', 'two'])
    assert.deepEqual(await titles('{"title":"t","items":[{"id":"1","title":"one"},{"id":"2","title":"two","content_te'), ['one', 'two'])
    assert.deepEqual(await titles('{"title":"t","items":[{"id":"1","title":"one"},{"title":"tw'), ['one'])
  })

  test('JSON with line breaks in strings and commas too many is read', async () => {
    assert.deepEqual(await titles('{"title":"t","items":[{"id":"1","title":"one\ntwo",},],}'), ['one two'])
    assert.deepEqual(await titles('\ufeff{"title":"t","items":[{"id":1,"title":"\\u0041\\"]}"}]}'), ['A"]}'])
  })

  test('an item that says nothing and leads nowhere is counted, and not stored', async () => {
    const document = rss('<item><pubDate>2026-11-03</pubDate></item><item><title>said</title></item>')
    assert.equal((await readFeed(document, address)).items.length, 2)
    assert.deepEqual(await titles(document), ['said'])
  })

  test('items of one guid with different links are told apart', async () => {
    const guids = (await parseFeed(rss(['1', '2', '2'].map((name) => `<item><title>${name}</title><guid>g</guid><link>https://a.example/${name}</link></item>`).join('')), address)).items
    assert.deepEqual(guids.map(({ guid }) => guid), ['g', 'https://a.example/2'])
  })

  test('plain text of markup without an end is what came before', () => {
    assert.equal(plainText('one <!-- two'), 'one')
    assert.equal(plainText('one <script>two'), 'one')
  })
})
