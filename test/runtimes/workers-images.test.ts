import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { photograph } from '../functions/image-samples.ts'
import { runImagesSuite, send, settled } from '../suites/images.suite.ts'
import { token } from '../suites/news-client.ts'
import { startWranglerDev } from '../suites/wrangler-dev.ts'

test('images on Workers, made by the image binding', { timeout: 300_000 }, async (t) => {
  const secret = 'a secret of this test'
  const dev = await startWranglerDev({ READER_SECRET: secret, SOURCES: 'asset:/none.opml' })
  t.after(() => dev.stop())
  await runImagesSuite(t, { baseUrl: dev.baseUrl, secret }).catch((error: unknown) => {
    throw new Error(dev.output(), { cause: error })
  })
  await t.test('a kind that the binding does not read is refused by name', async () => {
    const scan = await sharp(await photograph(40, 30)).tiff().toBuffer()
    const { status, error } = await settled(dev.baseUrl, await send(dev.baseUrl, scan, { authorization: `Bearer ${token(secret, { sub: 'ada' })}` }))
    assert.deepEqual([status, error?.code], ['refused', 'not_an_image'])
    assert.match(error?.message ?? '', /tiff/i)
  })
})
