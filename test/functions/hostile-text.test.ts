import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeDocument } from '../../functions/_news/decode.ts'
import { isChallenge } from '../../functions/_news/fetching/challenge.ts'
import { hintsOf } from '../../functions/_news/fetching/hints.ts'
import { parseOpml, writeOpml } from '../../functions/_news/opml.ts'
import { unstamped } from '../../functions/_news/refresh.ts'
import { feedsOfPage } from '../../functions/_news/subscriptions/page-feeds.ts'

const MiB = 2 ** 20
/** What is read again and again by a pattern that begins at each of its pieces. */
const pieces = [
  '<', '<!--', '<![CDATA[', '<?', '<outline ', '<outline "', "<outline '", '<outline a', 'a', ' ', '="', '"', '&', '&amp', '<updated ', '<updated>', '<pubDate>x', '<ttl>', '<ttl>  ',
  '<skipHours>', '<hour>', '</item>', '<a href="/feed">', '<link rel="alternate" type="application/rss+xml" href="/1">', '<base href="/x/">', '<title>', '<html', '</opml', '</opml>',
  '<outline text="a">', '<outline text="a" xmlUrl="https://a.example/"/>', '\n', '\u001b$B', '\u00e9',
]
const before = ['', '<opml>', '<rss><channel>', '<!doctype html>', '<opml><outline a="', '<outline ']

function cpuMs(work: () => unknown): number {
  const start = process.cpuUsage()
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof Error)
  }
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

const readers: Record<string, { size: number; read: (text: string) => unknown }> = {
  'an OPML file': { size: MiB, read: parseOpml },
  'the feeds of a page': { size: 2 * MiB, read: (text) => feedsOfPage(text, 'https://a.example/') },
  'a document without its time': { size: 15 * MiB, read: unstamped },
  'what a document says of its schedule': { size: 15 * MiB, read: (text) => hintsOf(text, [], 0) },
  'a page that asks for a person': { size: 15 * MiB, read: (text) => isChallenge(new Headers(), text) },
  'the letters of a document': { size: 4 * MiB, read: (text) => decodeDocument(new TextEncoder().encode(text), 'text/xml') },
}

for (const [what, { size, read }] of Object.entries(readers)) {
  test(`${what}: no text of ${size / MiB} MiB takes more than two seconds of CPU`, { timeout: 300_000 }, () => {
    for (const start of before) {
      for (const piece of pieces) {
        const ms = cpuMs(() => read((start + piece.repeat(Math.ceil(size / piece.length))).slice(0, size)))
        assert.ok(ms < 2000, `${JSON.stringify(start + piece)} took ${ms.toFixed(0)} ms`)
      }
    }
  })
}

test('feeds come out of a written OPML file as they went in, whatever their titles hold', () => {
  const feeds = ['A & B', '"quoted" <b>', 'it\'s', 'a\tb', 'ü—😀', '&amp;amp;', '-->', ']]>', 'x'.repeat(300)].map((title, index) => ({ title, url: `https://a.example/${index}?a=1&b="2"`, topics: index % 3 === 0 ? [] : ['games & "more"', `<${index}>`].slice(0, index % 3) }))
  const read = parseOpml(writeOpml(feeds))
  const told = (list: typeof feeds) => list.map(({ title, topics }) => JSON.stringify([title.replaceAll('\t', ' '), topics])).toSorted()
  assert.deepEqual(told(read.map((feed) => ({ ...feed, title: feed.title.replaceAll('\t', ' ') }))), told(feeds))
})
