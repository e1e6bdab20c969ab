import { createRequire } from 'node:module'
import { timingSafeEqual } from 'node:crypto'
import { scheduler as nodeScheduler } from 'node:timers/promises'
import { createCaches } from './cache.ts'
import { DigestStream, withMd5 } from './digest.ts'
import { createRewriter } from './html-rewriter.ts'
import { FixedLengthStream, IdentityTransformStream } from './streams.ts'

const require = createRequire(import.meta.url)

/** What this host lacks, in words for who wants it. */
const gaps: Record<string, string> = {
  WebSocketPair: 'this host serves no WebSockets; stream Server-Sent Events, or deploy this function to Workers',
  EventSource: 'this host has none; read the body of a fetch, or deploy this function to Workers',
}

/**
 * Gives functions what Workers has and Node has not: `caches`, `HTMLRewriter`, `scheduler.wait`, streams of bytes, digests, and the
 * name by which libraries know such a runtime. Most are made when they are first asked for.
 */
export function installPlatform(): void {
  lazily('caches', () => createCaches(require('http-cache-semantics') as never))
  lazily('HTMLRewriter', createRewriter)
  lazily('scheduler', () => tagged('Scheduler', { wait: (ms: number, options?: { signal?: AbortSignal }) => nodeScheduler.wait(ms, options) }))
  for (const [name, value] of Object.entries({ self: globalThis, FixedLengthStream, IdentityTransformStream, reportError: (error: unknown) => console.error(error) })) define(globalThis, name, value)
  for (const [name, reason] of Object.entries(gaps)) {
    lazily(name, () => function gap(): never {
      throw new Error(`${name}: ${reason}`)
    })
  }
  installListeners()
  define(globalThis.navigator, 'userAgent', 'Cloudflare-Workers')
  define(globalThis.navigator, 'language', 'en')
  tagged('Navigator', globalThis.navigator)
  const { crypto } = globalThis
  define(crypto, 'DigestStream', DigestStream)
  define(crypto.subtle, 'digest', withMd5(crypto.subtle.digest.bind(crypto.subtle)))
  define(crypto.subtle, 'timingSafeEqual', (a: ArrayBuffer | ArrayBufferView, b: ArrayBuffer | ArrayBufferView): boolean => {
    if (a.byteLength !== b.byteLength) throw new TypeError('Input buffers must have the same byte length')
    return timingSafeEqual(bytes(a), bytes(b))
  })
}

/** Events of the whole instance; nothing here fires any. */
function installListeners(): void {
  const target = new EventTarget()
  define(globalThis, 'addEventListener', (...given: Parameters<EventTarget['addEventListener']>) => {
    if (/^(fetch|scheduled|queue)$/.test(given[0])) throw new Error(`addEventListener('${given[0]}', …): a function is a module here; export default { ${given[0]}(…) {…} }`)
    target.addEventListener(...given)
  })
  define(globalThis, 'removeEventListener', target.removeEventListener.bind(target))
  define(globalThis, 'dispatchEvent', target.dispatchEvent.bind(target))
}

function define(target: object, name: string | symbol, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, writable: true, value })
}

function tagged<T extends object>(tag: string, value: T): T {
  define(value, Symbol.toStringTag, tag)
  return value
}

function lazily(name: string, make: () => unknown): void {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      const value = make()
      define(globalThis, name, value)
      return value
    },
    set(value: unknown) {
      define(globalThis, name, value)
    },
  })
}

function bytes(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value)
}
