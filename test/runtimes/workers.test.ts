import { test } from 'node:test'
import { startFeedServer } from '../suites/feed-server.ts'
import { runNewsJourney } from '../suites/news.suite.ts'
import { startWranglerDev } from '../suites/wrangler-dev.ts'

test('the news on Workers', { timeout: 120_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const secret = 'a secret of this test'
  const dev = await startWranglerDev({ SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret, CORS_ORIGINS: 'https://app.example' })
  t.after(() => dev.stop())
  await runNewsJourney(t, { baseUrl: dev.baseUrl, fireIngest: () => dev.fire('*/5 * * * *'), feeds, secret })
})
