import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readFeed } from '../../functions/_news/feed.ts'
import { withoutTracking } from '../../functions/_news/tracking.ts'

const address = 'https://site.example/feeds/all.xml'
const spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
const item = (inside: string): string => `<item><title>One</title><link>https://site.example/1</link>${inside}</item>`
const rss = (head: string, items = item('')): string => `<rss version="2.0" ${spaces}><channel><title>T</title><link>https://site.example/</link>${head}${items}</channel></rss>`
const entry = (inside: string): string => `<entry><id>urn:1</id><title>One</title>${inside}</entry>`
const atom = (head: string, entries = entry('')): string => `<feed xmlns="http://www.w3.org/2005/Atom" ${spaces}><title>T</title>${head}${entries}</feed>`

describe('of a feed that is well-formed', () => {
  test('Atom: id, author, categories, rights and time are kept, and the page it belongs to is not its own address', async () => {
    const head = '<id>urn:f</id><link rel="self" href="https://site.example/feeds/all.xml"/><link href="https://site.example/"/><author><name>Ann</name></author>' +
      '<category term="sea"/><rights>CC0</rights><updated>2026-11-03T12:00:00Z</updated>'
    const { items: [only], title: _, ...feed } = await readFeed(atom(head, entry('<link href="https://site.example/1"/>')), address)
    assert.deepEqual(feed, {
      id: 'urn:f', url: 'https://site.example/', author: 'Ann', categories: ['sea'], rights: 'CC0', updatedAt: Date.UTC(2026, 10, 3, 12), description: '', language: null,
    })
    assert.equal(only?.url, 'https://site.example/1')
  })

  test('RSS: categories, language and time of its Dublin Core, and a name before an address', async () => {
    const head = '<category>sea</category><category>ships</category><dc:language>sv</dc:language><dc:date>2026-11-03T12:00:00Z</dc:date><managingEditor>ann@site.example</managingEditor><itunes:author>Ann</itunes:author>'
    const { categories, language, updatedAt, author } = await readFeed(rss(head), address)
    assert.deepEqual({ categories, language, updatedAt, author }, { categories: ['sea', 'ships'], language: 'sv', updatedAt: Date.UTC(2026, 10, 3, 12), author: 'Ann' })
  })

  test('categories of iTunes come with the narrower ones they hold', async () => {
    const { categories } = await readFeed(rss('<itunes:category text="Arts"><itunes:category text="Food"/></itunes:category><itunes:category text="Sea"/>'), address)
    assert.deepEqual(categories, ['Arts', 'Food', 'Sea'])
  })

  test('files that Atom links are enclosures, and never the page of an entry', async () => {
    const links = '<link rel="enclosure" type="audio/mpeg" length="9" href="https://site.example/1.mp3"/><link rel="alternate" href="https://site.example/1"/>'
    const [only] = (await readFeed(atom('', entry(links)), address)).items
    assert.deepEqual([only?.url, only?.enclosures], ['https://site.example/1', [{ url: 'https://site.example/1.mp3', type: 'audio/mpeg', length: 9 }]])
  })

  test('a film says in its media group what it is about', async () => {
    const [only] = (await readFeed(atom('', entry('<link href="https://site.example/1"/><media:group><media:description>Of whales.</media:description></media:group>')), address)).items
    assert.equal(only?.summary, 'Of whales.')
  })
})

describe('tracking', () => {
  const cases: [string, string][] = [
    ['https://site.example/a?wt_mc=rss.ho.beitrag', 'https://site.example/a'],
    ['https://site.example/a?utm_source=rss&id=3&fbclid=x', 'https://site.example/a?id=3'],
    ['https://site.example/a?utm_source=rss#part-2', 'https://site.example/a#part-2'],
    ['https://site.example/a#xtor=RSS-1', 'https://site.example/a'],
    ['https://site.example/a?source=rss----7f----4&q=%20a+b', 'https://site.example/a?q=%20a+b'],
    ['https://site.example/a.php?cid=12&ref=4f6&rss=1', 'https://site.example/a.php?cid=12&ref=4f6&rss=1'],
  ]
  for (const [address, left] of cases) test(`${address} becomes ${left}`, () => assert.equal(withoutTracking(address), left))

  test('is taken from the address of an article and from the links in its text', async () => {
    const [only] = (await readFeed(rss('', item('<description>&lt;a href="/2?utm_medium=rss"&gt;two&lt;/a&gt;</description>').replace('/1<', '/1?utm_medium=rss<')), address)).items
    assert.equal(only?.url, 'https://site.example/1')
    assert.match(only?.contentHtml ?? '', /href="https:\/\/site\.example\/2"/)
  })

  test("an aggregator's address gives way to the publisher's", async () => {
    const document = '<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><title>T</title><item><title>One</title><link>https://proxy.example/~r/1</link><feedburner:origLink>https://site.example/1</feedburner:origLink></item></channel></rss>'
    assert.equal((await readFeed(document, address)).items[0]?.url, 'https://site.example/1')
  })
})
