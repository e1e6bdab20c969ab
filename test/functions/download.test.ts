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
    assert.deepEqual(await get('/a', { etag: first.etag, lastModified: first.lastModified }), {})
    assert.equal(server.log.at(-1)?.headers['if-modified-since'], 'Fri, 20 Nov 2026 12:00:00 GMT')
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

  test('ends after five redirects, and at one that leaves http', async () => {
    server.answers.set('/round', { body: '', status: 302, headers: { location: '/round' } })
    server.answers.set('/file', { body: '', status: 302, headers: { location: 'file:///etc/passwd' } })
    await assert.rejects(get('/round'), /more than 5 redirects/)
    await assert.rejects(get('/file'), /redirected to file:, not http or https/)
  })

  test('counts the bytes after decompression', async () => {
    const zeros = gzipSync(Buffer.alloc(200_000))
    server.answers.set('/packed', { body: zeros, headers: { 'content-encoding': 'gzip' } })
    server.answers.set('/file.gz', { body: zeros, type: 'application/gzip' })
    assert.ok(zeros.length < 1000)
    await assert.rejects(get('/packed'), /the body is larger than 100000 bytes/)
    await assert.rejects(get('/file.gz'), /the body is larger than 100000 bytes/)
    server.answers.set('/small.gz', { body: gzipSync('unpacked'), type: 'application/gzip' })
    assert.equal((await get('/small.gz')).text, 'unpacked')
  })

  test('ends in time, before the head and in the middle of the body', async () => {
    server.answers.set('/silent', () => undefined)
    server.answers.set('/slow', (_request, response) => void response.writeHead(200).write('a'))
    await assert.rejects(get('/silent', { timeoutMs: 200 }), /no whole answer within 200 ms/)
    await assert.rejects(get('/slow', { timeoutMs: 200 }), /no whole answer within 200 ms/)
  })

  test('a refusal says the status, and when to come again', async () => {
    server.answers.set('/busy', { body: '', status: 503, headers: { 'retry-after': '120' } })
    await assert.rejects(get('/busy'), { message: 'fetcher: the server answered 503', retryAfterMs: 120_000 })
    await assert.rejects(get('/nothing'), /the server answered 404/)
    await assert.rejects(download({ address: 'http://127.0.0.1:1/', timeoutMs: 5000, maxBytes: 1 }), /ECONNREFUSED|bad port/)
  })
})
