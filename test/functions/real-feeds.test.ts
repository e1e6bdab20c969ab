import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startFeedServer } from '../suites/feed-server.ts'
import { runRealFeeds } from '../suites/real-feeds.suite.ts'
import { startWranglerDev } from '../suites/wrangler-dev.ts'

const folder = join(import.meta.dirname, '../../../shared/data/feeds')

const skip = existsSync(folder) ? false : `${folder} is absent`

test('real feeds make an edition that changes after a few likes', { skip, timeout: 600_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const names = readdirSync(folder).filter((name) => name !== 'manifest.tsv')
  for (const name of names) feeds.answers.set(`/${name}`, { body: readFileSync(join(folder, name)) })
  feeds.list(names.map((name) => ({ path: `/${name}`, title: name })))
  const dev = await startWranglerDev({ SOURCES: `${feeds.origin}/sources.opml` })
  t.after(() => dev.stop())
  const report = await runRealFeeds({ baseUrl: dev.baseUrl, fireIngest: () => dev.ingest() })
  t.diagnostic(`${report.answered} of ${names.length} feeds read, ${report.articles} articles`)
  for (const [name, error] of report.errors) t.diagnostic(`${name}: ${error}`)
  // The others are pages, fragments of feeds, or compressed twice.
  assert.ok(report.answered >= 115, `${report.answered} of ${names.length} feeds read`)
})
