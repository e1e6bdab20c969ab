import { decodeDocument } from './decode.ts'

/** What to ask for, and what is known of it. */
export interface DownloadRequest {
  address: string
  etag?: string | undefined
  lastModified?: string | undefined
  /** Milliseconds for everything, redirects and body included. */
  timeoutMs: number
  /** Of the body as it is read, after decompression. */
  maxBytes: number
}

/** The answer: a document, or that nothing is new. */
export interface Download {
  /** Undefined: not modified. */
  text?: string
  etag?: string
  lastModified?: string
  /** Set where the feed has moved for good. */
  movedTo?: string
}

/** A download that failed; `retryAfterMs` where the server said when to come again, Infinity where that is never. */
export class DownloadError extends Error {
  readonly retryAfterMs: number | undefined
  constructor(message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, { cause })
    this.name = 'DownloadError'
    this.retryAfterMs = retryAfterMs
  }
}

const maxRedirects = 5
const userAgent = 'Pressroom/0.1 (news reader; +https://example.com/pressroom)'
const accept = 'application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5'

function retryAfter(response: Response): number | undefined {
  const header = response.headers.get('retry-after')
  if (header === null) return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

async function follow(request: DownloadRequest, signal: AbortSignal): Promise<{ response: Response; movedTo: string | undefined }> {
  let address = request.address
  let permanent = true
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const headers = new Headers({ 'user-agent': userAgent, accept })
    if (request.etag !== undefined) headers.set('if-none-match', request.etag)
    if (request.lastModified !== undefined) headers.set('if-modified-since', request.lastModified)
    const response = await fetch(address, { headers, redirect: 'manual', signal })
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      return { response, movedTo: permanent && address !== request.address ? address : undefined }
    }
    await response.body?.cancel()
    permanent &&= response.status === 301 || response.status === 308
    if (!URL.canParse(location, address)) throw new DownloadError(`fetcher: redirected to what is no address: ${location.slice(0, 200)}`)
    const next = new URL(location, address)
    if (next.protocol !== 'http:' && next.protocol !== 'https:') {
      throw new DownloadError(`fetcher: redirected to ${next.protocol}, not http or https`)
    }
    address = next.href
  }
  throw new DownloadError(`fetcher: more than ${maxRedirects} redirects`)
}

async function readAll(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.byteLength
      if (size > maxBytes) throw new DownloadError(`fetcher: the body is larger than ${maxBytes} bytes`)
      chunks.push(value)
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined)
    throw error
  }
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

// Some servers send a gzip file as it lies on disk, without saying so.
async function unpacked(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  return readAll(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')), maxBytes)
}

/**
 * Fetches a document conditionally, within a time for everything and a size after decompression.
 * @throws DownloadError for any answer but 200 and 304, and for every failure of the network.
 */
export async function download(request: DownloadRequest): Promise<Download> {
  const signal = AbortSignal.timeout(request.timeoutMs)
  try {
    const { response, movedTo } = await follow(request, signal)
    const moved = movedTo === undefined ? {} : { movedTo }
    if (response.status === 304) {
      await response.body?.cancel()
      return moved
    }
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel()
      if (response.status === 410) throw new DownloadError('fetcher: the server answered 410, gone for good: it is not asked again', Infinity)
      throw new DownloadError(`fetcher: the server answered ${response.status}`, retryAfter(response))
    }
    const bytes = await unpacked(await readAll(response.body, request.maxBytes), request.maxBytes)
    const etag = response.headers.get('etag')
    const lastModified = response.headers.get('last-modified')
    return {
      text: decodeDocument(bytes, response.headers.get('content-type')),
      ...(etag === null ? {} : { etag }),
      ...(lastModified === null ? {} : { lastModified }),
      ...moved,
    }
  } catch (error) {
    if (error instanceof DownloadError) throw error
    if (signal.aborted) throw new DownloadError(`fetcher: no whole answer within ${request.timeoutMs} ms`, undefined, error)
    throw new DownloadError(`fetcher: ${wordsOf(error)}`, undefined, error)
  }
}

// Node's fetch says "fetch failed" and keeps the reason in the cause.
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // What workerd says of a name that does not resolve or a closed port.
  if (/^(?:internal error|Network connection lost)/.test(error.message)) return 'the address cannot be reached'
  const cause = error.cause
  const detail = cause instanceof Error ? (('code' in cause && typeof cause.code === 'string' ? cause.code : '') || cause.message) : ''
  return detail === '' ? error.message : `${error.message}: ${detail}`
}
