import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { brotliCompressSync, constants } from 'node:zlib'
import { opmlOf, startFeedServer, type Answer, type FeedServer } from '../suites/feed-server.ts'
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

test('feeds that never end, bombs and huge ones beside others: all others are read, no instance ends, each is named', { timeout: 300_000 }, async (t) => {
  const servers = await Promise.all(Array.from({ length: 60 }, startFeedServer))
  t.after(() => Promise.all(servers.map((server) => server.stop())))
  const piece = Buffer.alloc(65_536, 32)
  const endless: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/xml' })
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', more)
    more()
  }
  const bomb = brotliCompressSync(Buffer.alloc(64 * 2 ** 20, 32), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
  const item = `<item><title>A story</title><description>${'words &amp;lt;b&amp;gt;and&amp;lt;/b&amp;gt; '.repeat(1000)}</description></item>`
  const huge = `<rss version="2.0"><channel><title>Huge</title>${item.repeat(300)}</channel></rss>`
  const kinds: [title: string, answer: Answer][] = [['Endless', endless], ['Bomb', { body: bomb, headers: { 'content-encoding': 'br' } }], ['Huge', { body: huge }]]
  const outlines = servers.map((server, place) => {
    // Forty that are good among twenty that are not.
    const [kind, answer] = place % 3 > 0 ? (['Good', { body: madeFeed(`Good-${place}`, 3, 5) }] as const) : (kinds[place < 45 ? 0 : place < 54 ? 1 : 2] ?? kinds[0]!)
    server.answers.set('/f.rss', answer)
    return `<outline text="${kind} ${place}" xmlUrl="${server.origin}/f.rss"/>`
  })
  servers[0]!.answers.set('/sources.opml', { body: `<opml version="2.0"><body>${outlines.join('')}</body></opml>` })
  await using host = await startHost({ functions: 'functions', flags: ['--allow-outbound', '127.0.0.1'], env: { SOURCES: `${servers[0]!.origin}/sources.opml` } })
  const sources = await until('every source was checked', async () => {
    const all = (await new NewsReader(host.url).call<{ sources: SourceView[] }>('/sources')).body.sources.filter(({ title }) => /^\w+ \d+$/.test(title))
    return all.length === servers.length && all.every(({ last_success, last_error }) => last_success !== null || last_error !== null) && all
  }, 240_000)
  const named = (kind: string) => [...new Set(sources.filter(({ title }) => title.startsWith(kind)).map(({ error_code: code }) => code))]
  assert.deepEqual(named('Good'), [null])
  for (const kind of ['Endless', 'Bomb', 'Huge']) for (const code of named(kind)) assert.ok(['too_large', 'no_room', ...(kind === 'Huge' ? [null] : [])].includes(code), `${kind}: ${code}`)
  assert.ok(sources.some(({ title, articles }) => title.startsWith('Huge') && articles > 0), 'a huge one is read')
  const { invocations } = await host.admin<{ invocations: { outcome: string }[] }>('/invocations?function=ingest&limit=1000')
  assert.deepEqual([...new Set(invocations.map(({ outcome }) => outcome))], ['ok'])
})
