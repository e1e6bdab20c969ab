import { Hono, type Context } from 'hono'
import { PressroomError } from '../../contract/errors.ts'
import { BUCKET_NAME_RULE, isBucketName } from '../../contract/function-config.ts'
import { meets, type Buckets, type Conditions, type HttpMetadata, type OpenObject, type StoredObject } from '../../ports/buckets.ts'

/** Bytes that are read and sent at a time. */
const PART_BYTES = 256 * 1024
const MOST_LISTED = 1000
const LONGEST_KEY = 1024
/** Headers that hold an object's custom metadata begin with it. */
const METADATA = 'pressroom-meta-'
const HEADERS: readonly [name: string, field: Exclude<keyof HttpMetadata, 'cacheExpiry'>][] = [
  ['content-type', 'contentType'], ['content-language', 'contentLanguage'], ['content-disposition', 'contentDisposition'],
  ['content-encoding', 'contentEncoding'], ['cache-control', 'cacheControl'],
]

/** Paths of objects: their bodies are neither JSON nor small. */
export const OBJECT_PATH = /^\/buckets\/[^/]+\/./

/**
 * Objects of buckets over HTTP, with conditions and one range as HTTP has them. Changes are of any content type: PUT and DELETE are
 * methods that no page of another origin can send unasked.
 */
export function bucketRoutes(buckets: Buckets | undefined): Hono {
  const app = new Hono()
  const all = (): Buckets => {
    if (buckets === undefined) throw new PressroomError('not_found', 'this host has no buckets')
    return buckets
  }
  app.get('/buckets', async (c) => c.json({ buckets: await all().sums() }))
  app.get('/buckets/:bucket', async (c) => {
    const { prefix = '', delimiter, cursor, limit = String(MOST_LISTED) } = c.req.query()
    const most = Number(limit)
    if (!Number.isInteger(most) || most < 1 || most > MOST_LISTED) throw new PressroomError('bad_request', `limit: expected a whole number from 1 to ${MOST_LISTED}, found ${limit}`)
    const { objects, delimitedPrefixes, next } = await all().list(nameOf(c), { prefix, delimiter: delimiter || undefined, after: cursor || undefined, limit: most })
    return c.json({ objects: objects.map(toView), prefixes: delimitedPrefixes, next: next ?? null })
  })
  app.on(['GET', 'HEAD'], '/buckets/:bucket/:key{.+}', async (c) => {
    const open = await all().open(nameOf(c), keyOf(c))
    if (!open) throw new PressroomError('not_found', `there is no object ${keyOf(c)} in ${nameOf(c)}`)
    return answer(c, open)
  })
  app.put('/buckets/:bucket/:key{.+}', async (c) => {
    const about = { httpMetadata: httpMetadataOf(c), customMetadata: customMetadataOf(c) }
    const conditions = conditionsOf(c)
    const draft = await all().draft(nameOf(c), [])
    try {
      const reader = c.req.raw.body?.getReader()
      for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) await draft.write(part.value)
    } catch (error) {
      await draft.abort()
      throw (error as { code?: unknown }).code === 'storage_failed' ? error : new PressroomError('bad_request', 'the object broke off; nothing was kept', { cause: error })
    }
    const object = await all().put(nameOf(c), keyOf(c), draft, { ...about, ...(conditions ? { onlyIf: conditions } : {}) })
    return object ? c.json(toView(object), 201) : c.body(null, 412)
  })
  app.delete('/buckets/:bucket/:key{.+}', async (c) => {
    const [deleted] = await all().delete(nameOf(c), [keyOf(c)])
    return c.json({ deleted: deleted ?? null })
  })
  return app
}

function nameOf(c: Context): string {
  const name = c.req.param('bucket') ?? ''
  if (!isBucketName(name)) throw new PressroomError('bad_request', `bucket: expected ${BUCKET_NAME_RULE}, found ${JSON.stringify(name)}`)
  return name
}

