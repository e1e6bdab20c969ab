import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { until } from '../journeys/host-process.ts'
import { bomb, photograph } from '../functions/image-samples.ts'
import { token } from './news-client.ts'

type Body = NonNullable<RequestInit['body']>

/** An image as it is described. */
export interface ImageView {
  id: string
  status: 'waiting' | 'ready' | 'refused'
  error?: { code: string; message: string }
  type?: string
  width?: number
  height?: number
  placeholder?: string
  variants: { name: string; filter: string; width: number; height: number; files: { url: string; type: string; bytes: number }[] }[]
  bill: { run_ms: number; memory_mib: number; gib_seconds: number; trace_id: string | null } | null
}

/** Sends an image; answers its id. */
export async function send(baseUrl: string, body: Body, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(`${baseUrl}/images`, { method: 'POST', headers, body })
  const text = await answer.text()
  assert.equal(answer.status, 202, text)
  return (JSON.parse(text) as { id: string }).id
}

/** What became of an image, as soon as something did. */
export async function settled(baseUrl: string, id: string, withinMs = 120_000): Promise<ImageView> {
  return until(`image ${id} is made or refused`, async () => {
    const view = (await (await fetch(`${baseUrl}/images/${id}`)).json()) as ImageView
    return view.status !== undefined && view.status !== 'waiting' && view
  }, withinMs)
}

