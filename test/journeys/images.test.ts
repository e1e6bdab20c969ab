import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import sharp from 'sharp'
import { animation, bomb, drawing, photograph } from '../functions/image-samples.ts'
import { runImagesSuite, send, settled, type ImageView } from '../suites/images.suite.ts'
import { token } from '../suites/news-client.ts'
import { ask, bodyOf, type Refusal } from './uploads.ts'
import { runCommand, startHost, until, type HostProcess } from './host-process.ts'

const secret = 'change-me-change-me'
const ada = { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }
const PATIENCE_MS = 120_000

async function start(data: string, flags: string[] = [], sources = 'asset:/none.opml'): Promise<HostProcess> {
  return startHost({ functions: 'functions', data, flags, env: { READER_SECRET: secret, SOURCES: sources } })
}

function temporary(name: string): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), `pressroom-${name}-`))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Keys of everything that the bucket holds. */
async function keys(host: HostProcess): Promise<string[]> {
  const { objects } = await host.admin<{ objects: { key: string }[] }>('/buckets/pressroom-pictures')
  return objects.map(({ key }) => key)
}

/** Something that takes a while: noise is hard on every encoder. */
async function noise(seed: number): Promise<Buffer> {
  return sharp({ create: { width: 1600, height: 1000, channels: 3, background: { r: seed, g: 90, b: 120 }, noise: { type: 'gaussian', mean: 128, sigma: 25 } } }).jpeg().toBuffer()
}

/** Where a page finds an image of elsewhere. */
function signed(url: string): string {
  const signature = createHmac('sha256', secret).update(`image:${url}`).digest('base64url')
  return `/images/remote?${new URLSearchParams({ url, signature, variant: '320' }).toString()}`
}

/** The processes that may load addons, of one host. */
function nativeInstances(host: HostProcess): number[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number).filter((pid) => {
    try {
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      return Number(parent) === host.child.pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('--allow-addons')
    } catch {
      return false
    }
  })
}

