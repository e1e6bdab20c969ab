import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { download } from '../../functions/_news/download.ts'
import { type FeedServer, startFeedServer } from '../suites/feed-server.ts'

describe('a download', () => {
  let server: FeedServer
  before(async () => {
    server = await startFeedServer()
  })
  after(() => server.stop())
  const get = (path: string, more: object = {}): ReturnType<typeof download> =>
    download({ address: `${server.origin}${path}`, timeoutMs: 10_000, maxBytes: 100_000, ...more })

  test('is conditional, and answers no text where nothing is new', async () => {
    server.answers.set('/a', { body: 'words', headers: { 'last-modified': 'Fri, 20 Nov 2026 12:00:00 GMT' } })
    const first = await get('/a')
    assert.equal(first.text, 'words')
    const again = await get('/a', { known: first.validators })
    assert.deepEqual([again.text, again.movedTo, first.validators.from], [undefined, undefined, `${server.origin}/a`])
    assert.equal(server.log.at(-1)?.headers['if-modified-since'], 'Fri, 20 Nov 2026 12:00:00 GMT')
  })

  test('asks by what is known of a document only where it was, behind redirects too; a 304 that nobody asked for is none', async () => {
    server.answers.set('/there', { body: '', status: 302, headers: { location: '/a' } })
    const { validators } = await get('/there')
    assert.equal(validators.from, `${server.origin}/a`)
    assert.equal((await get('/there', { known: validators })).text, undefined)
    assert.deepEqual(server.log.slice(-2).map(({ path, headers }) => [path, headers['if-none-match'] !== undefined]), [['/there', false], ['/a', true]])
    server.answers.set('/elsewhere', { body: 'other words' })
    server.answers.set('/there', { body: '', status: 302, headers: { location: '/elsewhere' } })
    assert.equal((await get('/there', { known: validators })).text, 'other words')
    assert.equal(server.log.at(-1)?.headers['if-modified-since'], undefined)
    server.answers.set('/never', (_request, response) => void response.writeHead(304).end())
    await assert.rejects(get('/never'), { code: 'not_answered' })
    server.answers.set('/long', { body: 'words', headers: { etag: `"${'x'.repeat(5000)}"` } })
    assert.equal((await get('/long')).validators.etag, undefined, 'a tag that would not fit into a question is none')
  })

  test('a 301 updates the address, a 302 does not, nor a 301 behind a 302', async () => {
    server.answers.set('/301', { body: '', status: 301, headers: { location: '/308' } })
    server.answers.set('/308', { body: '', status: 308, headers: { location: 'a' } })
    server.answers.set('/302', { body: '', status: 302, headers: { location: '/301' } })
    assert.equal((await get('/301')).movedTo, `${server.origin}/a`)
    const passing = await get('/302')
    assert.equal(passing.text, 'words')
    assert.equal(passing.movedTo, undefined)
  })

  test('ends after five redirects, in a circle, and at one that leaves http or names a user', async () => {
    server.answers.set('/round', { body: '', status: 302, headers: { location: '/round' } })
    server.answers.set('/file', { body: '', status: 302, headers: { location: 'file:///etc/passwd' } })
    await assert.rejects(get('/round'), { code: 'redirect_loop', message: /redirected in a circle/ })
    for (let hop = 0; hop < 9; hop++) server.answers.set(`/hop${hop}`, { body: '', status: 302, headers: { location: `/hop${hop + 1}` } })
    await assert.rejects(get('/hop0'), { code: 'redirect_loop', message: /more than 5 redirects/ })
    server.answers.set('/named', { body: '', status: 302, headers: { location: 'http://ada:secret@127.0.0.1/' } })
    await assert.rejects(get('/named'), { code: 'bad_redirect', message: /user name/ })
    await assert.rejects(get('/file'), /redirected to file:, not http or https/)
  })

  test('counts the bytes after decompression', async () => {
    const zeros = gzipSync(Buffer.alloc(200_000))
    server.answers.set('/packed', { body: zeros, headers: { 'content-encoding': 'gzip' } })
    server.answers.set('/file.gz', { body: zeros, type: 'application/gzip' })
    assert.ok(zeros.length < 1000)
    await assert.rejects(get('/packed'), { code: 'compression_bomb', message: /the body is larger than 100000 bytes when decompressed/ })
    await assert.rejects(get('/file.gz'), { code: 'compression_bomb' })
    server.answers.set('/small.gz', { body: gzipSync('unpacked'), type: 'application/gzip' })
    assert.equal((await get('/small.gz')).text, 'unpacked')
  })

  test('ends in time, before the head and in the middle of the body', async () => {
    server.answers.set('/silent', () => undefined)
    server.answers.set('/slow', (_request, response) => void response.writeHead(200).write('a'))
    await assert.rejects(get('/silent', { timeoutMs: 200 }), { code: 'timeout', message: /no whole answer within 200 ms/ })
    await assert.rejects(get('/slow', { timeoutMs: 2000 }), { code: 'slow_body', message: /no whole answer within 2000 ms/ })
  })

  test('a refusal says the status, and when to come again', async () => {
    server.answers.set('/busy', { body: '', status: 503, headers: { 'retry-after': '120' } })
    await assert.rejects(get('/busy'), { code: 'http_503', message: 'fetcher: the server answered 503', retryAfterMs: 120_000 })
    await assert.rejects(get('/nothing'), { code: 'http_404', message: /the server answered 404/ })
    server.answers.set('/gone', { body: '', status: 410 })
    await assert.rejects(get('/gone'), { code: 'gone' })
    await assert.rejects(download({ address: 'http://127.0.0.1:1/', timeoutMs: 5000, maxBytes: 1 }), /ECONNREFUSED|bad port/)
  })

  test('a page that asks for a person is named, whatever its status; a page that speaks of such a thing is not', async () => {
    const challenge = '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script src="/cdn-cgi/challenge-platform/x.js"></script></body></html>'
    for (const status of [200, 403, 503]) {
      server.answers.set(`/wall${status}`, { body: challenge, type: 'text/html; charset=utf-8', status, headers: { 'retry-after': '60' } })
      await assert.rejects(get(`/wall${status}`), { code: 'challenge' })
    }
    server.answers.set('/story', { body: '<rss version="2.0"><channel><item><title>g-recaptcha: just a moment</title></item></channel></rss>' })
    assert.match((await get('/story')).text ?? '', /just a moment/)
    server.answers.set('/page', { body: '<!DOCTYPE html><title>Home</title><p>News</p>', type: 'text/html' })
    assert.match((await get('/page')).text ?? '', /Home/)
  })

  test('tells how long the answer stays fresh', async () => {
    server.answers.set('/fresh', { body: 'words', headers: { 'cache-control': 'public, max-age=7200', age: '200' } })
    assert.equal((await get('/fresh')).freshMs, 7_000_000)
    assert.equal((await get('/fresh', { known: (await get('/fresh')).validators })).text, undefined)
  })
})
