import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { startFeedServer } from '../suites/feed-server.ts'
import { ingested } from '../suites/ingest-progress.ts'
import { NewsReader, type SourceView } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { startHost, until } from './host-process.ts'

const long = Boolean(process.env['PRESSROOM_TEST_LONG'])
const SOURCES = long ? 500 : 40
const SLOWEST_MS = long ? 3_000 : 300
/** Messages of one batch, in wrangler.toml: all that one invocation does. */
const BATCH = 5

test(`${SOURCES} sources of different slowness are asked side by side, none by an invocation that does more than its share`, { timeout: 300_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  let open = 0
  let most = 0
  const listed = Array.from({ length: SOURCES }, (_, index) => ({ path: `/${index}.rss`, title: `Feed ${index}` }))
  for (const [index, { path, title }] of listed.entries()) {
    feeds.answers.set(path, (_request, response) => {
      most = Math.max(most, ++open)
      response.on('close', () => open--)
      void pause(((index * 37) % 100) / 100 * SLOWEST_MS).then(() => response.end(madeFeed(title, 2, 5)))
    })
  }
  feeds.list(listed)
  await using host = await startHost({ functions: 'functions', flags: ['--allow-outbound', '127.0.0.1'], env: { SOURCES: `${feeds.origin}/sources.opml` } })
  await until('every source was asked', () => ingested(host.lines.join('\n'), 1), 200_000)

  const { sources } = (await new NewsReader(host.url).call<{ sources: SourceView[] }>('/sources')).body
  const failed = sources.filter(({ last_success, last_error }) => last_success === null || last_error !== null)
  assert.deepEqual([sources.length, failed], [SOURCES, []])
  assert.deepEqual(feeds.log.filter(({ path }) => path.endsWith('.rss')).length, SOURCES, 'each was asked once')
  assert.ok(most > BATCH, `${most} were asked at once`)

  const batches = await until('the records of all batches', async () => {
    const { invocations } = await host.admin<{ invocations: { trigger: string; outcome: string }[] }>('/invocations?function=ingest&limit=1000')
    const woken = invocations.filter(({ trigger }) => trigger === 'pubsub')
    return woken.length >= SOURCES / BATCH && woken
  })
  assert.deepEqual(batches.filter(({ outcome }) => outcome !== 'ok'), [])
  for (const line of host.lines) {
    const [, asked] = /ingest: (\d+) sources? asked in/.exec(line) ?? []
    assert.ok(Number(asked ?? 0) <= BATCH, line)
  }
})
