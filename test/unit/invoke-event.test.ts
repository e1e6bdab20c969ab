import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InvocationEvent } from '../../src/contract/invocation.ts'
import { readEvent } from '../../src/ingress/invoke/read-event.ts'
import { redact, storeEvent } from '../../src/ingress/invoke/stored.ts'

let ids = 0
const defaults = { function: 'hello', now: 1_000, makeId: () => `m${++ids}` }
const read = (raw: unknown) => readEvent(raw, defaults)
const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array)
const again = (event: InvocationEvent) => read(JSON.parse(JSON.stringify(storeEvent(event))))

test('a request says what it needs to, the rest is filled in', () => {
  assert.deepEqual(read({ request: {} }), { type: 'fetch', method: 'GET', url: 'http://localhost/hello', headers: ['host', 'localhost'], body: null })
  const post = read({ request: { url: '/hello/a%20b?x=1#part', headers: { 'X-One': ['1', '2'], 'content-length': '9' }, body: 'grüße' } })
  assert.ok(post.type === 'fetch')
  assert.deepEqual([post.method, post.url, post.headers], ['POST', 'http://localhost/hello/a%20b?x=1', ['host', 'localhost', 'x-one', '1', 'x-one', '2', 'content-length', '7']])
  assert.equal(text(post.body), 'grüße')
  const pairs = read({ request: { method: 'put', url: 'https://news.example/x', headers: [['Host', 'other.example']], bodyBase64: 'AP8=' } })
  assert.ok(pairs.type === 'fetch')
  assert.deepEqual([pairs.method, pairs.headers, [...(pairs.body as Uint8Array)]], ['PUT', ['host', 'other.example', 'content-length', '2'], [0, 255]])
})

test('a tick has its time or now, a batch its messages', () => {
  assert.deepEqual(read({ scheduled: { cron: '0 9 * * *', time: '2026-01-05T09:00:00Z' } }), { type: 'scheduled', cron: '0 9 * * *', scheduledTime: Date.UTC(2026, 0, 5, 9) })
  assert.deepEqual(read({ scheduled: {} }), { type: 'scheduled', cron: '', scheduledTime: 1_000 })
  const batch = read({ queue: { queue: 'mail', messages: [{ body: { to: 'ada' } }, { body: 'hi', contentType: 'text', id: 'x', attempts: 3 }, { bodyBase64: 'AP8=' }] } })
  assert.ok(batch.type === 'queue')
  assert.deepEqual(batch.messages.map(({ id, contentType, attempts, timestamp }) => [id, contentType, attempts, timestamp]), [['m1', 'json', 1, 1_000], ['x', 'text', 3, 1_000], ['m2', 'bytes', 1, 1_000]])
  assert.deepEqual([text(batch.messages[0]!.body), text(batch.messages[1]!.body), [...batch.messages[2]!.body]], ['{"to":"ada"}', 'hi', [0, 255]])
})

test('what is kept is read as the same event, to the last byte', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const head = { method: 'POST', url: 'http://a.example/x?y', headers: ['host', 'a.example', 'x', '1', 'x', '2'] }
  for (const body of [bytes, new TextEncoder().encode('\ufeffgrüße'), new TextEncoder().encode('')]) {
    const event: InvocationEvent = { type: 'fetch', ...head, headers: [...head.headers, 'content-length', String(body.length)], body: body.length === 0 ? null : body }
    if (body.length === 0) event.headers = head.headers
    assert.deepEqual(again(event), event)
  }
  const message = (contentType: 'json' | 'text' | 'bytes' | 'v8', body: Uint8Array) => ({ id: contentType, timestamp: 5, attempts: 2, contentType, body })
  const encode = (value: string) => new TextEncoder().encode(value)
  for (const json of ['{"a":1}', ' {"a": 1.0}', '12345678901234567890', '"x"', 'null']) {
    const batch: InvocationEvent = { type: 'queue', queue: 'q', messages: [message('json', encode(json)), message('text', encode('ü')), message('bytes', bytes), message('v8', bytes)] }
    assert.deepEqual(again(batch), batch, json)
  }
  const tick: InvocationEvent = { type: 'scheduled', cron: '* * * * *', scheduledTime: 60_000 }
  assert.deepEqual(again(tick), tick)
})

