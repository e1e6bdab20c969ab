import type { Context } from 'hono'
import type { FunctionConfig } from 'pressroom'
import { newsApp, type NewsApp } from './_news/app.ts'
import { badRequest, Problem, reason } from './_news/problems.ts'
import { knownReader } from './_news/reader.ts'
import { cloudflareStudio } from './_images/cloudflare-studio.ts'
import { develop, giveUp } from './_images/develop.ts'
import { Crowded, readImage } from './_images/intake.ts'
import { ID, imageId, ownerOf } from './_images/names.ts'
import { own, removeOwned } from './_images/owners.ts'
import { checkSignature, fetchRemote, remoteId } from './_images/remote.ts'
import { chooseFile, serveFile } from './_images/serve.ts'
import { keepOriginal, originalKey, readManifest, removeImage, type ImagesEnv, type Manifest } from './_images/shelf.ts'
import { sniff } from './_images/sniff.ts'

// Without `env`: which bindings there are is the runtime's business, IMAGES is on Workers alone.
export const config = {
  routes: [
    'POST /images',
    'OPTIONS /images',
    'GET /images/remote',
    'OPTIONS /images/remote',
    'GET /images/:id',
    'DELETE /images/:id',
    'OPTIONS /images/:id',
    'GET /images/:id/:variant',
    'OPTIONS /images/:id/:variant',
  ],
  memory: 512,
  timeout: 60,
} satisfies FunctionConfig

/** How long a page waits for an image of elsewhere, and how often it is looked for. */
const PATIENCE_MS = 20_000
const LOOK_MS = 100

const app = newsApp()
type Ask = Context<NewsApp>

function imagesEnv(c: Ask): ImagesEnv {
  return c.env
}

function bucketOf(c: Ask): R2Bucket {
  const bucket = imagesEnv(c).PICTURES
  if (bucket === undefined) throw new Error('gallery: env.PICTURES: expected a bucket; name it in [[r2_buckets]] of wrangler.toml')
  return bucket
}

function idOf(c: Ask): string {
  const id = c.req.param('id') ?? ''
  if (!ID.test(id)) throw notFound(id)
  return id
}

function notFound(id: string): Problem {
  return new Problem(404, 'not_found', `image ${id.slice(0, 40)}: there is none`)
}

function later(c: Ask, code: string, message: string): Response {
  return c.json({ error: { code, message } }, 503, { 'retry-after': '1', 'cache-control': 'no-store' })
}

function refused(c: Ask, { id, error }: Manifest): Response {
  return c.json({ error: { code: error?.code ?? 'refused', message: `image ${id}: ${error?.message ?? 'refused'}` } }, 404)
}

/** Where the runtime has an image service of its own there is no function that an upload wakes. */
function wake(c: Ask, bucket: R2Bucket, id: string): void {
  const { IMAGES } = imagesEnv(c)
  if (IMAGES === undefined) return
  const work = { elapsed: () => performance.now(), memoryMib: 128, traceId: null }
  c.executionCtx.waitUntil(
    develop(bucket, cloudflareStudio(IMAGES), id, work).catch((error: unknown) => {
      console.error(`gallery: ${id}: ${reason(error)}`)
      return giveUp(bucket, id)
    }),
  )
}

app.post('/images', async (c) => {
  const reader = await knownReader(c)
  if (reader === undefined) throw new Problem(401, 'unauthorized', 'an upload needs a bearer token, or the cookie of a reader')
  const bucket = bucketOf(c)
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = await readImage(c.req.raw)
  } catch (error) {
    if (error instanceof Crowded) return later(c, 'overloaded', error.message)
    throw error
  }
  if (bytes.byteLength === 0) throw badRequest('body: expected an image, found nothing')
  const contentType = sniff(bytes)
  const owner = await ownerOf(reader)
  const id = await imageId(owner, bytes)
  const known = await readManifest(bucket, id)
  if (known?.error?.code === 'failed') await removeImage(bucket, id)
  else if (known !== null) return c.json({ id }, 202)
  await own(bucket, owner, id)
  if (await keepOriginal(bucket, id, bytes, { httpMetadata: { contentType }, customMetadata: { owner } })) wake(c, bucket, id)
  return c.json({ id }, 202)
})

app.get('/images/remote', async (c) => {
  const { url = '', variant = '640', signature = '' } = c.req.query()
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw badRequest('url: expected an http or https URL')
  await checkSignature(c.env, url, signature)
  const bucket = bucketOf(c)
  const id = await remoteId(url)
  let shown: Manifest | null
  try {
    shown = await fetchRemote(bucket, id, url, () => wake(c, bucket, id))
  } catch (error) {
    if (error instanceof Crowded) return later(c, 'overloaded', error.message)
    throw error
  }
  for (let waited = 0; shown === null && waited < PATIENCE_MS; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    shown = await readManifest(bucket, id)
  }
  if (shown === null) return later(c, 'not_ready', `image ${id}: its variants are being made`)
  return showVariant(c, bucket, shown, variant)
})

async function showVariant(c: Ask, bucket: R2Bucket, manifest: Manifest, variant: string): Promise<Response> {
  if (manifest.status === 'refused') return refused(c, manifest)
  const file = chooseFile(manifest, variant, c.req.header('accept'))
  if (file === undefined) {
    const names = manifest.variants.map(({ name }) => name).join(', ')
    throw new Problem(404, 'not_found', `variant ${variant.slice(0, 40)}: expected one of ${names}, alone or with .avif, .webp or .jpeg`)
  }
  return (await serveFile(bucket, file, c.req.raw)) ?? c.json({ error: { code: 'not_found', message: `image ${manifest.id}: there is none` } }, 404)
}

app.get('/images/:id', async (c) => {
  const id = idOf(c)
  const bucket = bucketOf(c)
  const manifest = await readManifest(bucket, id)
  if (manifest !== null) {
    const variants = manifest.variants.map(({ name, filter, width, height, formats }) => ({
      name,
      filter,
      width,
      height,
      files: Object.entries(formats).map(([format, { bytes }]) => ({ url: `/images/${id}/${name}.${format}`, type: `image/${format}`, bytes })),
    }))
    return c.json({ ...manifest, variants, at: new Date(manifest.at).toISOString() })
  }
  if ((await bucket.head(originalKey(id))) === null) throw notFound(id)
  return c.json({ id, status: 'waiting', variants: [], bill: null })
})

app.get('/images/:id/:variant', async (c) => {
  const id = idOf(c)
  const bucket = bucketOf(c)
  const manifest = await readManifest(bucket, id)
  if (manifest !== null) return showVariant(c, bucket, manifest, c.req.param('variant'))
  if ((await bucket.head(originalKey(id))) === null) throw notFound(id)
  return later(c, 'not_ready', `image ${id}: its variants are being made`)
})

app.delete('/images/:id', async (c) => {
  const id = idOf(c)
  const reader = await knownReader(c)
  if (reader === undefined) throw new Problem(401, 'unauthorized', 'to delete an image takes the token or the cookie of who sent it')
  const bucket = bucketOf(c)
  const original = await bucket.head(originalKey(id))
  if (original === null) throw notFound(id)
  const owner = await ownerOf(reader)
  if (original.customMetadata?.['owner'] !== owner) throw new Problem(403, 'forbidden', `image ${id}: only who sent it may delete it`)
  await removeOwned(bucket, owner, id)
  return c.body(null, 204)
})

export default app
