import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { opmlOf, startFeedServer, type FeedServer } from '../suites/feed-server.ts'
import { ingestProgress } from '../suites/ingest-progress.ts'
import { NewsReader, type SourceView } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { startHost, until } from './host-process.ts'

const long = Boolean(process.env['PRESSROOM_TEST_LONG'])
const SERVERS = long ? 90 : 8
const OF_EACH = 5
const SOURCES = SERVERS * OF_EACH
/** Servers that take a request and never answer. */
const HANGING = long ? 50 : 4
const SLOWEST_MS = long ? 3_000 : 300
/** Messages of one batch, in wrangler.toml: all that one invocation does. */
const BATCH = 5

test(`${SOURCES} sources of different slowness are asked side by side, two of a server; ${HANGING} that hang keep none from being read`, { timeout: 300_000 }, async (t) => {
  const servers = await Promise.all(Array.from({ length: SERVERS + HANGING }, startFeedServer))
  t.after(() => Promise.all(servers.map((server) => server.stop())))
  let open = 0
  let most = 0
  const atServer = new Map<FeedServer, { open: number; most: number }>()
  const asked = new Map<string, number>()
  const listed: string[] = []
  for (const [place, server] of servers.slice(0, SERVERS).entries()) {
    const count = { open: 0, most: 0 }
    atServer.set(server, count)
    const feeds = Array.from({ length: OF_EACH }, (_, index) => ({ path: `/${index}.rss`, title: `Feed ${place} ${index}` }))
    listed.push(opmlOf(server.origin, feeds))
    for (const [index, { path, title }] of feeds.entries()) {
      server.answers.set(path, (_request, response) => {
        most = Math.max(most, ++open)
        count.most = Math.max(count.most, ++count.open)
        asked.set(title, (asked.get(title) ?? 0) + 1)
        response.on('close', () => {
          open--
          count.open--
        })
        void pause((((place * OF_EACH + index) * 37) % 100) / 100 * SLOWEST_MS).then(() => response.end(madeFeed(title.replaceAll(' ', '-'), 2, 5)))
      })
    }
  }
  for (const [place, server] of servers.slice(SERVERS).entries()) {
    server.answers.set('/hang.rss', () => undefined)
    // In front: they are asked first.
    listed.unshift(opmlOf(server.origin, [{ path: '/hang.rss', title: `Hanging ${place}` }]))
  }
  const outlines = listed.map((opml) => /<body>([\s\S]*)<\/body>/.exec(opml)![1]).join('')
  servers[0]!.answers.set('/sources.opml', { body: `<opml version="2.0"><body>${outlines}</body></opml>` })
  await using host = await startHost({ functions: 'functions', flags: ['--allow-outbound', '127.0.0.1'], env: { SOURCES: `${servers[0]!.origin}/sources.opml` } })
  const read = async (): Promise<SourceView[]> => (await new NewsReader(host.url).call<{ sources: SourceView[] }>('/sources')).body.sources
  const sources = await until('every source that does not hang was read', async () => {
    const all = await read()
    return all.filter(({ last_success }) => last_success !== null).length >= SOURCES && all
  }, 200_000)
  assert.equal(sources.length, SOURCES + HANGING)
  assert.deepEqual(sources.filter(({ last_error, title }) => last_error !== null && !title.startsWith('Hanging')), [])
  assert.deepEqual([asked.size, [...asked].filter(([, times]) => times !== 1)], [SOURCES, []], 'each was asked once')
  assert.ok(most > BATCH, `${most} were asked at once`)
  for (const [server, count] of atServer) assert.ok(count.most <= 2, `${count.most} at once at ${server.origin}`)

  const hanging = await until('those that hang are given up, and named', async () => {
    const all = (await read()).filter(({ title }) => title.startsWith('Hanging'))
    return all.every(({ last_error }) => last_error !== null) && all
  }, 100_000)
  for (const { last_error, error_code, last_success, next_check } of hanging) {
    assert.match(last_error ?? '', /no whole answer within 20000 ms/)
    assert.deepEqual([error_code, last_success, next_check !== null], ['timeout', null, true])
  }
  await until('the records of all batches', async () => {
    const { invocations } = await host.admin<{ invocations: { trigger: string; outcome: string }[] }>('/invocations?function=ingest&limit=1000')
    const woken = invocations.filter(({ trigger }) => trigger === 'pubsub')
    assert.deepEqual(woken.filter(({ outcome }) => outcome !== 'ok'), [])
    return woken.length >= SOURCES / BATCH
  })
  await until('the log tells of all', () => ingestProgress(host.lines.join('\n')).asked >= SOURCES + HANGING)
  for (const line of host.lines) {
    const [, told] = /ingest: (\d+) sources? asked in/.exec(line) ?? []
    assert.ok(Number(told ?? 0) <= BATCH, line)
  }
})