/** What holds for images on every runtime: who may send and delete, negotiation, caching, ranges, one set for the same upload. */
export async function runImagesSuite(t: TestContext, { baseUrl, secret }: { baseUrl: string; secret: string }): Promise<void> {
  const ada = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
  const grace = { authorization: `Bearer ${token(secret, { sub: 'grace' })}` }
  const photo = await photograph(800, 400)
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') => fetch(baseUrl + path, { method, headers })

  await t.test('an upload needs a reader, an image, and at most 20 MiB of it', async () => {
    const post = (headers: Record<string, string>, body: Body) => fetch(`${baseUrl}/images`, { method: 'POST', headers, body })
    assert.equal((await post({}, new Uint8Array(photo))).status, 401)
    assert.equal((await post(ada, '')).status, 400)
    assert.equal((await post(ada, 'hello')).status, 415)
    // It is refused before it has all come: a proxy on the way may lose the answer to that.
    await until('what is too large is refused', () => post(ada, new Uint8Array(20 * 2 ** 20 + 1)).then(({ status }) => status === 413, () => false))
    assert.equal((await post(ada, new FormData())).status, 400)
    for (const path of ['/images/none', `/images/${'0'.repeat(32)}`, `/images/${'0'.repeat(32)}/640`]) assert.equal((await ask(path)).status, 404)
  })

  const id = await send(baseUrl, photo, { ...ada, 'content-type': 'image/png' })
  const view = await settled(baseUrl, id)

  await t.test('the variants are described: sizes, filters, files, a placeholder, a bill', () => {
    assert.deepEqual([view.status, view.error, view.type, view.width, view.height], ['ready', undefined, 'image/jpeg', 800, 400])
    assert.deepEqual(view.variants.map(({ name, filter, width, height }) => [name, filter, width, height]), [
      ['2560', 'plain', 800, 400], ['1280', 'plain', 800, 400], ['640', 'crisp', 640, 320], ['grey', 'grey', 640, 320], ['320', 'crisp', 320, 160],
    ])
    assert.match(view.placeholder ?? '', /^data:image\/webp;base64,/)
    assert.ok(view.bill !== null && view.bill.gib_seconds >= 0)
  })

  await t.test('what accept names decides the format, and caches are told', async () => {
    for (const [accept, type] of [['image/avif,image/webp,*/*', 'image/avif'], ['image/webp,*/*', 'image/webp'], ['*/*', 'image/jpeg']] as const) {
      const answer = await ask(`/images/${id}/640`, { accept })
      assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')], [200, type, 'public, max-age=31536000, immutable'])
      assert.match(answer.headers.get('vary') ?? '', /\baccept\b/i)
      assert.ok((await answer.bytes()).length > 100)
    }
    assert.equal((await ask(`/images/${id}/640.webp`, { accept: 'image/avif' })).headers.get('content-type'), 'image/webp')
    assert.equal((await ask(`/images/${id}/641`)).status, 404)
    assert.equal((await ask(`/images/${id}/640.gif`)).status, 404)
  })

  await t.test('conditions and ranges', async () => {
    const path = `/images/${id}/320.jpeg`
    const whole = await ask(path)
    const bytes = await whole.bytes()
    const etag = whole.headers.get('etag')!
    assert.equal((await ask(path, { 'if-none-match': `"x", W/${etag}` })).status, 304)
    const ranges: [string, number, number][] = [['bytes=0-9', 0, 10], ['bytes=10-', 10, bytes.length], ['bytes=-5', bytes.length - 5, bytes.length]]
    for (const [range, from, to] of ranges) {
      const part = await ask(path, { range, 'if-range': etag })
      assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes ${from}-${to - 1}/${bytes.length}`])
      assert.deepEqual(await part.bytes(), bytes.slice(from, to))
    }
    for (const range of [`bytes=${bytes.length}-`, 'bytes=-0']) {
      const none = await ask(path, { range })
      assert.deepEqual([none.status, none.headers.get('content-range'), none.headers.get('cache-control')], [416, `bytes */${bytes.length}`, 'no-store'])
    }
    for (const range of ['bytes=5-2', 'bytes=a-b', 'bytes=0-1,3-4', 'lines=0-1']) assert.deepEqual(await (await ask(path, { range })).bytes(), bytes)
    assert.deepEqual(await (await ask(path, { range: 'bytes=0-9', 'if-range': '"old"' })).bytes(), bytes)
    const head = await ask(path, { range: 'bytes=0-9' }, 'HEAD')
    assert.deepEqual([head.status, head.headers.get('etag'), (await head.bytes()).length], [200, etag, 0])
  })

  await t.test('the same upload twice, as a body and as a form, is one image; of another reader it is another', async () => {
    const form = new FormData()
    form.set('file', new File([new Uint8Array(photo)], 'photo.jpg', { type: 'image/jpeg' }))
    assert.equal(await send(baseUrl, form, ada), id)
    assert.deepEqual((await settled(baseUrl, id)).bill, view.bill)
    assert.notEqual(await send(baseUrl, photo, grace), id)
  })

  await t.test('the same upload many times at once is one set of variants', async () => {
    const one = await photograph(300, 200, 33)
    const ids = new Set(await Promise.all(Array.from({ length: 6 }, () => send(baseUrl, one, grace))))
    assert.equal(ids.size, 1)
    const [same = ''] = ids
    const { status, bill } = await settled(baseUrl, same)
    assert.equal(status, 'ready')
    assert.deepEqual((await settled(baseUrl, await send(baseUrl, one, grace))).bill, bill)
  })

  await t.test('what is damaged or has too many pixels is refused by name', async () => {
    for (const [bytes, codes] of [[bomb(8000, 7000), ['too_many_pixels']], [photo.subarray(0, photo.length >> 1), ['damaged', 'failed']]] as const) {
      const told = await settled(baseUrl, await send(baseUrl, bytes, ada))
      assert.deepEqual([told.status, codes.some((code) => code === told.error?.code), told.variants], ['refused', true, []], JSON.stringify(told))
      assert.equal((await ask(`/images/${told.id}/640`)).status, 404)
    }
  })

  await t.test('only who sent it deletes it, and nothing of it is left', async () => {
    assert.equal((await ask(`/images/${id}`, {}, 'DELETE')).status, 401)
    assert.equal((await ask(`/images/${id}`, grace, 'DELETE')).status, 403)
    assert.equal((await ask(`/images/${id}`, ada, 'DELETE')).status, 204)
    for (const path of [`/images/${id}`, `/images/${id}/640`]) assert.equal((await ask(path)).status, 404)
    assert.equal((await ask(`/images/${id}`, ada, 'DELETE')).status, 404)
  })

  await t.test('a reader who asks for it takes the names of all images along, and has all of them erased', async () => {
    const mine = { authorization: `Bearer ${token(secret, { sub: 'mary' })}` }
    const ids = [await send(baseUrl, await photograph(120, 80, 10), mine), await send(baseUrl, await photograph(120, 80, 90), mine)]
    const deleted = await send(baseUrl, await photograph(60, 40), mine)
    const others = await send(baseUrl, await photograph(120, 80, 10), grace)
    for (const one of [...ids, deleted, others]) assert.equal((await settled(baseUrl, one)).status, 'ready')
    assert.equal((await ask(`/images/${deleted}`, mine, 'DELETE')).status, 204)
    const { images } = (await (await ask('/reader/export', mine)).json()) as { images: string[] }
    assert.deepEqual(images.toSorted(), ids.toSorted())
    assert.equal((await ask('/reader', mine, 'DELETE')).status, 204)
    for (const one of ids) assert.equal((await ask(`/images/${one}`)).status, 404)
    assert.equal((await ask(`/images/${others}`)).status, 200)
  })
}
