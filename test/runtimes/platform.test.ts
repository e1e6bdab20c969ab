import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createRequire } from 'node:module'
import { createCaches } from '../../src/runtimes/node/child/platform/cache.ts'
import { createRewriter, type Rewriter } from '../../src/runtimes/node/child/platform/html-rewriter.ts'

const Policy = createRequire(import.meta.url)('http-cache-semantics') as Parameters<typeof createCaches>[0]
const Rewriting = createRewriter()
const page = (html: string) => new Response(html, { headers: { 'content-type': 'text/html', 'content-length': '1' } })
interface Element { setInnerContent(text: string): void; append(text: string): void }
const on = (selector: string, element: (element: Element) => unknown): Rewriter => new Rewriting().on(selector, { element })

test('a handler may rewrite another document while its own waits for it', async () => {
  const inner = () => on('i', (element) => element.setInnerContent('inner')).transform(page('<i></i>')).text()
  const outer = on('b', async (element) => element.setInnerContent(await inner()))
  assert.equal(await outer.transform(page('<b></b><b>x</b>')).text(), '<b>&lt;i&gt;inner&lt;/i&gt;</b><b>&lt;i&gt;inner&lt;/i&gt;</b>')
})

test('a document does not wait for the handlers of another', async () => {
  const gate = Promise.withResolvers<void>()
  const held = on('b', async (element) => {
    await gate.promise
    element.setInnerContent('late')
  }).transform(page('<b></b>')).text()
  for (let i = 0; i < 10; i++) assert.equal(await on('b', (element) => element.append(String(i))).transform(page('<b>x</b>')).text(), `<b>x${i}</b>`)
  gate.resolve()
  assert.equal(await held, '<b>late</b>')
})

test('a handler that throws breaks off its document alone', async () => {
  for (const fail of [() => { throw new Error('at once') }, () => Promise.reject(new Error('later'))]) {
    await assert.rejects(on('b', fail).transform(page('<b>x</b>')).text())
    assert.equal(await on('b', (element) => element.setInnerContent('fine')).transform(page('<b></b>')).text(), '<b>fine</b>')
  }
  const left = on('b', () => {}).transform(page('<b>x</b>'))
  await left.body!.cancel()
  assert.equal(await on('b', (element) => element.setInnerContent('fine')).transform(page('<b></b>')).text(), '<b>fine</b>')
})

test('a rewritten answer keeps its status and headers, but not its length', () => {
  const { status, headers } = new Rewriting().transform(new Response('x', { status: 404, headers: { 'content-length': '1', etag: '"a"' } }))
  assert.deepEqual([status, headers.get('etag'), headers.get('content-length')], [404, '"a"', null])
})

test('what was kept in a cache is given until its time is over, to the millisecond', async () => {
  mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 })
  try {
    const caches = createCaches(Policy)
    await caches.default.put('http://a.test/', new Response('kept', { headers: { 'cache-control': 's-maxage=10, max-age=99' } }))
    mock.timers.tick(9_999)
    assert.equal(await (await caches.default.match('http://a.test/'))?.text(), 'kept')
    mock.timers.tick(1)
    assert.equal(await caches.default.match('http://a.test/'), undefined)
  } finally {
    mock.timers.reset()
  }
})

test('caches hold 16 MiB; the oldest gives way', async () => {
  const caches = createCaches(Policy)
  const large = () => new Response(new Uint8Array(6 * 1024 * 1024), { headers: { 'cache-control': 'max-age=60' } })
  const there = async () => Promise.all(['a', 'b', 'c'].map(async (name) => (await caches.default.match(`http://a.test/${name}`)) !== undefined))
  for (const name of ['a', 'b', 'c']) await caches.default.put(`http://a.test/${name}`, large())
  assert.deepEqual(await there(), [false, true, true])
  await caches.default.put('http://a.test/d', new Response(new Uint8Array(17 * 1024 * 1024), { headers: { 'cache-control': 'max-age=60' } }))
  assert.deepEqual([await caches.default.match('http://a.test/d'), await there()], [undefined, [false, true, true]])
})
