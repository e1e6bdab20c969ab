import { createRequire } from 'node:module'
import { timingSafeEqual } from 'node:crypto'
import { scheduler as nodeScheduler } from 'node:timers/promises'
import { createCaches } from './cache.ts'
import { createRewriter } from './html-rewriter.ts'

const require = createRequire(import.meta.url)

/** What the runtime lacks, in words for who wants it. */
function noWebSocketPair(): never {
  throw new Error('WebSocketPair: this host serves no WebSockets; stream Server-Sent Events, or deploy this function to Workers')
}

/**
 * Gives functions what Workers has and Node has not: `caches`, `HTMLRewriter`, `scheduler.wait`, `crypto.subtle.timingSafeEqual`, and the
 * name by which libraries know such a runtime. Each is made when it is first asked for.
 */
export function installPlatform(): void {
  lazily('caches', () => createCaches(require('http-cache-semantics') as never))
  lazily('HTMLRewriter', () => createRewriter((require('html-rewriter-wasm') as { HTMLRewriter: never }).HTMLRewriter))
  lazily('scheduler', () => ({ wait: (ms: number, options?: { signal?: AbortSignal }) => nodeScheduler.wait(ms, options) }))
  lazily('WebSocketPair', () => noWebSocketPair)
  Object.defineProperty(globalThis.navigator, 'userAgent', { configurable: true, value: 'Cloudflare-Workers' })
  Object.defineProperty(globalThis.crypto.subtle, 'timingSafeEqual', {
    configurable: true,
    value: (a: ArrayBuffer | ArrayBufferView, b: ArrayBuffer | ArrayBufferView): boolean => {
      if (a.byteLength !== b.byteLength) throw new TypeError('Input buffers must have the same byte length')
      return timingSafeEqual(bytes(a), bytes(b))
    },
  })
}

function lazily(name: string, make: () => unknown): void {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      const value = make()
      Object.defineProperty(globalThis, name, { configurable: true, writable: true, value })
      return value
    },
  })
}

function bytes(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value)
}