/** Everything behind the bucket's name, as it was meant: `%2F` and `/` are the same. */
function keyOf(c: Context): string {
  const path = new URL(c.req.url).pathname
  const raw = path.slice(path.indexOf('/', '/buckets/'.length) + 1)
  let key: string
  try {
    key = decodeURIComponent(raw)
  } catch {
    throw new PressroomError('bad_request', `key: expected text that is percent-encoded, found ${raw.slice(0, 100)}`)
  }
  const { length } = new TextEncoder().encode(key)
  if (length > LONGEST_KEY) throw new PressroomError('bad_request', `key: expected 1 to ${LONGEST_KEY} bytes, found ${length}`)
  return key
}

async function answer(c: Context, open: OpenObject): Promise<Response> {
  const { object } = open
  const headers = headersOf(object)
  const done = async (status: 200 | 206 | 304 | 412 | 416, body: ReadableStream | null = null) => {
    if (body === null) await open.close()
    return new Response(body, { status, headers })
  }
  const conditions = conditionsOf(c)
  if (conditions && !meets(conditions, object)) return done(c.req.header('if-match') || c.req.header('if-unmodified-since') ? 412 : 304)
  const range = rangeOf(c.req.header('range'), object.size)
  if (range === 'none') {
    headers.set('content-range', `bytes */${object.size}`)
    return done(416)
  }
  const { offset, length } = range ?? { offset: 0, length: object.size }
  if (range) headers.set('content-range', `bytes ${offset}-${offset + length - 1}/${object.size}`)
  headers.set('content-length', String(length))
  const status = range ? 206 : 200
  if (c.req.method === 'HEAD') return done(status)
  let at = offset
  return done(status, new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await open.read(at, Math.min(PART_BYTES, offset + length - at))
      at += part.length
      if (part.length > 0) return controller.enqueue(part)
      controller.close()
      await open.close()
    },
    cancel: () => open.close(),
  }, { highWaterMark: 0 }))
}

function headersOf({ etag, uploaded, httpMetadata, customMetadata }: StoredObject): Headers {
  const headers = new Headers({ etag: `"${etag}"`, 'last-modified': new Date(uploaded).toUTCString(), 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' })
  for (const [name, field] of HEADERS) {
    const value = httpMetadata[field]
    // Kept by a function, it may be anything; what no header can hold is left out.
    if (value !== undefined && /^[\t\x20-\x7e]*$/.test(value)) headers.set(name, value)
  }
  for (const [name, value] of Object.entries(customMetadata)) {
    if (/^[\w-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value)) headers.set(METADATA + name, value)
  }
  return headers
}

function httpMetadataOf(c: Context): HttpMetadata {
  return Object.fromEntries(HEADERS.flatMap(([name, field]) => (c.req.header(name) === undefined ? [] : [[field, c.req.header(name)!]])))
}

function customMetadataOf(c: Context): Record<string, string> {
  return Object.fromEntries([...c.req.raw.headers].flatMap(([name, value]) => (name.startsWith(METADATA) ? [[name.slice(METADATA.length), value]] : [])))
}

function conditionsOf(c: Context): Conditions | undefined {
  const etags = (name: string) => c.req.header(name)?.split(',').map((etag) => etag.trim().replace(/^W\//, '').replace(/^"(.*)"$/, '$1'))
  const time = (name: string) => Date.parse(c.req.header(name) ?? '')
  const conditions: Conditions = { secondsGranularity: true }
  const [matches, differs, before, after] = [etags('if-match'), etags('if-none-match'), time('if-unmodified-since'), time('if-modified-since')]
  if (matches) conditions.etagMatches = matches
  if (differs) conditions.etagDoesNotMatch = differs
  // "Not modified since" holds in that very second.
  if (!Number.isNaN(before)) conditions.uploadedBefore = before + 1000
  if (!Number.isNaN(after)) conditions.uploadedAfter = after
  return Object.keys(conditions).length > 1 ? conditions : undefined
}

/** One range; undefined for none, or one that is no range of bytes; `none` when nothing lies in it. */
function rangeOf(header: string | undefined, size: number): { offset: number; length: number } | 'none' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const offset = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  return offset >= end ? 'none' : { offset, length: end - offset }
}

function toView({ key, size, etag, version, uploaded, httpMetadata, customMetadata, checksums }: StoredObject) {
  return { key, size, etag, version, uploaded: new Date(uploaded).toISOString(), http_metadata: httpMetadata, custom_metadata: customMetadata, checksums }
}
