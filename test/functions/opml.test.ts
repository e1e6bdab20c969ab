import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseOpml } from '../../functions/_news/opml.ts'

function opml(body: string): string {
  return `<?xml version="1.0"?>\n<opml version="2.0"><head><title>x</title></head><body>${body}</body></opml>\n`
}

describe('an OPML file', () => {
  test('gives each feed the outlines around it as topics', () => {
    const nested = `
      <outline text="News"><outline title="The &quot;World&quot; &amp; more">
        <outline text='Seven > Six' xmlUrl='https://a.example/feed?x=1&amp;y=2' htmlUrl="https://a.example/"></outline>
      </outline></outline>
      <!-- <outline text="Gone" xmlUrl="https://gone.example/"/> -->
      <outline xmlUrl="http://b.example/rss#top"/>`
    assert.deepEqual(parseOpml(opml(nested)), [
      { title: 'Seven > Six', url: 'https://a.example/feed?x=1&y=2', topics: ['news', 'the "world" & more'] },
      { title: 'b.example', url: 'http://b.example/rss', topics: [] },
    ])
  })

  test('lists an address once', () => {
    const twice = '<outline text="A" xmlUrl="https://a.example/f"/><outline text="B" xmlUrl="https://A.example:443/f"/>'
    assert.deepEqual(parseOpml(opml(twice)).map(({ title }) => title), ['A'])
  })

  test('is refused where an address is not http or https, or names a user', () => {
    for (const address of ['ftp://a.example/', 'file:///etc/passwd', 'javascript:alert(1)', '/relative', 'asset:/samples/world.xml']) {
      const odd = opml(`<outline text="Odd" xmlUrl="${address}"/>`)
      assert.throws(() => parseOpml(odd), /xmlUrl of "Odd": expected an http or https address/)
    }
    assert.throws(() => parseOpml(opml('<outline text="Odd" xmlUrl="https://me:pw@a.example/"/>')), /no user name or password/)
  })

  test('is refused where it is none, cut off, or not balanced', () => {
    assert.throws(() => parseOpml('<rss/>'), /no <opml> element/)
    assert.throws(() => parseOpml(opml('').slice(0, -9)), /cut off/)
    assert.throws(() => parseOpml(opml('<outline text="a">')), /not closed/)
    assert.throws(() => parseOpml(opml('</outline>')), /without an <outline>/)
    assert.throws(() => parseOpml('<opml><body><!-- <outline xmlUrl="https://a.example/"/></body></opml>'), /cut off/)
    assert.throws(() => parseOpml(opml('<outline text="a">'.repeat(60))), /nest deeper than 50/)
    assert.throws(() => parseOpml(opml('<outline text="News"/>')), /no outline with an xmlUrl; expected at least one feed/)
  })

  test('is read where an attribute holds signs that XML forbids there', () => {
    const odd = '<outline text="He calls it "Bob\'s best" feed" xmlUrl="https://a.example/f"/><outline text="<b>B</b>" xmlUrl="https://b.example/f"/>'
    assert.deepEqual(parseOpml(opml(odd)).map(({ url }) => url), ['https://a.example/f', 'https://b.example/f'])
  })

  test('resolves no entity of its own: a bomb stays what it is', () => {
    const bomb = `<!DOCTYPE opml [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>${opml('<outline text="&b;&c;" xmlUrl="https://a.example/f"/>')}`
    assert.deepEqual(parseOpml(bomb).map(({ title }) => title), ['&b;&c;'])
  })

  test('the default list of sources is one', () => {
    const outlines = parseOpml(readFileSync(join(import.meta.dirname, '../../functions/_assets/sources.opml'), 'utf8'))
    assert.ok(outlines.length > 5 && outlines.every(({ url, topics }) => url.startsWith('https:') && topics.length === 1))
  })

  const real = join(import.meta.dirname, '../../../shared/data/opml')
  test('real lists are read to the last feed', { skip: existsSync(real) ? false : `${real} is absent` }, () => {
    const files = readdirSync(real, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.opml'))
    assert.ok(files.length > 0)
    for (const file of files) {
      const text = readFileSync(join(real, file), 'utf8')
      const addresses = new Set([...text.matchAll(/xmlUrl="([^"]+)"/gi)].map(([, address]) => address))
      assert.ok(parseOpml(text).length >= addresses.size - 1, `${file}: ${parseOpml(text).length} of ${addresses.size}`)
    }
  })
})
