import { test } from 'node:test'
import { runImagesSuite } from '../suites/images.suite.ts'
import { startWranglerDev } from '../suites/wrangler-dev.ts'

test('images on Workers, made by the image binding', { timeout: 300_000 }, async (t) => {
  const secret = 'a secret of this test'
  const dev = await startWranglerDev({ READER_SECRET: secret, SOURCES: 'asset:/none.opml' })
  t.after(() => dev.stop())
  await runImagesSuite(t, { baseUrl: dev.baseUrl, secret }).catch((error: unknown) => {
    throw new Error(dev.output(), { cause: error })
  })
})