test('images on Node', { timeout: 600_000 }, async (t) => {
  using data = temporary('images')
  using elsewhere = temporary('photo')
  const photo = await photograph(900, 600)
  const heron = await photograph(1200, 800, 90)
  const asked: string[] = []
  const site = createServer((request, response) => {
    const item = `<item><title>A heron on the roof</title><link>${origin}/heron</link><enclosure url="${origin}/heron.jpg" type="image/jpeg" length="1"/></item>`
    if (request.url === '/sources.opml') return void response.end(`<opml version="2.0"><body><outline type="rss" text="Birds" xmlUrl="${origin}/birds.xml"/></body></opml>`)
    if (request.url === '/birds.xml') return void response.end(`<rss version="2.0"><channel><title>Birds</title>${item}</channel></rss>`)
    asked.push(request.url ?? '')
    if (request.url === '/heron.jpg') response.end(heron)
    else if (request.url === '/photo.jpg') response.end(photo)
    else if (request.url === '/page') response.end('<html></html>')
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  t.after(() => site.close())
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  await using host = await start(data.path, ['--allow-outbound', origin.replace('http://', '')], `${origin}/sources.opml`)

  await runImagesSuite(t, { baseUrl: host.url, secret })

  await t.test('what cannot be shown is refused by name, and its neighbours are made', async () => {
    const refused: [string, string | Buffer][] = [
      ['too_many_pixels', bomb(60_000, 60_000)],
      ['damaged', photo.subarray(0, photo.length >> 1)],
      ['damaged', bomb(300, 300)],
    ]
    const sent = await Promise.all([
      ...refused.map(async ([code, bytes]) => ({ code, id: await send(host.url, bytes, ada) })),
      ...[await photograph(500, 300, 20), await animation()].map(async (bytes) => ({ code: undefined, id: await send(host.url, bytes, ada) })),
    ])
    for (const { code, id } of sent) {
      const view = await settled(host.url, id, PATIENCE_MS)
      assert.deepEqual([view.status, view.error?.code], code === undefined ? ['ready', undefined] : ['refused', code])
      const { status } = await fetch(`${host.url}/images/${id}/320`)
      assert.equal(status, code === undefined ? 200 : 404)
    }
    const answer = await fetch(`${host.url}/images`, { method: 'POST', headers: ada, body: drawing })
    assert.deepEqual([answer.status, ((await answer.json()) as { error: { code: string } }).error.code], [415, 'svg_refused'])
  })

  await t.test('each image is one call in the ledger, woken by the bucket, and its trace is in the bill', async () => {
    const id = await send(host.url, await photograph(450, 300, 77), ada)
    const { bill } = await settled(host.url, id, PATIENCE_MS)
    const record = await until('the record is there', async () => {
      const { invocations } = await host.admin<{ invocations: { trace_id: string; trigger: string; outcome: string; run_ms: number; memory_mb: number }[] }>('/invocations?function=images&limit=100')
      return invocations.find(({ trace_id: trace }) => trace === bill?.trace_id)
    })
    assert.deepEqual([record.trigger, record.outcome, record.memory_mb], ['datasource', 'ok', 1024])
    assert.ok(bill !== null && bill.run_ms > 0 && bill.run_ms <= record.run_ms, `${bill?.run_ms} of ${record.run_ms} ms`)
    const spans = await until('its span', async () => {
      const { spans: found = [] } = await host.admin<{ spans?: { name: string; attributes: Record<string, unknown> }[] }>(`/traces/${bill.trace_id}`)
      return found.some(({ name }) => name === 'images') && found
    })
    const { attributes } = spans.find(({ name }) => name === 'images')!
    assert.deepEqual([attributes['faas.trigger'], attributes['faas.document.collection'], attributes['faas.document.operation']], ['datasource', 'pressroom-pictures', 'insert'])
  })

  await t.test('many same uploads at once are one call', async () => {
    const calls = async () => (await host.admin<{ invocations: unknown[] }>('/invocations?function=images&limit=1000')).invocations.length
    const one = await photograph(320, 240, 5)
    const before = await calls()
    const ids = await Promise.all(Array.from({ length: 8 }, () => send(host.url, one, ada)))
    await settled(host.url, ids[0]!, PATIENCE_MS)
    const next = await photograph(330, 240, 5)
    await settled(host.url, await send(host.url, next, ada), PATIENCE_MS)
    await until('both calls are in the ledger', async () => (await calls()) >= before + 2)
    assert.equal(await calls(), before + 2)
  })

  await t.test('the news pages show the image of a story, fetched by this host, once, and as small as they show it', async () => {
    const page = await until('the story is there', async () => {
      const text = await (await fetch(`${host.url}/`)).text()
      return text.includes('A heron on the roof') && text
    }, PATIENCE_MS)
    const path = /<img src="(\/images\/remote[^"]+)"/.exec(page)![1]!.replaceAll('&amp;', '&')
    for (let i = 0; i < 2; i++) {
      const answer = await fetch(host.url + path, { headers: { accept: 'image/avif,image/*;q=0.8' } })
      assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')], [200, 'image/avif', 'public, max-age=31536000, immutable'])
      assert.equal((await sharp(await answer.bytes()).metadata()).width, 640)
    }
    assert.deepEqual(asked.filter((one) => one === '/heron.jpg').length, 1)
  })

  await t.test('an image of elsewhere is fetched once, for addresses that this host signed', async () => {
    const path = signed(`${origin}/photo.jpg`)
    const fetched = () => asked.filter((one) => one !== '/heron.jpg').length
    const shown = () => until('it is made', async () => {
      const answer = await fetch(host.url + path, { headers: { accept: 'image/webp' } })
      return answer.status !== 503 && answer
    }, PATIENCE_MS)
    const [one, two] = [await shown(), await shown()]
    assert.deepEqual([one.status, two.status, one.headers.get('content-type')], [200, 200, 'image/webp'])
    assert.deepEqual([one.headers.get('etag'), fetched()], [two.headers.get('etag'), 1])
    for (const page of ['/page', '/missing']) {
      const remote = host.url + signed(origin + page)
      for (let i = 0; i < 2; i++) assert.equal((await fetch(remote)).status, 404)
    }
    assert.equal(fetched(), 3, 'a failure is remembered')
    const inside = await fetch(host.url + signed(`${host.adminUrl}/functions`))
    assert.deepEqual([inside.status, ((await inside.json()) as { error: { code: string } }).error.code], [404, 'unreachable'])
    const forged = new URL(host.url + path)
    forged.searchParams.set('url', `${origin}/other.jpg`)
    assert.equal((await fetch(forged)).status, 403)
    assert.equal(fetched(), 3)
  })

  await t.test('an uploaded function that asks for native code is refused by name', async () => {
    const asks = bodyOf("export default { fetch: () => new Response('x') }", { native: true })
    const loads = bodyOf("process.dlopen({ exports: {} }, '/nowhere.node')\nexport default { fetch: () => new Response('x') }")
    for (const [upload, reason] of [[asks, /config\.native.*native packages cannot be uploaded/], [loads, /addon/i]] as const) {
      const { status, body } = await ask<Refusal>(host, '/functions/mine/revisions', 'POST', upload)
      assert.deepEqual([status, body.error.code], [422, 'revision_refused'], JSON.stringify(body))
      assert.match(body.error.detail, reason)
    }
  })

  await t.test('the README, step by step', async () => {
    writeFileSync(join(elsewhere.path, 'photo.jpg'), photo)
    const [, section = ''] = readFileSync('README.md', 'utf8').split('\n## Images\n')
    const [, steps] = /^```sh\n([\s\S]*?)^```/m.exec(section)!
    const script = `set -e\nTOKEN=${token(secret, { sub: 'grace' })}\n${steps!.replaceAll('http://127.0.0.1:8787', host.url)}\necho; echo gone: $ID`
    const child = runCommand(['-c', script], { cwd: elsewhere.path, program: ['bash'] })
    const late = setTimeout(() => child.child.kill('SIGKILL'), PATIENCE_MS)
    assert.equal(await child.exited, 0, child.lines.join('\n'))
    clearTimeout(late)
    const said = child.lines.join('\n')
    const view = JSON.parse(/^\{"id".*?"at":"[^"]*"\}/m.exec(said)![0]) as ImageView
    assert.deepEqual([view.status, view.width], ['ready', 900])
    const { format, width } = await sharp(readFileSync(join(elsewhere.path, 'photo.avif'))).metadata()
    assert.deepEqual([format, width], ['heif', 640])
    assert.equal((await fetch(`${host.url}/images/${/gone: (\w+)/.exec(said)![1]}`)).status, 404)
  })
})

test('killed in the middle, instance or host: no half is shown, and the variants are made after all', { timeout: 600_000, skip: process.platform === 'linux' ? false : 'needs /proc' }, async () => {
  using data = temporary('images-killed')
  let seed = 0
  /** Sends an image and, as soon as some of its variants are kept and none is shown, does something to the host; answers its id. */
  const interrupt = async (host: HostProcess, act: () => void): Promise<string> => {
    for (;;) {
      const id = await send(host.url, await noise((seed += 20)), ada)
      await until('a variant is kept', async () => (await keys(host)).some((key) => key.startsWith(`variants/${id}/`)), PATIENCE_MS)
      const { status } = await fetch(`${host.url}/images/${id}/2560`)
      // All made while this process had no turn: another image.
      if (status === 200) continue
      assert.equal(status, 503)
      act()
      return id
    }
  }
  const cutShort = async (host: HostProcess) => {
    const { invocations } = await host.admin<{ invocations: { outcome: string }[] }>('/invocations?function=images')
    return invocations.some(({ outcome }) => outcome === 'exited')
  }
  let id: string
  {
    await using host = await start(data.path)
    // The last variant may have been made just before the signal.
    do {
      id = await interrupt(host, () => nativeInstances(host).forEach((pid) => process.kill(pid, 'SIGKILL')))
      assert.equal((await settled(host.url, id, PATIENCE_MS)).status, 'ready')
    } while (!(await cutShort(host)))
    id = await interrupt(host, () => host.child.kill('SIGKILL'))
    await host.exited
  }
  await using host = await start(data.path)
  const view = await settled(host.url, id, PATIENCE_MS)
  assert.equal(view.status, 'ready')
  for (const { files } of view.variants) {
    for (const { url, bytes } of files) assert.equal((await (await fetch(host.url + url)).bytes()).length, bytes)
  }
  assert.equal((await fetch(`${host.url}/images/${id}`, { method: 'DELETE', headers: ada })).status, 204)
  assert.deepEqual((await keys(host)).filter((key) => key.includes(id)), [])
})
