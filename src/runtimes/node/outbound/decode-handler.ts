import { pipeline } from 'node:stream'
import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex, Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib'
import type { Dispatcher } from 'undici'
import { tooLarge } from './limit-handler.ts'

/** More codings than this on one body are an attack, not a server. */
const MAX_CODINGS = 5

// A body that ends early without a trailer is still accepted, as browsers do.
const ZLIB = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH }
const ZSTD = { params: { [constants.ZSTD_d_windowLogMax]: 23 } }

/** `firstByte` tells the two formats that servers send as `deflate` apart. */
const DECODERS: Record<string, (firstByte: number) => Transform> = {
  gzip: () => createGunzip(ZLIB),
  'x-gzip': () => createGunzip(ZLIB),
  deflate: (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate(ZLIB) : createInflateRaw(ZLIB)),
  br: () => createBrotliDecompress(BROTLI),
  zstd: () => createZstdDecompress(ZSTD),
}

/**
 * Decompresses a response below `fetch`, so that the bytes of a bomb can be counted, and removes `content-encoding` and
 * `content-length`, which are no longer true: a function that returns the response of its `fetch` returns a correct one.
 * Codings that are not known pass untouched.
 */
export class DecodeHandler implements Dispatcher.DispatchHandler {
  readonly #next: Dispatcher.DispatchHandler
  readonly #maxBytes: number
  readonly #target: string
  readonly #keepStatus: (status: number) => boolean
  #codings: string[] = []
  #input: Transform | undefined
  #output: Transform | undefined
  #inputEnded = false
  #over = false
  #bytes = 0
  #inner: Dispatcher.DispatchController | undefined

  /** @param keepStatus true for statuses whose body nobody reads, which are passed on as they are */
  constructor(next: Dispatcher.DispatchHandler, maxBytes: number, target: string, keepStatus: (status: number) => boolean) {
    this.#next = next
    this.#maxBytes = maxBytes
    this.#target = target
    this.#keepStatus = keepStatus
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#inner = this.#controllerFor(controller)
    this.#next.onRequestStart?.(this.#inner, context)
  }

  onRequestUpgrade(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.#next.onRequestUpgrade?.(this.#inner ?? controller, status, headers, socket)
  }

  onResponseStarted(): void {
    this.#next.onResponseStarted?.()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, message?: string): void {
    const listed = [headers['content-encoding'] ?? []].flat().join(',').toLowerCase()
    const codings = listed.split(',').map((coding) => coding.trim()).filter(Boolean)
    const known = codings.length > 0 && codings.length <= MAX_CODINGS && codings.every((coding) => Object.hasOwn(DECODERS, coding))
    if (!known || status < 200 || this.#keepStatus(status)) {
      this.#next.onResponseStart?.(this.#inner ?? controller, status, headers, message)
      return
    }
    this.#codings = codings
    dropStaleHeaders(controller)
    const { 'content-encoding': _coding, 'content-length': _length, ...rest } = headers
    this.#next.onResponseStart?.(this.#inner ?? controller, status, rest, message)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#codings.length === 0) {
      this.#next.onResponseData?.(this.#inner ?? controller, chunk)
      return
    }
    this.#input ??= this.#startDecoding(controller, chunk[0] ?? 0)
    if (!this.#input.write(chunk)) controller.pause()
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (!this.#input || !this.#output) {
      this.#next.onResponseEnd?.(this.#inner ?? controller, trailers)
      return
    }
    this.#inputEnded = true
    this.#output.on('end', () => {
      if (this.#over) return
      this.#over = true
      this.#next.onResponseEnd?.(this.#inner ?? controller, trailers)
    })
    this.#input.end()
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#input?.destroy()
    this.#output?.destroy()
    this.#next.onResponseError?.(this.#inner ?? controller, error)
  }

  onBodySent(chunk: Buffer): void {
    this.#next.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    this.#next.onRequestSent?.()
  }

  #startDecoding(controller: Dispatcher.DispatchController, firstByte: number): Transform {
    // The coding that was applied last is undone first.
    const chain = this.#codings.toReversed().map((coding) => DECODERS[coding]?.(firstByte)).filter((decoder) => decoder !== undefined)
    const [input, output] = [chain.at(0), chain.at(-1)]
    if (!input || !output) throw new Error(`fetch: ${this.#target} has no coding to undo`)
    if (chain.length > 1) pipeline(chain, () => {})
    for (const decoder of chain) decoder.on('error', (error) => this.#fail(controller, error))
    input.on('drain', () => controller.resume())
    output.on('data', (chunk: Buffer) => {
      if (this.#over) return
      this.#bytes += chunk.length
      if (this.#bytes > this.#maxBytes) this.#fail(controller, tooLarge(this.#target, this.#maxBytes, 'decompressed'))
      else this.#next.onResponseData?.(this.#inner ?? controller, chunk)
    })
    this.#output = output
    return input
  }

  /** After the last byte on the wire the request is over for undici, and an abort would not come back as an error. */
  #fail(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#inputEnded) this.onResponseError(controller, error)
    else controller.abort(error)
  }

  /** What `fetch` pauses is the decoded side; the wire pauses by itself when the decoders are full. */
  #controllerFor(controller: Dispatcher.DispatchController): Dispatcher.DispatchController {
    const output = () => this.#output
    const fail = (reason: Error) => this.#fail(controller, reason)
    return {
      get aborted() { return controller.aborted },
      get paused() { return output()?.isPaused() ?? controller.paused },
      get reason() { return controller.reason },
      get rawHeaders() { return controller.rawHeaders ?? null },
      get rawTrailers() { return controller.rawTrailers ?? null },
      abort: fail,
      pause: () => { (output() ?? controller).pause() },
      resume: () => { (output() ?? controller).resume() },
    }
  }
}

function dropStaleHeaders(controller: Dispatcher.DispatchController): void {
  const raw = controller.rawHeaders
  if (!Array.isArray(raw)) return
  const kept: (Buffer | string)[] = []
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = [raw[at], raw[at + 1]]
    if (name === undefined || value === undefined || /^content-(encoding|length)$/i.test(name.toString('latin1'))) continue
    kept.push(name, value)
  }
  controller.rawHeaders = kept as Buffer[]
}
