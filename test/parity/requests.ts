/** One thing that is asked of both hosts. */
export interface Ask {
  path: string
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
  /** Asked again until the body is this, or a few seconds are over: for what is done after an answer. */
  until?: string
  /** The client leaves as soon as a first piece of the body has come. */
  leave?: boolean
}

const get = (...paths: string[]): Ask[] => paths.map((path) => ({ path }))
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}): Ask => ({
  method, path, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body),
})
const job = (name: string, type = 'object', attempts = 1) => ({ name, queue: 'parity-jobs', attempts, type, date: true, id: 'string' })

/** What came out of the box, in the order of its keys. */
const box = [
  '"1970-01-01T00:00:00.000Z"', '"of a set"', '"one"', '"two"', '"words"', '["ArrayBuffer",[101,33]]', '["ArrayBuffer",[104,105]]', 'null',
  '{"a":[1,null,"é"]}', '{"date":["Date",0],"map":["Map",[[1,["Set",["x"]]]]],"big":["bigint","7"]}', '{}',
]

/** Paths and methods: what arrives is what was sent. */
const echoes: Ask[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((method) =>
  ['/echo', '/echo/a%20b?x=1&x=2', '/echo//two/?', '/echo/%C3%A9?q=%26'].flatMap((path) =>
    (method === 'POST' || method === 'PUT' || method === 'PATCH' ? ['', 'é\u0000✓'] : [undefined]).map((body): Ask => ({
      method, path, headers: { 'x-mine': 'yes', 'content-type': 'text/plain' }, ...(body === undefined ? {} : { body }),
    })),
  ),
)

/** The programs, each in an order of its own that both hosts walk. */
const programs: Ask[] = [
  ...get('/app', '/app/api/users/7?q=a%20b', '/app/cookie', '/app/nowhere', '/app/boom', '/app/vars'),
  { path: '/app/api/users/7', method: 'OPTIONS', headers: { origin: 'http://app.test', 'access-control-request-method': 'PUT' } },
  { path: '/app/api/users/7', headers: { origin: 'http://app.test', 'x-mine': 'yes' } },
  { path: '/app/cookie', headers: { cookie: 'seen=before' } },
  send('PUT', '/app/api/users/7', { name: 'é' }),
  { path: '/app/form', method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1&b=%C3%A9' },
  ...get('/books', '/books/12', '/books/crime/deep/down', '/books/12/', '/books/a'),
  ...get('/counter/a', '/counter/a', '/counter/b'), { path: '/counter/a', method: 'DELETE' }, ...get('/counter/a'),
  ...get('/notes/reset'), send('POST', '/notes', { title: 'first' }), send('POST', '/notes', { title: 'first' }), send('POST', '/notes', {}), send('POST', '/notes', { title: 'second' }),
  ...get('/notes', '/notes/1', '/notes/9'), send('PATCH', '/notes/1', { done: true }), send('PATCH', '/notes/9', { done: true }), { path: '/notes/1', method: 'DELETE' }, ...get('/notes'),
  { path: '/shout', method: 'POST', body: 'whispered é', headers: { 'content-type': 'text/x-shout' } }, { path: '/shout', method: 'POST', body: 'a'.repeat(200_000) }, ...get('/shout'),
  ...get(...['links', 'heading', 'attributes', 'comments', 'text', 'waits', 'remove', 'ends', 'nothing', 'unknown'].map((name) => `/rewrite/${name}`)),
  ...get('/visits', '/visits?leave'), { path: '/visits', headers: { cookie: 'name=ada; visits=41' } },
  ...get('/signed/door', '/signed/door?until=5&signature=00', '/signed/door?until=5'),
  ...get('/feed', '/chat'),
  { path: '/files/a.txt', method: 'PUT', body: 'the first file', headers: { 'content-type': 'text/plain' } }, { path: '/files/b/c.bin', method: 'PUT', body: new Uint8Array([0, 255, 7]) },
  ...get('/files/a.txt', '/files/nothing', '/files/', '/files/?prefix=b/', '/files/?delimiter=/'),
  { path: '/files/a.txt', method: 'HEAD' }, { path: '/files/nothing', method: 'HEAD' },
  { path: '/files/a.txt', headers: { range: 'bytes=4-8' } }, { path: '/files/a.txt', headers: { range: 'bytes=-4' } },
  { path: '/files/a.txt', headers: { 'if-none-match': '"83fd8a4a0b2ff2d0a6b3d7b8f4cf7a4e"' } }, { path: '/files/a.txt', headers: { 'if-match': '"nothing"' } },
  { path: '/files/a.txt', method: 'DELETE' }, ...get('/files/a.txt', '/files/'),
  send('POST', '/jobs', { type: 'json', jobs: [{ name: 'a' }, { name: 'b', fail: true }] }), send('POST', '/jobs', { type: 'text', jobs: ['words'] }), send('POST', '/jobs', { type: 'json', jobs: [7] }),
  { path: '/jobs', until: JSON.stringify([job('7', 'number'), job('a'), job('b', 'object', 2), job('words', 'string')]) },
  send('POST', '/jobs', { type: 'nonsense', jobs: ['x'] }),
  { path: '/later/a', method: 'POST' }, { path: '/later/a', until: 'done' },
]

/** What the host itself must answer alike: errors, streams, bodies, ticks. */
const hosts: Ask[] = [
  ...get('/hello', '/nowhere', '/nowhere/at/all?x', '/hello/below', '/Hello', '/hello%2Fbelow', '/%68ello', '/..%2fhello', '/'),
  ...['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'].map((method): Ask => ({ path: '/nowhere', method })),
  { path: '/hello', method: 'HEAD' }, { path: '/hello', method: 'DELETE' }, { path: '/hello', headers: { 'pressroom-hops': '15' } }, { path: '/hello', headers: { 'pressroom-hops': '16' } },
  { path: '/hello', headers: { 'pressroom-alias': 'next' } }, { path: '/hello', headers: { 'pressroom-alias': 'next', 'pressroom-admin-token': 'a guess' } },
  ...get('/throws', '/used-response', '/never-settles', '/invalid-header', '/invalid-header?status=999', '/invalid-header?status=101', '/invalid-header?status=600', '/broken-stream'), { path: '/throws', method: 'HEAD' },
  ...get(...['', '?what=nothing', '?what=null', '?what=number', '?what=error', '?what=locked', '?what=strings'].map((query) => `/not-a-response${query}`)),
  ...get('/null-body', '/null-body?status=205', '/null-body?status=304', '/set-cookies', '/stream-large?bytes=0', '/stream-large?bytes=70000', '/stream-large?bytes=3000000', '/slow?ms=20', '/wait-until?ms=20'),
  ...get('/head-options', '/redirect'), ...['HEAD', 'OPTIONS', 'POST'].map((method): Ask => ({ path: '/head-options', method })),
  ...['0 3 29 2 *', '*/5 * * * *', '0 * * * *', '1 1 1 1 *'].map((cron): Ask => ({ path: `/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}&time=1700000000000` })),
  { path: '/box/out', until: JSON.stringify(box) },
  { path: '/watch-signal', leave: true }, { path: '/watch-signal/aborts', until: JSON.stringify({ aborts: 1, reason: 'AbortError' }) },
  ...get('/nightly'), { path: '/cdn-cgi/handler/scheduled?cron=0+3+29+2+*&time=1800000000000&format=json' }, ...get('/nightly'),
]

/** Programs that name their steps themselves. */
export const stepped = ['box', 'cached', 'd1', 'kv', 'r2', 'runtime', 'web']

/** Everything else that is asked, in order. */
export const asks: readonly Ask[] = [...echoes, ...programs, ...hosts]
