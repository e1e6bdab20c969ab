import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startFeedServer } from '../suites/feed-server.ts'
import { ingested, ingestProgress } from '../suites/ingest-progress.ts'
import { runNewsJourney } from '../suites/news.suite.ts'
import { runRealFeeds } from '../suites/real-feeds.suite.ts'
import { startHost, until, type HostProcess } from './host-process.ts'

const CRON = '*/5 * * * *'
const secret = 'a secret of this test alone, long enough'

let ticks = 0

/** One tick, 27 hours after the one before; resolves when every source that it sent on was asked. */
async function fire(host: HostProcess): Promise<void> {
  const before = ingestProgress(host.lines.join('\n')).ticks
  const answer = await fetch(`${host.adminUrl}/schedules/fire`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ function: 'ingest', cron: CRON, time: Date.now() + 27 * 3_600_000 * ticks++ }),
  })
  assert.deepEqual([answer.status, ((await answer.clone().json()) as { outcome: string }).outcome], [200, 'ok'], await answer.text())
  await asked(host, before + 1)
}

async function asked(host: HostProcess, ticks: number): Promise<void> {
  await until('every source was asked', () => ingested(host.lines.join('\n'), ticks), 60_000)
}

test('the news journey on Node: samples, ingest, edition, likes, search, sources', { timeout: 180_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  await using host = await startHost({
    functions: 'functions',
    flags: ['--allow-outbound', '127.0.0.1'],
    env: { SOURCES: `${feeds.origin}/sources.opml`, READER_SECRET: secret, CORS_ORIGINS: 'https://app.example', SOURCES_EDITORS: 'editor' },
  })
  // The tick of the start must not meet the feeds that the journey puts up.
  await asked(host, 1)
  await runNewsJourney(t, { baseUrl: host.url, fireIngest: () => fire(host), feeds, secret })
  const told = host.lines.filter((line) => line.includes('ingest: '))
  assert.match(told.join('\n'), /ingest: \d+ sources? asked in \d+ ms, \d failed: .*Missing \(fetcher: the server answered 404\)/, 'the log names what failed')
})

const folder = join(import.meta.dirname, '../../../shared/data/feeds')

test('real feeds: ingested from a local server, read as an edition that changes after a few likes', { skip: existsSync(folder) ? false : `${folder} is absent`, timeout: 180_000 }, async (t) => {
  const feeds = await startFeedServer()
  t.after(() => feeds.stop())
  const names = readdirSync(folder).filter((name) => name !== 'manifest.tsv')
  for (const name of names) feeds.answers.set(`/${name}`, { body: readFileSync(join(folder, name)) })
  feeds.list(names.map((name) => ({ path: `/${name}`, title: name })))
  await using host = await startHost({ functions: 'functions', flags: ['--allow-outbound', '127.0.0.1'], env: { SOURCES: `${feeds.origin}/sources.opml` } })
  await asked(host, 1)
  const { answered, articles } = await runRealFeeds({ baseUrl: host.url, fireIngest: () => fire(host) })
  t.diagnostic(`${answered} of ${names.length} feeds read, ${articles} articles`)
  // The others are pages, fragments of feeds, or compressed twice.
  assert.ok(answered >= 115, `${answered} of ${names.length} feeds read`)
})
