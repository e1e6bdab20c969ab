import { decodeDocument } from './decode.ts'
import { freshMs, retryAfterMs } from './fetching/answer-headers.ts'
import { isChallenge, lookedAtBytes } from './fetching/challenge.ts'
import type { Place } from './fetching/room.ts'

/** What a server said of a document, by which it can tell whether there is another. */
export interface Validators {
  /** Where the document was, behind all redirects: nobody else is asked by them. */
  from: string
  etag?: string
  lastModified?: string
}

/** What to ask for, and what is known of it. */
export interface DownloadRequest {
  address: string
  known?: Validators | undefined
  /** Room for what comes. */
  place?: Place
  /** Waits until a server may be asked: called before each question, also after a redirect. */
  enter?: (host: string, signal: AbortSignal) => Promise<void>
  /** Milliseconds for everything, redirects and body included; waits for room are not counted. */
  timeoutMs: number
  /** Of the body as it is read, after decompression. */
  maxBytes: number
}

/** The answer: a document, or that nothing is new. */
export interface Download {
  /** Undefined: not modified. */
  text?: string
  validators: Validators
  /** Set where the feed has moved for good. */
  movedTo?: string
  /** How long the server says that it stays as it is, and that it wants to be left alone, milliseconds. */
  freshMs?: number
  retryAfterMs?: number
}

/** Why a download failed, by name. */
export type DownloadCode =
  | 'unreachable' | 'timeout' | 'slow_body' | 'too_large' | 'compression_bomb' | 'redirect_loop' | 'bad_redirect' | 'challenge' | 'gone'
  | 'not_answered' | 'no_room' | `http_${number}`

/** A download that failed; `retryAfterMs` where the server said when to come again. */
export class DownloadError extends Error {
  readonly code: DownloadCode
  readonly retryAfterMs: number | undefined
  constructor(code: DownloadCode, message: string, retryAfter?: number, cause?: unknown) {
    super(message, { cause })
    this.name = 'DownloadError'
    this.code = code
    this.retryAfterMs = retryAfter
  }
}

const maxRedirects = 5
const userAgent = 'Pressroom/0.1 (news reader; +https://example.com/pressroom)'
const accept = 'application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5'

/** Longer ones than this are no validators, and would not fit into a question. */
const longestEtag = 1000

interface Followed {
  response: Response
  /** The address that answered, and whether it was asked conditionally. */
  from: string
  conditional: boolean
  movedTo: string | undefined
}

function nextAddress(location: string, address: string): string {
  if (!URL.canParse(location, address)) throw new DownloadError('bad_redirect', `fetcher: redirected to what is no address: ${location.slice(0, 200)}`)
  const next = new URL(location, address)
  if (next.protocol !== 'http:' && next.protocol !== 'https:') {
    throw new DownloadError('bad_redirect', `fetcher: redirected to ${next.protocol}, not http or https`)
  }
  if (next.username !== '' || next.password !== '') throw new DownloadError('bad_redirect', 'fetcher: redirected to an address with a user name or password')
  next.hash = ''
  return next.href
}

async function follow(request: DownloadRequest, signal: AbortSignal): Promise<Followed> {
  let address = request.address
  let permanent = true
  const seen = new Set([address])
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const headers = new Headers({ 'user-agent': userAgent, accept })
    const known = request.known?.from === address ? request.known : undefined
    if (known?.etag !== undefined) headers.set('if-none-match', known.etag)
    if (known?.lastModified !== undefined) headers.set('if-modified-since', known.lastModified)
    const conditional = known?.etag !== undefined || known?.lastModified !== undefined
    await request.enter?.(new URL(address).host, signal)
    const response = await fetch(address, { headers, redirect: 'manual', signal })
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      return { response, from: address, conditional, movedTo: permanent && address !== request.address ? address : undefined }
    }
    await response.body?.cancel()
    permanent &&= response.status === 301 || response.status === 308
    address = nextAddress(location, address)
    if (seen.has(address)) throw new DownloadError('redirect_loop', `fetcher: redirected in a circle, to ${address.slice(0, 200)} again`)
    seen.add(address)
  }
  throw new DownloadError('redirect_loop', `fetcher: more than ${maxRedirects} redirects`)
}

