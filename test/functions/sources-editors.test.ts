import assert from 'node:assert/strict'
import { test } from 'node:test'
import edition from '../../functions/edition.ts'
import sources from '../../functions/sources.ts'
import { opmlOf } from '../suites/feed-server.ts'
import { token } from '../suites/news-client.ts'
import { openNews } from './news-env.ts'

interface Refusal {
  error: { code: string; message: string }
}

const secret = 'a secret of this test'
const body = opmlOf('https://feeds.example', [{ path: '/a.rss', title: 'A' }])
const bearer = (sub: string): Record<string, string> => ({ authorization: `Bearer ${token(secret, { sub })}` })

test('while SOURCES_EDITORS is empty nobody changes the sources: the refusal names the variable and the reader', async (t) => {
  for (const SOURCES_EDITORS of ['', ' , ', undefined]) {
    const news = openNews(t, { READER_SECRET: secret, ...(SOURCES_EDITORS === undefined ? {} : { SOURCES_EDITORS }) })
    const { status, body: told } = await news.ask<Refusal>(sources, '/sources', { method: 'PUT', body, headers: bearer('ada') })
    assert.deepEqual([status, told.error.code], [403, 'forbidden'])
    assert.match(told.error.message, /SOURCES_EDITORS is empty, so nobody .*; start with SOURCES_EDITORS="ada"/)
    assert.deepEqual((await news.ask(sources, '/sources')).body, { sources: [] })
  }
})

test('a cookie of the first visit changes nothing, even from the page itself, until its reader is named', async (t) => {
  const news = openNews(t, { READER_SECRET: secret })
  const answer = await edition.fetch(new Request('http://news.test/edition'), news.env, { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext)
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const { reader } = (await answer.json()) as { reader: string }
  const put = (): Promise<{ status: number; body: Refusal }> =>
    news.ask<Refusal>(sources, '/sources', { method: 'PUT', body, headers: { cookie, origin: 'http://news.test' } })
  const refused = await put()
  assert.equal(refused.status, 403)
  assert.ok(refused.body.error.message.includes(`SOURCES_EDITORS=${JSON.stringify(reader)}`), refused.body.error.message)
  news.env.SOURCES_EDITORS = `ada, ${reader}`
  assert.equal((await put()).status, 200)
})

test('the readers named in SOURCES_EDITORS change the sources, and no other', async (t) => {
  const news = openNews(t, { READER_SECRET: secret, SOURCES_EDITORS: 'ada bob' })
  const other = await news.ask<Refusal>(sources, '/sources', { method: 'PUT', body, headers: bearer('eve') })
  assert.equal(other.status, 403)
  assert.match(other.body.error.message, /SOURCES_EDITORS.*"eve" is not one of them/)
  assert.equal((await news.ask(sources, '/sources', { method: 'PUT', body, headers: bearer('bob') })).status, 200)
})
