import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startFeedServer } from '../suites/feed-server.ts'
import { runRealFeeds } from '../suites/real-feeds.suite.ts'
import { startWranglerDev } from '../suites/wrangler-dev.ts'

const folder = join(import.meta.dirname, '../../../shared/data/feeds')

const SERVERS = 12

const skip = existsSync(folder) ? false : `${folder} is absent`

test('real feeds make an edition that changes after a few likes', { skip, timeout: 600_000 }, async (t) => {
  // Two sources of a server are asked at a time, and local queues take their time: several servers.
  const servers = await Promise.all(Array.from({ length: SERVERS }, startFeedServer))
  t.after(() => Promise.all(servers.map((server) => server.stop())))
  const names = readdirSync(folder).filter((name) => name !== 'manifest.tsv')
  const serverOf = (i: number) => servers[i % SERVERS]!
  for (const [i, name] of names.entries()) serverOf(i).answers.set(`/${name}`, { body: readFileSync(join(folder, name)) })
  const outlines = names.map((name, i) => `<outline text="${name}" xmlUrl="${serverOf(i).origin}/${name}"/>`)
  servers[0]!.answers.set('/all.opml', { body: `<opml version="2.0"><body>${outlines.join('')}</body></opml>` })
  const dev = await startWranglerDev({ SOURCES: `${servers[0]!.origin}/all.opml` })
  t.after(() => dev.stop())
  const report = await runRealFeeds({ baseUrl: dev.baseUrl, fireIngest: () => dev.ingest() })
  t.diagnostic(`${report.answered} of ${names.length} feeds read, ${report.articles} articles`)
  for (const [name, error] of report.errors) t.diagnostic(`${name}: ${error}`)
  // The others are pages, fragments of feeds, or compressed twice.
  assert.ok(report.answered >= 115, `${report.answered} of ${names.length} feeds read`)
})
