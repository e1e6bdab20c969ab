import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Call, type Edition, NewsReader, token } from './news-client.ts'

interface Refusal {
  error: { code: string; message: string }
}

const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600

/** What the news functions refuse, and in which words. `secret` is their `READER_SECRET`. */
export async function checkNewsGuards(t: TestContext, { baseUrl, secret }: { baseUrl: string; secret: string }): Promise<void> {
  const reader = new NewsReader(baseUrl)
  const [story] = (await reader.edition()).stories

  await t.test('a field that is wrong is named', async () => {
    const event = { id: 'x', type: 'like', story: story?.id }
    const cases: [string, Call, RegExp][] = [
      ['/edition?limit=0', {}, /^limit: /],
      ['/edition?limit=101', {}, /^limit: /],
      ['/edition?limit=ten', {}, /^limit: /],
      ['/edition?cursor=abc', {}, /^cursor: /],
      ['/edition?cursor=%00', {}, /^cursor: /],
      ['/search', {}, /^q: /],
      ['/search?q=+', {}, /^q: /],
      ['/search?q=x&cursor=WzEsMl0x', {}, /^cursor: /],
      [`/search?q=${'x'.repeat(501)}`, {}, /^q: /],
      ['/reader', { method: 'PUT', body: '{' }, /^body: expected JSON/],
      ['/reader', { method: 'PUT', body: '[]' }, /^body: expected a JSON object/],
      ['/reader', { method: 'PUT', body: { topic: {} } }, /^topic: unknown field; expected topics, sources/],
      ['/reader', { method: 'PUT', body: { topics: { follow: 'x' } } }, /^topics.follow: expected a list/],
      ['/reader', { method: 'PUT', body: { sources: { mute: ['a', 7] } } }, /^sources.mute\[1\]: expected a text/],
      ['/reader/events', { method: 'POST', body: {} }, /^events: expected a list/],
      ['/reader/events', { method: 'POST', body: { events: [] } }, /^events: expected 1–100 events, found 0/],
      ['/reader/events', { method: 'POST', body: { events: Array.from({ length: 101 }, () => event) } }, /found 101/],
      ['/reader/events', { method: 'POST', body: { events: [event, { ...event, type: 'love' }] } }, /^events\[1\].type: expected one of open/],
      ['/reader/events', { method: 'POST', body: { events: [{ ...event, id: 5 }] } }, /^events\[0\].id: /],
      ['/reader/events', { method: 'POST', body: { events: [{ ...event, at: 'yesterday' }] } }, /^events\[0\].at: /],
      ['/reader/events', { method: 'POST', body: { events: [event, { ...event, story: 'none' }] } }, /^events\[1\].story: there is no story "none"/],
    ]
    for (const [path, init, words] of cases) {
      const { status, body } = await reader.call<Refusal>(path, init)
      assert.equal(status, 400, path)
      assert.equal(body.error.code, 'bad_request')
      assert.match(body.error.message, words)
    }
    const { body } = await reader.call('/reader/events', { method: 'POST', body: { events: [event] } })
    assert.deepEqual(body, { accepted: 1, duplicates: 0 }, 'a refused batch stores nothing')
  })

  await t.test('nothing that is searched for is taken for syntax', async () => {
    for (const q of ['"', '* AND', 'NEAR(a b', 'title:x', "'; DROP TABLE article; --", 'a" OR "b', '-x', '()', '%', 'NOT', '\u0000a']) {
      const { status } = await reader.call(`/search?q=${encodeURIComponent(q)}`)
      assert.equal(status, 200, q)
    }
  })

  await t.test('a bearer token names its reader; one that does not hold is refused', async () => {
    const good = new NewsReader(baseUrl, token(secret, { sub: 'ada', exp: inAnHour() }))
    const { body, headers } = await good.call<Edition>('/edition?limit=1')
    assert.equal(body.reader, 'ada')
    assert.deepEqual(headers.getSetCookie(), [])
    const bad = {
      'another secret': token('another', { sub: 'ada', exp: inAnHour() }),
      expired: token(secret, { sub: 'ada', exp: 1_700_000_000 }),
      'not yet': token(secret, { sub: 'ada', nbf: inAnHour() }),
      'another algorithm': token(secret, { sub: 'ada' }, { alg: 'HS512' }),
      'no algorithm': `${token(secret, { sub: 'ada' }, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
      'no subject': token(secret, { exp: inAnHour() }),
      "a visitor's name": token(secret, { sub: (await reader.edition('limit=1')).reader }),
      nonsense: 'x',
    }
    const doors = [['/edition', 'GET'], ['/reader', 'GET'], ['/reader', 'PUT'], ['/reader/events', 'POST'], ['/sources', 'PUT']] as const
    for (const [name, bearer] of Object.entries(bad)) {
      for (const [path, method] of doors) {
        const answer = await new NewsReader(baseUrl, bearer).call<Refusal>(path, { method })
        assert.equal(answer.status, 401, `${name}: ${method} ${path}`)
        assert.equal(answer.body.error.code, 'unauthorized')
      }
    }
  })

  await t.test('no reader sees what another did', async () => {
    const ada = new NewsReader(baseUrl, token(secret, { sub: 'ada' }))
    const bob = new NewsReader(baseUrl, token(secret, { sub: 'bob' }))
    await ada.call('/reader', { method: 'PUT', body: { topics: { follow: ['secret garden'], mute: [] } } })
    const { learned, ...kept } = (await bob.call<{ learned: object }>('/reader')).body
    assert.deepEqual([kept, learned], [{ topics: { follow: [], mute: [] }, sources: { follow: [], mute: [] } }, { topics: [], sources: [], opened: 0, hidden: 0 }])
    const event = (type: string): object => ({ method: 'POST', body: { events: [{ id: 'same-id', type, story: story?.id }] } })
    await ada.call('/reader/events', event('hide'))
    assert.deepEqual((await bob.call('/reader/events', event('like'))).body, { accepted: 1, duplicates: 0 })
    assert.ok((await bob.edition()).stories.some(({ id }) => id === story?.id))
    assert.ok(!(await ada.edition()).stories.some(({ id }) => id === story?.id))
  })

  await t.test('a cookie that was tampered with is nobody: a new visitor', async () => {
    const victim = (await reader.edition('limit=1')).reader
    for (const cookie of [`pressroom_reader=${victim}.${'A'.repeat(43)}`, `pressroom_reader=${victim}`, 'pressroom_reader=%00']) {
      const { body, headers } = await new NewsReader(baseUrl).call<Edition>('/edition?limit=1', { headers: { cookie } })
      assert.notEqual(body.reader, victim)
      assert.equal(headers.getSetCookie().length, 1)
    }
  })

  await t.test('a change by cookie needs the word of a page of this site; one by token needs none', async () => {
    const put = (headers: Record<string, string>): Promise<{ status: number; body: Refusal }> =>
      reader.call('/reader', { method: 'PUT', body: '{}', headers })
    const sites = ['', 'none', 'cross-site', 'same-site'].map((site) => ({ origin: '', ...(site === '' ? {} : { 'sec-fetch-site': site }) }))
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, ...sites]) {
      const { status, body } = await put(headers)
      assert.equal(status, 403, JSON.stringify(headers))
      assert.equal(body.error.code, 'forbidden')
      const newcomer = await new NewsReader(baseUrl).call<Refusal>('/reader', { method: 'PUT', body: '{}', headers })
      assert.deepEqual([newcomer.status, newcomer.headers.getSetCookie()], [403, []], 'nor is a cookie given, which would replace the one there is')
    }
    assert.equal((await put({ origin: baseUrl })).status, 200)
    assert.equal((await put({ origin: '', 'sec-fetch-site': 'same-origin' })).status, 200)
    const byToken = await new NewsReader(baseUrl, token(secret, { sub: 'ada' })).call('/reader', { method: 'PUT', body: '{}', headers: { origin: '' } })
    assert.equal(byToken.status, 200)
    assert.equal((await put({ origin: 'https://app.example' })).status, 200)
  })

  await t.test('an app of CORS_ORIGINS may ask, preflight included; others may not', async () => {
    const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${baseUrl}/reader/events`, { method: 'OPTIONS', headers: { origin, ...asked } })
    const allowed = await preflight('https://app.example')
    assert.equal(allowed.status, 204)
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://app.example')
    assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /authorization/)
    assert.match(allowed.headers.get('access-control-allow-methods') ?? '', /POST/)
    assert.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null)
    const { headers } = await reader.call('/edition?limit=1', { headers: { origin: 'https://app.example' } })
    assert.equal(headers.get('access-control-allow-origin'), 'https://app.example')
    assert.match(headers.get('vary') ?? '', /origin/i)
    const refused = await reader.call('/edition?limit=0', { headers: { origin: 'https://app.example' } })
    assert.equal(refused.headers.get('access-control-allow-origin'), 'https://app.example', 'an app can read why it was refused')
  })

  await t.test('nobody changes the sources without a name; nothing above 1 MiB is read', async () => {
    assert.equal((await new NewsReader(baseUrl).call<Refusal>('/sources', { method: 'PUT', body: '<opml></opml>' })).status, 401)
    const unnamed = await reader.call<Refusal>('/sources', { method: 'PUT', body: '<opml></opml>' })
    assert.equal(unnamed.status, 403)
    assert.match(unnamed.body.error.message, /only the readers named in SOURCES_EDITORS/)
    const editor = new NewsReader(baseUrl, token(secret, { sub: 'editor' }))
    assert.equal((await editor.call<Refusal>('/sources', { method: 'PUT', body: 'x'.repeat(2 ** 20 + 1) })).status, 413)
  })

  await t.test('the description names every path', async () => {
    const { body } = await reader.call<{ openapi: string; paths: Record<string, object> }>('/openapi.json')
    assert.match(body.openapi, /^3\.1/)
    assert.deepEqual(Object.keys(body.paths).toSorted(), ['/edition', '/edition.atom', '/edition.json', '/edition.rss', '/games', '/games/{game}/events', '/games/{game}/leaderboard', '/games/{game}/live', '/images', '/images/remote', '/images/{id}', '/images/{id}/{variant}', '/openapi.json', '/players/{id}', '/reader', '/reader/events', '/reader/export', '/reader/feed', '/search', '/search.atom', '/search.json', '/search.rss', '/sources', '/sources.opml', '/sources/{id}', '/stories/{id}', '/topics'])
  })
}
