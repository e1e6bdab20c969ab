import assert from 'node:assert/strict'
import { test } from 'node:test'
import search from '../../functions/search.ts'
import reader from '../../functions/reader.ts'
import { parseQuery } from '../../functions/_news/search/parse.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { token } from '../suites/news-client.ts'
import { openNews } from './news-env.ts'

interface Page {
  corrected?: string
  results: { title: string; snippet: string; snippet_html: string; source: { id: string } }[]
}

const secret = 'a secret of this test'

test('what a query asks for, and what is text', () => {
  for (const [query, match] of [
    ['comet dawn', '"comet" AND "dawn" *'], ['"red comet"', '"red comet"'], ['comet -tail', '"comet" *'], ['com* dawn', '"com*" * AND "dawn" *'], ['comet OR meteor dawn', '("comet" OR "meteor") AND "dawn" *'],
    ['OR', '"OR" *'], ['-tail', undefined], ['source: comet', '"source:" AND "comet" *'], ['before:soon', '"before soon" *'], ['" * ( ) NEAR', '"NEAR" *'], ['***', undefined], ['', undefined],
  ] as const) assert.equal(parseQuery(query).match, match, query)
  const { match, sources, topics, before, after } = parseQuery('source:"The Courier" source:lantern topic:sky before:2026-03 after:2026-01-05 x')
  assert.deepEqual([match, sources, topics, before, after], ['"x" *', ['The Courier', 'lantern'], ['sky'], Date.UTC(2026, 2), Date.UTC(2026, 0, 5)])
  const { without, any } = parseQuery('comet -tail -"red dust"')
  assert.deepEqual([without, any], [['"tail"', '"red dust"'], '"comet" * OR "tail" OR "red dust"'])
  assert.deepEqual([parseQuery('topic:sky -tail').match, parseQuery('topic:sky -tail').without], [undefined, ['"tail"']])
  for (const day of ['2026-02-30', '2026-13-01', '2026-1-1', '20260101', '']) assert.deepEqual([parseQuery(`before:${day} x`).before, parseQuery(`after:${day} x`).after], [undefined, undefined], day)
})

test('search by stems, filters and slips, for whoever mutes and follows', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const item = (title: string, category: string, day: string) => `<item><guid>${title}</guid><link>https://paper.example/${encodeURIComponent(title)}</link><title>${title}</title><description>About ${title.toLowerCase()} &lt;b&gt;5 &amp;lt; 6&lt;/b&gt;</description><category>${category}</category><pubDate>${day}</pubDate></item>`
  const feed = (...items: string[]) => ({ body: `<rss version="2.0"><channel><title>F</title>${items.join('')}</channel></rss>` })
  feeds.answers.set('/courier.rss', feed(item('Elections in Kelverstad', 'politics', 'Mon, 02 Mar 2026 10:00:00 GMT'), item('A telescope for the harbour', 'sky', 'Tue, 03 Mar 2026 10:00:00 GMT')))
  feeds.answers.set('/lantern.rss', feed(item('Telescopes of glass', 'sky', 'Wed, 04 Mar 2026 10:00:00 GMT'), item('Chess in the park', 'chess', 'Thu, 05 Mar 2026 10:00:00 GMT')))
  feeds.list([{ path: '/courier.rss', title: 'Courier' }, { path: '/lantern.rss', title: 'Lantern' }])
  const news = openNews(t, { SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret })
  await news.tick()
  const headers = { authorization: `Bearer ${token(secret, { sub: 'ada' })}`, 'content-type': 'application/json' }
  const find = async (q: string, init: RequestInit = {}) => (await news.ask<Page>(search, `/search?q=${encodeURIComponent(q)}`, init)).body
  const titles = async (q: string, init: RequestInit = {}) => (await find(q, init)).results.map(({ title }) => title)
  assert.deepEqual(await titles('election'), ['Elections in Kelverstad'])
  assert.deepEqual(await titles('telescope'), ['Telescopes of glass', 'A telescope for the harbour'], 'of equal ones the newer first')
  assert.deepEqual(await titles('telescope -glass'), ['A telescope for the harbour'])
  assert.deepEqual((await titles('chess OR election')).toSorted(), ['Chess in the park', 'Elections in Kelverstad'])
  assert.deepEqual(await titles('source:lantern topic:sky'), ['Telescopes of glass'])
  assert.deepEqual(await titles('telescope before:2026-03-04'), ['A telescope for the harbour'])
  assert.deepEqual(await titles('after:2026-03-05'), ['Chess in the park'])
  assert.deepEqual(await titles('-telescope -chess'), ['Elections in Kelverstad'], 'all but what is not wanted')
  const typo = await find('telescpoe glas')
  assert.deepEqual([typo.results.map(({ title }) => title), typo.corrected], [['Telescopes of glass'], 'telescope glas'])
  assert.deepEqual((await find('xylophonist')).results, [])
  const [hit] = (await find('harbour')).results
  assert.match(hit!.snippet_html, /<mark>harbour<\/mark>/)
  assert.ok(!hit!.snippet.includes('<mark>') && !/<(?!\/?mark>)/.test(hit!.snippet_html))
  for (const garbage of ['"', 'a"b', '(((', 'NOT', 'AND OR NOT', 'title:x', '*', '-', '\u0000', 'a'.repeat(400), '🦊', '%_', "'; DROP TABLE article"]) {
    assert.equal((await news.ask(search, `/search?q=${encodeURIComponent(garbage)}`)).status, 200, garbage)
  }
  const courier = (await find('source:courier')).results[0]!.source.id
  const put = async (preferences: object) => void (await news.ask(reader, '/reader', { method: 'PUT', headers, body: JSON.stringify(preferences) }))
  await put({ sources: { follow: [courier], mute: [] } })
  assert.deepEqual(await titles('telescope', { headers }), ['A telescope for the harbour', 'Telescopes of glass'], 'what is followed counts more')
  await put({ sources: { follow: [], mute: [courier] }, topics: { follow: [], mute: ['chess'] } })
  assert.deepEqual([await titles('telescope', { headers }), await titles('chess', { headers })], [['Telescopes of glass'], []])
})