async function readAll(body: ReadableStream<Uint8Array>, maxBytes: number, onTooLarge: () => Error | undefined, makeRoom?: (bytes: number) => Promise<void>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const over = size + value.byteLength > maxBytes
      const error = over ? onTooLarge() : undefined
      if (error !== undefined) throw error
      await makeRoom?.(size + value.byteLength)
      chunks.push(over ? value.subarray(0, maxBytes - size) : value)
      size += chunks.at(-1)!.byteLength
      if (over) {
        await reader.cancel().catch(() => undefined)
        break
      }
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

function tooLarge(maxBytes: number, packed: boolean): () => Error {
  return () => packed
    ? new DownloadError('compression_bomb', `fetcher: the body is larger than ${maxBytes} bytes when decompressed`)
    : new DownloadError('too_large', `fetcher: the body is larger than ${maxBytes} bytes`)
}

// Some servers send a gzip file as it lies on disk, without saying so.
async function unpacked(bytes: Uint8Array<ArrayBuffer>, maxBytes: number, makeRoom: (bytes: number) => Promise<void>): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  return readAll(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')), maxBytes, tooLarge(maxBytes, true), makeRoom)
}

async function refusal(response: Response): Promise<DownloadError> {
  const { status, headers } = response
  const wait = retryAfterMs(headers, Date.now())
  const looksHuman = response.body !== null && /html/i.test(headers.get('content-type') ?? '')
  // The beginning of the page is enough; that it cannot be read is not what went wrong.
  const page = looksHuman ? new TextDecoder().decode(await readAll(response.body, lookedAtBytes, () => undefined).catch(() => new Uint8Array())) : ''
  if (!looksHuman) await response.body?.cancel()
  if (isChallenge(headers, page)) return new DownloadError('challenge', `fetcher: the server answered ${status} with a page that asks for a person`, wait)
  if (status === 410) return new DownloadError('gone', 'fetcher: the server answered 410, gone for good: it is not asked again', wait)
  return new DownloadError(`http_${status}`, `fetcher: the server answered ${status}`, wait)
}

/** A signal that comes after a time in which pauses do not count. */
class TimeLimit {
  readonly #controller = new AbortController()
  #left: number
  #startedAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  constructor(ms: number) {
    this.#left = ms
    this.go()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  go(): void {
    this.#startedAt = Date.now()
    this.#timer = setTimeout(() => this.#controller.abort(new Error('the time is over')), this.#left)
  }

  pause(): void {
    clearTimeout(this.#timer)
    this.#left = Math.max(0, this.#left - (Date.now() - this.#startedAt))
  }
}

/**
 * Fetches a document conditionally, within a time for everything and a size after decompression.
 * @throws DownloadError for any answer but 200 and 304, for a page that asks for a person, and for every failure of the network.
 */
export async function download(request: DownloadRequest): Promise<Download> {
  const { timeoutMs, maxBytes } = request
  const limit = new TimeLimit(timeoutMs)
  const { signal } = limit
  const makeRoom = async (size: number): Promise<void> => {
    if (request.place === undefined) return
    limit.pause()
    const found = await request.place.grow(size)
    limit.go()
    if (!found) throw new DownloadError('no_room', `fetcher: no room for ${size} bytes beside other documents as large; it comes with a later check`)
  }
  let begun = false
  try {
    const { response, from, conditional, movedTo } = await follow(request, signal)
    begun = true
    const fresh = freshMs(response.headers, Date.now())
    const etag = response.headers.get('etag') ?? ''
    const lastModified = response.headers.get('last-modified') ?? ''
    const validators = { from, ...(etag !== '' && etag.length <= longestEtag ? { etag } : {}), ...(lastModified === '' ? {} : { lastModified }) }
    const wait = retryAfterMs(response.headers, Date.now())
    const told = { validators, ...(wait === undefined ? {} : { retryAfterMs: wait }), ...(movedTo === undefined ? {} : { movedTo }), ...(fresh === undefined ? {} : { freshMs: fresh }) }
    if (response.status === 304) {
      await response.body?.cancel()
      if (!conditional) throw new DownloadError('not_answered', 'fetcher: the server answered 304 to a question without conditions')
      return told
    }
    if (response.status !== 200 || response.body === null) throw await refusal(response)
    const packed = /\S/.test(response.headers.get('content-encoding')?.replaceAll('identity', '') ?? '')
    const bytes = await unpacked(await readAll(response.body, maxBytes, tooLarge(maxBytes, packed), makeRoom), maxBytes, makeRoom)
    const text = decodeDocument(bytes, response.headers.get('content-type'))
    if (isChallenge(response.headers, text)) throw new DownloadError('challenge', 'fetcher: the server answered with a page that asks for a person')
    return { text, ...told }
  } catch (error) {
    if (error instanceof DownloadError) throw error
    if (signal.aborted) {
      const [code, where] = begun ? (['slow_body', ': the body comes too slowly'] as const) : (['timeout', ''] as const)
      throw new DownloadError(code, `fetcher: no whole answer within ${timeoutMs} ms${where}`, undefined, error)
    }
    throw new DownloadError('unreachable', `fetcher: ${wordsOf(error)}`, undefined, error)
  } finally {
    limit.pause()
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
