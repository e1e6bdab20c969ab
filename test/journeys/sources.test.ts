import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFeedServer } from '../suites/feed-server.ts'
import { NewsReader, token, type SourceView } from '../suites/news-client.ts'
import { madeFeed } from '../suites/news.suite.ts'
import { startHost, until } from './host-process.ts'

const secret = 'a secret of this test alone, long enough'
interface Span { name: string; parent_span_id: string; attributes: Record<string, unknown> }
type Reply = { source?: SourceView; error?: { code: string; message: string } }

test('a source that a reader adds is fetched through the outbound guard, billed and traced; what the guard refuses is told by name', { timeout: 120_000 }, async (t) => {
  const [feeds, inside] = await Promise.all([startFeedServer(), startFeedServer()])
  t.after(() => Promise.all([feeds.stop(), inside.stop()]))
  feeds.answers.set('/blog.rss', { body: madeFeed('Blog', 3, 5) })
  inside.answers.set('/secret.rss', { body: madeFeed('Secret', 3, 5) })
  const away = (location: string, status = 302) => ({ body: '', status, headers: { location } })
  feeds.answers.set('/redirect', away(`${inside.origin}/secret.rss`))
  feeds.answers.set('/metadata', away('http://169.254.169.254/latest/meta-data/'))
  feeds.answers.set('/page', { type: 'text/html', body: `<html><link rel="alternate" type="application/rss+xml" href="${inside.origin}/secret.rss">` })
  feeds.answers.set('/file', away('file:///etc/passwd'))
  await using host = await startHost({ functions: 'functions', flags: ['--allow-outbound', new URL(feeds.origin).host], env: { SOURCES: '', READER_SECRET: secret } })
  const ada = new NewsReader(host.url, token(secret, { sub: 'ada' }))
  const add = (url: string, headers: Record<string, string> = {}) => ada.call<Reply>('/sources', { method: 'POST', body: { url }, headers })

  const traceId = 'aadf0f0e5c7d4b0e9a8f4c2d1e0b3a59'
  const { status, body } = await add(`${feeds.origin}/blog.rss`, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
  assert.deepEqual([status, body.source?.articles, body.source?.own], [201, 3, true])
  assert.equal((await ada.edition()).stories.filter(({ source }) => source.title === 'Blog').length, 3)
  const spans = await until('the spans', async () => {
    const { spans: found = [] } = await host.admin<{ spans?: Span[] }>(`/traces/${traceId}`)
    return found.length > 0 && found
  })
  const call = spans.find(({ attributes }) => attributes['faas.trigger'] === 'http')!
  const { invocations } = await until('the record', async () => {
    const records = await host.admin<{ invocations: { function: string; outcome: string; billed_ms: number; memory_mb: number; trace_id: string }[] }>('/invocations?function=sources&limit=10')
    return records.invocations.length > 0 && records
  })
  const record = invocations.find(({ trace_id: id }) => id === traceId)!
  assert.deepEqual([record.outcome, record.memory_mb], ['ok', 256])
  assert.ok(record.billed_ms >= 1 && Object.values(call.attributes).includes(record.billed_ms), JSON.stringify(call.attributes))

  for (const [path, code] of Object.entries({ '/redirect': 'unreachable', '/metadata': 'unreachable', '/page': 'no_feed', '/file': 'bad_redirect' })) {
    const refused = await add(feeds.origin + path)
    assert.deepEqual([refused.status, refused.body.error?.code], [422, code], JSON.stringify(refused.body))
  }
  const direct = await add(`${inside.origin}/secret.rss`)
  assert.equal(direct.body.error?.code, 'unreachable')
  assert.match(direct.body.error?.message ?? '', /--allow-outbound|not allowed|refused/)
  assert.deepEqual(inside.log, [], 'nothing was asked inside')
  const { body: listed } = await ada.call<{ sources: SourceView[] }>('/sources')
  assert.deepEqual(listed.sources.filter(({ own }) => own).map(({ title }) => title), ['Blog'])
})
