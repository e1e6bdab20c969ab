import { formats, type Format } from './presets.ts'
import type { Manifest, Variant } from './shelf.ts'

/** A year: what has this address never changes. */
const CACHE = 'public, max-age=31536000, immutable'

/** Which file of an image is asked for: `640` by what the client accepts, `640.webp` by name. */
export function chooseFile(manifest: Manifest, name: string, accept: string | undefined): { key: string; varies: boolean } | undefined {
  const [, variantName = '', extension] = /^([a-z0-9]+)(?:\.(avif|webp|jpeg|jpg))?$/.exec(name) ?? []
  const variant = manifest.variants.find((one) => one.name === variantName)
  if (variant === undefined) return undefined
  const format = extension === undefined ? negotiate(accept) : extension === 'jpg' ? 'jpeg' : formats.find((one) => one === extension)
  return format === undefined ? undefined : { key: fileOf(variant, format), varies: extension === undefined }
}

function fileOf(variant: Variant, format: Format): string {
  return variant.formats[format].key
}

/** The best format that a client names itself; `image/*` alone says nothing of new ones, so it gets JPEG, as does who takes none of all. */
export function negotiate(accept: string | undefined): Format {
  const named = new Map<string, number>()
  for (const part of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim())
    const q = parameters.find((one) => one.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    named.set(type, Number.isFinite(weight) ? weight : 0)
  }
  const any = named.get('image/*') ?? named.get('*/*') ?? 0
  const jpeg = named.get('image/jpeg') ?? any
  const weights = formats.map((format) => ({ format, weight: format === 'jpeg' ? jpeg : (named.get(`image/${format}`) ?? (jpeg > 0 ? 0 : any)) }))
  const best = Math.max(...weights.map(({ weight }) => weight))
  return (best > 0 ? weights.find(({ weight }) => weight === best)?.format : undefined) ?? 'jpeg'
}

/** Answers with a file of the bucket: conditions, one range, and headers that let every cache keep it. Null where it is gone. */
export async function serveFile(bucket: R2Bucket, { key, varies }: { key: string; varies: boolean }, request: Request): Promise<Response | null> {
  const head = await bucket.head(key)
  if (head === null) return null
  const headers = new Headers({ etag: head.httpEtag, 'cache-control': CACHE, 'accept-ranges': 'bytes', 'x-content-type-options': 'nosniff' })
  head.writeHttpMetadata(headers)
  headers.set('last-modified', head.uploaded.toUTCString())
  // Pages of other sites may show it; none may read it as anything but an image.
  headers.set('cross-origin-resource-policy', 'cross-origin')
  if (varies) headers.set('vary', 'accept')
  if (matches(request.headers.get('if-none-match'), head.httpEtag)) return new Response(null, { status: 304, headers })
  const ifRange = request.headers.get('if-range')
  // A range is one of a GET alone.
  const range = request.method === 'GET' && (ifRange === null || ifRange === head.httpEtag) ? readRange(request.headers.get('range'), head.size) : undefined
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${head.size}`)
    // That nobody's cache has to remember.
    headers.set('cache-control', 'no-store')
    headers.delete('content-type')
    return new Response(null, { status: 416, headers })
  }
  const length = range?.length ?? head.size
  headers.set('content-length', String(length))
  if (range !== undefined) headers.set('content-range', `bytes ${range.offset}-${range.offset + range.length - 1}/${head.size}`)
  const status = range === undefined ? 200 : 206
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  const object = await bucket.get(key, range === undefined ? {} : { range })
  return object === null ? null : new Response(object.body, { status, headers })
}

function matches(condition: string | null, etag: string): boolean {
  return (condition ?? '').split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

/** One range of bytes; several, or what is none, count as not asked for. */
function readRange(header: string | null, size: number): { offset: number; length: number } | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { offset: size - length, length }
  }
  const offset = Number(first)
  if (last !== '' && Number(last) < offset) return undefined
  if (offset >= size) return 'unsatisfiable'
  return { offset, length: Math.min(last === '' ? size : Number(last) + 1, size) - offset }
}