test('what cannot be meant is refused with field, expected and found', () => {
  const refusals: [unknown, RegExp][] = [
    [undefined, /^body: expected an object with one of request, scheduled, queue, found nothing$/],
    [[], /^body: expected an object/],
    [{}, /^body: expected exactly one of request, scheduled, queue, found \[\]$/],
    [{ request: {}, scheduled: {} }, /^body: expected exactly one/],
    [{ reqest: {} }, /^body\.reqest: expected one of request, scheduled, queue, found "reqest"$/],
    [{ request: { path: '/x' } }, /^request\.path: expected one of method, url, headers, body, bodyBase64, found "path"$/],
    [{ request: { method: 'GE T' } }, /^request\.method: expected an HTTP method such as POST, found "GE T"$/],
    [{ request: { method: 'TRACE' } }, /^request\.method: expected a method that a Request can carry/],
    [{ request: { method: 'GET', body: 'x' } }, /^request\.body: expected nothing, as GET carries no body, found "x"$/],
    [{ request: { url: 'ftp://x/' } }, /^request\.url: expected a path such as/],
    [{ request: { url: 'http://u:geheim@x/' } }, /^request\.url: expected a URL without a password, found "http:\/\/x…"$/],
    [{ request: { url: `/${'x'.repeat(20_000)}` } }, /^request\.url: expected at most 16384 characters/],
    [{ request: { body: { a: 1 } } }, /^request\.body: expected a string \(JSON goes in as its text\), found \{"a":1\}$/],
    [{ request: { body: 'a', bodyBase64: 'YQ==' } }, /^request: expected body or bodyBase64, not both/],
    [{ request: { bodyBase64: 'a b!' } }, /^request\.bodyBase64: expected base64, found "a b!"$/],
    [{ request: { headers: { 'a b': '1' } } }, /^request\.headers: expected names of letters, digits and -, found "a b"$/],
    [{ request: { headers: { a: '1\r\nb: 2' } } }, /^request\.headers\.a: expected a string without line breaks/],
    [{ request: { headers: { a: 1 } } }, /^request\.headers\.a: expected a string/],
    [{ request: { headers: { connection: 'close' } } }, /^request\.headers\.connection: expected no header of a connection/],
    [{ request: { headers: [['a']] } }, /^request\.headers\[0\]: expected a pair \[name, value\], found \["a"\]$/],
    [{ request: { headers: { a: 'x'.repeat(40_000) } } }, /^request\.headers: expected at most 32768 characters/],
    [{ scheduled: { time: 'yesterday' } }, /^scheduled\.time: expected ISO 8601 with a zone, or milliseconds since 1970, found "yesterday"$/],
    [{ scheduled: { time: 1e300 } }, /^scheduled\.time/],
    [{ scheduled: { cron: 5 } }, /^scheduled\.cron: expected a cron expression, found 5$/],
    [{ queue: { messages: [] } }, /^queue\.queue: expected the name of a queue, found nothing$/],
    [{ queue: { queue: 'q', messages: [] } }, /^queue\.messages: expected an array of 1 to 100 messages, found 0$/],
    [{ queue: { queue: 'q', messages: [{}] } }, /^queue\.messages\[0\]\.body: expected a JSON value, found nothing$/],
    [{ queue: { queue: 'q', messages: [{ body: 1, contentType: 'xml' }] } }, /^queue\.messages\[0\]\.contentType: expected one of json, text, bytes, v8, found "xml"$/],
    [{ queue: { queue: 'q', messages: [{ body: 1, contentType: 'text' }] } }, /^queue\.messages\[0\]\.body: expected a string/],
    [{ queue: { queue: 'q', messages: [{ body: 'x', contentType: 'bytes' }] } }, /^queue\.messages\[0\]\.bodyBase64: expected the bytes of a bytes message in base64/],
    [{ queue: { queue: 'q', messages: [{ bodyBase64: 'AP8=', contentType: 'json' }] } }, /^queue\.messages\[0\]\.bodyBase64: expected JSON/],
    [{ queue: { queue: 'q', messages: [{ body: 1, id: 'a' }, { body: 2, id: 'a' }] } }, /^queue\.messages: expected an id of its own for each message, found "a"$/],
    [{ queue: { queue: 'q', messages: [{ body: 1, attempts: 0 }] } }, /^queue\.messages\[0\]\.attempts: expected a whole number from 1, found 0$/],
  ]
  for (const [raw, message] of refusals) assert.throws(() => read(raw), { code: 'bad_request', message }, JSON.stringify(raw))
})

test('values of headers that hold secrets are taken out, and named', () => {
  const headers = ['Accept', 'authorization', 'cookie', 'x-api-key', 'x-session-token', 'client-secret', 'proxy-authorization', 'x-password', 'authorize'].flatMap((name) => [name.toLowerCase(), `value of ${name}`])
  const { event, redacted } = redact(storeEvent({ type: 'fetch', method: 'GET', url: 'http://x/', headers, body: null }))
  assert.deepEqual(redacted, ['authorization', 'cookie', 'x-api-key', 'x-session-token', 'client-secret', 'proxy-authorization', 'x-password'])
  assert.ok('request' in event)
  for (const [name, value] of event.request.headers) assert.equal(value, redacted.includes(name) ? '[redacted]' : `value of ${name === 'accept' ? 'Accept' : name}`)
})
