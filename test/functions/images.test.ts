import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import sharp from 'sharp'
import { isAnimated } from '../../functions/_images/frames.ts'
import { presets, type Format } from '../../functions/_images/presets.ts'
import { remoteImagePath } from '../../functions/_images/remote.ts'
import { negotiate } from '../../functions/_images/serve.ts'
import { sharpStudio } from '../../functions/_images/sharp-studio.ts'
import { sniff } from '../../functions/_images/sniff.ts'
import { animatedPng, animation, bomb, channelsOf, drawing, photograph, withExifRubbish } from './image-samples.ts'

const preset = (name: string) => presets.find((one) => one.name === name)!
const open = (bytes: Uint8Array) => sharpStudio.open(new Uint8Array(bytes), presets[0]!)

async function variantOf(bytes: Uint8Array, name = '320', format: Format = 'webp') {
  const made = await (await open(bytes)).make(preset(name), format)
  const metadata = await sharp(made.bytes).metadata()
  const at = async (x: number, y: number) => {
    const raw = await sharp(made.bytes).extract({ left: x, top: y, width: 1, height: 1 }).removeAlpha().raw().toBuffer()
    return [...raw]
  }
  return { ...made, metadata, at }
}

function near(found: number[], expected: number[], within = 40): void {
  assert.equal(found.length, expected.length)
  assert.ok(found.every((value, index) => Math.abs(value - expected[index]!) <= within), `${found.join()} is not ${expected.join()}`)
}

