import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import sharp from 'sharp'
import { develop, giveUp } from '../../functions/_images/develop.ts'
import { ownerOf } from '../../functions/_images/names.ts'
import { eraseImages, imagesOf } from '../../functions/_images/owners.ts'
import { box, presets } from '../../functions/_images/presets.ts'
import { fetchRemote } from '../../functions/_images/remote.ts'
import { sharpStudio } from '../../functions/_images/sharp-studio.ts'
import { ELSEWHERE, isUnderWay, keepOriginal, originalKey, readManifest, removeImage } from '../../functions/_images/shelf.ts'
import { Unusable, type Studio } from '../../functions/_images/studio.ts'
import images from '../../functions/images.ts'
import { Bucket } from '../../src/runtimes/node/bindings/r2/bucket.ts'
import { nodeClock } from '../../src/runtimes/node/clock.ts'
import { createBucketAnswerer } from '../../src/runtimes/node/store/buckets/answer.ts'
import { openNodeBuckets } from '../../src/runtimes/node/store/buckets/buckets.ts'
import { openDatabase } from '../../src/runtimes/node/store/database.ts'
import { hostSchema } from '../../src/runtimes/node/store/schema.ts'
import { photograph } from './image-samples.ts'

const id = 'a'.repeat(32)
const work = { elapsed: () => performance.now(), memoryMib: 1024, traceId: null }

/** The Node host's own bucket, with one original in it. */
async function withOriginal(t: TestContext, original?: Buffer): Promise<R2Bucket> {
  const folder = mkdtempSync(join(tmpdir(), 'pressroom-shelf-'))
  const database = await openDatabase(join(folder, 'host.db'), hostSchema)
  t.after(async () => {
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const answer = createBucketAnswerer(await openNodeBuckets({ database, folder: join(folder, 'buckets'), clock: nodeClock, listeners: () => [], notified() {} }))
  const plain = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T))
  const bucket = new Bucket(async (operation, args, body) => {
    const told = await answer({ type: 'bucket', bucket: 'test' }, { b: 'B', o: operation, a: plain(args) }, Buffer.from(body ?? new Uint8Array()), {} as never)
    return { value: plain(told.value), body: Uint8Array.from(told.body ?? []) }
  }) as unknown as R2Bucket
  await bucket.put(originalKey(id), new Uint8Array(original ?? (await photograph(400, 200))), { httpMetadata: { contentType: 'image/jpeg' } })
  return bucket
}

async function keys(bucket: R2Bucket): Promise<string[]> {
  return (await bucket.list()).objects.map(({ key }) => key)
}

/** A studio that does something before it makes its nth file. */
function interrupted(at: number, act: () => Promise<void>): Studio {
  return {
    async open(bytes, widest) {
      const picture = await sharpStudio.open(bytes, widest)
      let made = 0
      return {
        ...picture,
        async make(preset, format) {
          if (++made === at) await act()
          return picture.make(preset, format)
        },
      }
    },
  }
}

test('an original is kept once, however many bring it at once, and again when nothing came of it for a quarter of an hour', async (t) => {
  const bucket = await withOriginal(t)
  await removeImage(bucket, id)
  const bring = async () => Promise.all([1, 2, 3, 4].map(async () => keepOriginal(bucket, id, new Uint8Array([1]), {})))
  assert.equal((await bring()).filter((kept) => kept).length, 1)
  assert.deepEqual([await isUnderWay(bucket, id), await bring()], [true, [false, false, false, false]])
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 900_001 })
  assert.deepEqual([await isUnderWay(bucket, id), (await bring()).some((kept) => kept)], [false, true])
})

