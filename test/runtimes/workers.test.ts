import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../journeys/host-process.ts'
import { runArcade } from '../suites/arcade.suite.ts'
import { opmlOf, startFeedServer } from '../suites/feed-server.ts'
import { ingestProgress } from '../suites/ingest-progress.ts'
import { NewsReader, token } from '../suites/news-client.ts'
import { madeFeed, runNewsJourney } from '../suites/news.suite.ts'
import { startWranglerDev } from '../suites/wrangler-dev.ts'

test('the news and the arcade on Workers', { timeout: 180_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const secret = 'a secret of this test'
  const dev = await startWranglerDev({ SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret, CORS_ORIGINS: 'https://app.example', SOURCES_EDITORS: 'editor' })
  t.after(() => dev.stop())
  await runNewsJourney(t, { baseUrl: dev.baseUrl, fireIngest: () => dev.ingest(), feeds, secret })

  await t.test('a source that one tick is fetching is left alone by the next', async () => {
    const asked = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    feeds.answers.set('/held.rss', (_request, response) => {
      asked.resolve()
      void released.promise.then(() => response.end(madeFeed('Held', 1, 1)))
    })
    const reader = new NewsReader(dev.baseUrl, token(secret, { sub: 'editor' }))
    const sources = [{ path: '/held.rss', title: 'Held' }, { path: '/beta.rss', title: 'Beta' }]
    await reader.call('/sources', { method: 'PUT', body: opmlOf(feeds.origin, sources) })
    feeds.log.length = 0
    const { ticks } = ingestProgress(dev.output())
    const first = dev.ingest()
    await asked.promise
    const second = dev.ingest()
    // The local queue hands out one batch at a time: what the second tick sends on waits for the first.
    await until('the second tick is over', () => ingestProgress(dev.output()).ticks === ticks + 2)
    released.resolve()
    await Promise.all([first, second])
    assert.deepEqual(feeds.log.filter(({ path }) => path === '/held.rss').length, 1)
    assert.ok((await reader.edition()).stories.some(({ title }) => title === 'Held story 0'))
  })

  await runArcade(t, dev.baseUrl)

  await t.test('to watch a game live is not to be had there, and that is said by name', async () => {
    const answer = await fetch(`${dev.baseUrl}/games/quest/live`)
    const { error } = (await answer.json()) as { error: { code: string; message: string } }
    assert.deepEqual([answer.status, error.code], [501, 'live_unavailable'])
    assert.match(error.message, /ask GET .*leaderboard/)
    assert.equal((await fetch(`${dev.baseUrl}/arcade`)).status, 200)
  })
})
