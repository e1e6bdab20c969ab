import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ingestReport, tickReport } from '../../functions/_news/ingest-report.ts'
import { startFeedServer } from '../suites/feed-server.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { openNews } from './news-env.ts'

test('the line of a tick tells how many sources were asked and failed, and names ten of them at most', () => {
  assert.equal(ingestReport(3, [], 12), 'ingest: 3 sources asked in 12 ms, 0 failed')
  assert.equal(ingestReport(1, [{ title: 'A', words: 'down' }], 5), 'ingest: 1 source asked in 5 ms, 1 failed: A (down)')
  assert.equal(tickReport(1, 5), 'ingest: 1 source due, sent on in 5 ms')
  const many = Array.from({ length: 2000 }, (_, index) => ({ title: `${index}\n${'t'.repeat(500)}`, words: 'w'.repeat(500) }))
  const line = ingestReport(2000, many, 5)
  assert.match(line, /2000 failed: 0 t+… \(w+…\); .*; and 1990 more, see GET \/sources$/)
  assert.ok(line.length < 2500 && !line.includes('\n'), `${line.length}`)
})

test('a tick tells which sources failed, and why', async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  feeds.answers.set('/good.rss', { body: madeFeed('Good', 1, 5) })
  feeds.answers.set('/page.html', { body: '<html></html>' })
  feeds.list([{ path: '/good.rss', title: 'Good' }, { path: '/missing.rss', title: 'Missing' }, { path: '/page.html', title: 'Page' }])
  const told = (await openNews(t, { SOURCES: `${feeds.origin}/sources.opml` }).tick()).join('\n')
  // Samples need nobody to ask.
  assert.match(told, /^ingest: 3 sources due, sent on in \d+ ms$/m)
  // Two of a server at once; the third follows.
  assert.match(told, /^ingest: 2 sources asked in \d+ ms, 1 failed: /m)
  assert.match(told, /^ingest: 1 source asked in \d+ ms, 1 failed: /m)
  assert.match(told, /Missing \(fetcher: the server answered 404\)/)
  assert.match(told, /Page \(parser: a web page, not a feed/)
  assert.doesNotMatch(told, /Good \(/)
})