describe('the variants of one original', () => {
  test('that broke off are not shown, and are made by the next attempt', async (t) => {
    const bucket = await withOriginal(t)
    const broken = interrupted(5, () => Promise.reject(new Error('the disk is full')))
    await assert.rejects(develop(bucket, broken, id, work), /the disk is full/)
    assert.ok((await keys(bucket)).some((key) => key.startsWith('variants/')))
    assert.equal(await readManifest(bucket, id), null)
    assert.equal((await develop(bucket, sharpStudio, id, work))?.status, 'ready')
  })

  test('are each no larger than their own box, and share files only where the original is smaller', async (t) => {
    const solid = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#a53' } })
    // The last is stored lying: upright it is 700 wide.
    const originals = [await solid(500, 5000).png().toBuffer(), await solid(1, 6000).png().toBuffer(), await solid(500, 700).withMetadata({ orientation: 6 }).jpeg().toBuffer()]
    for (const original of originals) {
      const bucket = await withOriginal(t, original)
      const { variants } = (await develop(bucket, sharpStudio, id, work))!
      assert.deepEqual(variants.map(({ name }) => name), presets.map(({ name }) => name))
      for (const [index, { name, width, height, formats: { jpeg } }] of variants.entries()) {
        const most = box(presets[index]!)
        assert.ok(width <= most.width && height <= most.height, `${name} is ${width} × ${height}`)
        const kept = await sharp(await (await bucket.get(jpeg.key))!.arrayBuffer()).metadata()
        assert.deepEqual([kept.width, kept.height], [width, height])
      }
      const files = new Set(variants.map(({ formats: { jpeg } }) => jpeg.key))
      assert.equal(files.size, new Set(variants.map(({ width, height, filter }) => `${width} ${height} ${filter === 'grey'}`)).size)
    }
  })

  test('of elsewhere are the small ones alone', async (t) => {
    const bucket = await withOriginal(t)
    await bucket.put(originalKey(id), new Uint8Array(await photograph(3000, 2250)), { customMetadata: { owner: ELSEWHERE } })
    const { variants, width } = (await develop(bucket, sharpStudio, id, work))!
    assert.deepEqual([width, ...variants.map((made) => [made.name, made.width, made.height])], [3000, ['640', 640, 480], ['grey', 640, 480], ['320', 320, 240]])
  })

  test('made twice are made once', async (t) => {
    const bucket = await withOriginal(t)
    const first = await develop(bucket, sharpStudio, id, work)
    const [before, never] = [await keys(bucket), interrupted(1, () => Promise.reject(new Error('made again')))]
    assert.deepEqual(await develop(bucket, never, id, work), first)
    assert.deepEqual(await keys(bucket), before)
  })

  test('of one that is deleted meanwhile leave nothing', async (t) => {
    const bucket = await withOriginal(t)
    assert.equal(await develop(bucket, interrupted(4, () => removeImage(bucket, id)), id, work), null)
    assert.deepEqual(await keys(bucket), [])
    assert.equal(await develop(bucket, sharpStudio, id, work), null)
    await giveUp(bucket, id)
    assert.deepEqual(await keys(bucket), [])
  })

  test('of one that is deleted while its attempt breaks off leave nothing once it is tried again', async (t) => {
    const again = [(bucket: R2Bucket) => develop(bucket, sharpStudio, id, work), (bucket: R2Bucket) => giveUp(bucket, id)]
    for (const next of again) {
      const bucket = await withOriginal(t)
      const cut = interrupted(4, async () => {
        await removeImage(bucket, id)
        throw new Error('killed')
      })
      await assert.rejects(develop(bucket, cut, id, work), /killed/)
      assert.notDeepEqual(await keys(bucket), [], 'something is left to remove')
      await next(bucket)
      assert.deepEqual(await keys(bucket), [])
    }
  })

  test('of one that turns out to be damaged halfway are removed with the refusal, and one that is given up leaves none', async (t) => {
    const bucket = await withOriginal(t)
    await develop(bucket, interrupted(7, () => Promise.reject(new Unusable('damaged', 'its end is missing'))), id, work)
    assert.deepEqual([await keys(bucket), (await readManifest(bucket, id))?.error?.code], [[`manifests/${id}`, originalKey(id)], 'damaged'])
    const other = await withOriginal(t)
    await assert.rejects(develop(other, interrupted(7, () => Promise.reject(new Error('killed'))), id, work))
    await giveUp(other, id)
    assert.deepEqual([await keys(other), (await readManifest(other, id))?.error?.code], [[`manifests/${id}`, originalKey(id)], 'failed'])
  })

  test('that three attempts broke off at are given up by name at the fourth, and what is made already stays', async (t) => {
    const bucket = await withOriginal(t)
    let acknowledged = 0
    const deliver = async (attempts: number) => {
      const messages = [{ attempts, body: { object: { key: originalKey(id) } }, ack: () => void acknowledged++ }]
      t.mock.method(console, 'log', () => {})
      await images.queue({ messages } as never, { PICTURES: bucket } as never)
    }
    await deliver(4)
    assert.deepEqual([acknowledged, (await readManifest(bucket, id))?.error?.code], [1, 'failed'])
    await removeImage(bucket, id)
    await bucket.put(originalKey(id), new Uint8Array(await photograph(100, 50)))
    await deliver(3)
    assert.equal((await readManifest(bucket, id))?.status, 'ready')
    await deliver(4)
    assert.equal((await readManifest(bucket, id))?.status, 'ready')
  })
})

test('an image that is older than the notes of whose it is belongs to its sender: in the export, and erased with all else', async (t) => {
  const bucket = await withOriginal(t)
  const env = { PICTURES: bucket }
  const bytes = new Uint8Array(await photograph(40, 20))
  const elsewhere = 'c'.repeat(32)
  for (const [name, owner] of [['b'.repeat(32), await ownerOf('ada')], [elsewhere, ELSEWHERE]] as const) await keepOriginal(bucket, name, bytes, { customMetadata: { owner } })
  assert.deepEqual(await imagesOf(env, 'ada'), ['b'.repeat(32)])
  assert.deepEqual(await imagesOf(env, 'grace'), [])
  await eraseImages(env, 'ada')
  assert.deepEqual([await imagesOf(env, 'ada'), (await keys(bucket)).filter((key) => key.startsWith('originals/'))], [[], [originalKey(id), originalKey(elsewhere)]])
})

test('an image of elsewhere is fetched by one request; no other waits for it, since that one may be gone, and after a while another takes its place', async (t) => {
  const bucket = await withOriginal(t)
  const other = 'b'.repeat(32)
  const asked: string[] = []
  const never = Promise.withResolvers<Response>()
  t.mock.method(globalThis, 'fetch', (url: string) => {
    asked.push(url)
    return asked.length === 1 ? never.promise : Promise.resolve(new Response('gone', { status: 404 }))
  })
  const fetchIt = () => fetchRemote(bucket, other, 'https://elsewhere.example/a.jpg', () => assert.fail('nothing was kept'))
  const first = fetchIt()
  while (asked.length === 0) await new Promise(setImmediate)
  assert.equal(await fetchIt(), null)
  assert.equal(asked.length, 1)
  const { now } = Date
  t.mock.method(Date, 'now', () => now() + 60_000)
  assert.equal((await fetchIt())?.error?.code, 'unreachable')
  assert.equal(asked.length, 2)
  never.reject(new Error('over'))
  assert.equal((await first)?.status, 'refused')
})