describe('variants of an image', () => {
  test('are as wide as their preset, in each format, and never wider than the original', async () => {
    const picture = await open(await photograph(700, 350))
    for (const [format, name] of [['avif', 'heif'], ['webp', 'webp'], ['jpeg', 'jpeg']] as const) {
      const { bytes, width, height } = await picture.make(preset('320'), format)
      assert.deepEqual([width, height], [320, 160])
      assert.equal((await sharp(bytes).metadata()).format, name)
    }
    assert.equal((await picture.make(preset('2560'), 'jpeg')).width, 700)
    assert.match(await picture.placeholder(), /^data:image\/webp;base64,[\w+/=]{20,400}$/)
  })

  test('stand upright, without metadata but with the colour profile', async () => {
    const turned = await sharp(await photograph(400, 200)).withIccProfile('p3').withExif({ IFD0: { Copyright: 'Ada' } }).withMetadata({ orientation: 6 }).toBuffer()
    const { width, height, metadata, at } = await variantOf(turned, '640', 'jpeg')
    assert.deepEqual([width, height], [200, 400])
    assert.deepEqual([metadata.exif, metadata.xmp, metadata.orientation ?? 1], [undefined, undefined, 1])
    const { icc } = await sharp(turned).metadata()
    assert.ok(icc !== undefined && metadata.icc?.equals(icc), 'the profile of the original')
    // Turned by a quarter to the right, the upper left corner is the upper right one.
    near(await at(190, 10), [255, 255, 255])
    assert.ok((await at(10, 10))[1]! < 120)
  })

  test('have the filter of their preset', async () => {
    const { at } = await variantOf(await photograph(700, 350), 'grey', 'jpeg')
    const [red, green, blue] = await at(300, 200)
    near([green!, blue!], [red!, red!], 8)
  })

  test('are no taller than twice their width', async () => {
    const tall = await sharp({ create: { width: 400, height: 4000, channels: 3, background: '#123456' } }).png().toBuffer()
    const { width, height } = await variantOf(tall, '320')
    assert.deepEqual([width, height], [64, 640])
  })

  test('show the first frame of an animation', async () => {
    for (const [bytes, first] of [[await animation(), [255, 0, 0]], [await animation('webp'), [255, 0, 0]], [animatedPng(), [255, 255, 255]]] as const) {
      assert.equal(isAnimated(bytes), true)
      const { at, metadata } = await variantOf(bytes)
      assert.equal(metadata.pages ?? 1, 1)
      near(await at(20, 20), [...first])
    }
    const still = sharp(await photograph(40, 30))
    for (const kind of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) assert.equal(isAnimated(await still.clone().toFormat(kind).toBuffer()), false, kind)
    const whole = await animation()
    for (let length = 0; length < whole.length; length++) isAnimated(whole.subarray(0, length))
  })

  test('of inks are sRGB, of 16 bits have 8, and transparency becomes white in JPEG', async () => {
    const inks = await sharp(await photograph(200, 100)).toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer()
    assert.equal((await sharp(inks).metadata()).space, 'cmyk')
    for (const format of ['jpeg', 'webp'] as const) {
      const { metadata, at } = await variantOf(inks, '320', format)
      assert.deepEqual([metadata.space, metadata.channels], ['srgb', 3])
      near(await at(10, 10), [255, 255, 255])
    }
    const deep = await sharp(await photograph(200, 100)).toColourspace('rgb16').png().toBuffer()
    assert.equal((await sharp(deep).metadata()).depth, 'ushort')
    assert.equal((await variantOf(deep)).metadata.depth, 'uchar')
    const clear = await sharp({ create: { width: 50, height: 50, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).png().toBuffer()
    near(await (await variantOf(clear, '320', 'jpeg')).at(20, 20), [255, 255, 255])
    const half = await sharp({ create: { width: 700, height: 500, channels: 4, background: { r: 200, g: 30, b: 90, alpha: 0.5 } } }).withIccProfile('p3').png().toBuffer()
    const seen = await sharp((await variantOf(half)).bytes).extract({ left: 100, top: 100, width: 1, height: 1 }).keepIccProfile().raw().toBuffer()
    near([...seen], [...(await sharp(half).extract({ left: 100, top: 100, width: 1, height: 1 }).keepIccProfile().raw().toBuffer())], 3)
  })

  test('are made in spite of rubbish in EXIF', async () => {
    const { width, metadata } = await variantOf(withExifRubbish(await photograph(400, 200)), '320', 'jpeg')
    assert.deepEqual([width, metadata.exif], [320, undefined])
  })
})

describe('an image that cannot be shown is refused by name', () => {
  test('too many pixels, whether or not they are there', async () => {
    for (const bytes of [bomb(60_000, 60_000), bomb(10_000, 5_001)]) await assert.rejects(open(bytes), { code: 'too_many_pixels', message: /more than 50000000 pixels/ })
  })

  test('more channels than colours and transparency', async () => {
    for (const count of [5, 6, 200]) await assert.rejects(open(channelsOf(count)), { code: 'not_an_image', message: /more channels/ })
  })

  test('truncated, and noise behind a good beginning', async () => {
    const whole = await photograph(600, 400)
    const damaged = [whole.subarray(0, whole.length >> 1), bomb(500, 500), Buffer.concat([whole.subarray(0, 20), Buffer.alloc(2000, 0x5a)])]
    for (const bytes of damaged) await assert.rejects(variantOf(bytes), { code: 'damaged' })
  })

  test('kinds of files that are taken are known by their first bytes', async () => {
    const image = sharp(await photograph(40, 30))
    for (const kind of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) assert.equal(sniff(await image.clone().toFormat(kind).toBuffer()), `image/${kind}`)
  })

  test('kinds of files that are not taken never reach a decoder of theirs', async () => {
    assert.throws(() => sniff(Buffer.from(drawing)), { status: 415, code: 'svg_refused' })
    const family = (...brands: string[]) => Buffer.concat([Buffer.from([0, 0, 0, 12 + 4 * brands.length]), Buffer.from(`ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`, 'latin1'), Buffer.alloc(40)])
    for (const brands of [['heic', 'mif1', 'heic'], ['mif1', 'heix']]) assert.throws(() => sniff(family(...brands)), { status: 415, code: 'heic_refused', message: /save it as JPEG/ })
    assert.equal(sniff(family('mif1', 'miaf', 'avif')), 'image/avif')
    for (const text of ['%PDF-1.7', 'P6 1 1 255 \0\0\0', '<html></html>', '']) assert.throws(() => sniff(Buffer.from(text)), { status: 415, code: 'not_an_image' })
    await assert.rejects(open(Buffer.from(drawing)), { code: 'damaged' })
  })
})

test('the format is the best that the client names itself; who names none gets JPEG', () => {
  const wanted: [string | undefined, Format][] = [
    ['image/avif,image/webp,image/*;q=0.8', 'avif'],
    ['image/webp,*/*;q=0.8', 'webp'],
    ['image/avif;q=0.5,image/webp', 'webp'],
    ['image/avif;q=0,image/*', 'jpeg'],
    ['image/jpeg,image/webp;q=0.5', 'jpeg'],
    ['image/avif;q=0.5,image/webp;q=0.9', 'webp'],
    ['image/avif; Q=0.2, image/webp;q=0.1', 'avif'],
    ['image/webp;q=0.3,*/*;q=0.5', 'jpeg'],
    ['image/jpeg;q=0,image/*', 'avif'],
    ['image/jpeg;q=0,image/avif;q=0,*/*', 'webp'],
    ['*/*;q=0', 'jpeg'],
    ['text/html', 'jpeg'],
    ['image/webp;q=much', 'jpeg'],
    ['*/*', 'jpeg'],
    [undefined, 'jpeg'],
  ]
  for (const [accept, format] of wanted) assert.equal(negotiate(accept), format, accept ?? 'nothing')
})

test('the address of an image of elsewhere is signed as the README says', async () => {
  const url = 'https://example.com/a b.jpg?x=1&y=ü'
  const env = { READER_SECRET: 'a secret' } as Parameters<typeof remoteImagePath>[0]
  const { pathname, searchParams } = new URL(await remoteImagePath(env, url, '640'), 'http://host')
  const signature = createHmac('sha256', 'a secret').update(`image:${url}`).digest('base64url')
  assert.deepEqual([pathname, Object.fromEntries(searchParams)], ['/images/remote', { url, variant: '640', signature }])
})
