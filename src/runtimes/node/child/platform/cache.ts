import { materialize } from '../request.ts'
import { realResponse } from '../response.ts'

/** Most bytes of bodies that the caches of one instance hold together; the oldest give way. */
const MOST_BYTES = 16 * 1024 * 1024

/** The part of `http-cache-semantics` that is used: what may be kept, and how long. */
type CachePolicy = new (request: { url: string; method: string; headers: Record<string, string> }, response: { status: number; headers: Record<string, string> }) => {
  storable(): boolean
  timeToLive(): number
}

interface Kept {
  status: number
  headers: [string, string][]
  body: Uint8Array<ArrayBuffer>
  until: number
}

type RequestLike = Request | string | URL

/** One cache as Workers has it: GET alone, by the whole URL, for as long as the response's own headers say. */
export interface WorkersCache {
  match(request: RequestLike, options?: { ignoreMethod?: boolean }): Promise<Response | undefined>
  /** @throws TypeError for a request that is no GET, status 206, and `Vary: *` */
  put(request: RequestLike, response: Response): Promise<void>
  delete(request: RequestLike, options?: { ignoreMethod?: boolean }): Promise<boolean>
  readonly [Symbol.toStringTag]: string
}

/** All caches of an instance. */
export interface WorkersCaches {
  readonly default: WorkersCache
  open(name: string): Promise<WorkersCache>
  readonly [Symbol.toStringTag]: string
}

/** Makes `caches`: in the memory of this instance, shared with no other, gone with it. Freshness is decided by `http-cache-semantics`. */
export function createCaches(Policy: CachePolicy): WorkersCaches {
  const kept = new Map<string, Kept>()
  let bytes = 0
  const drop = (key: string): boolean => {
    bytes -= kept.get(key)?.body.length ?? 0
    return kept.delete(key)
  }

  const open = (name: string): WorkersCache => {
    const keyOf = (request: RequestLike, ignoreMethod = false): string | undefined => {
      const { method, url } = toRequest(request)
      return method === 'GET' || ignoreMethod ? `${name} ${url}` : undefined
    }
    return {
      get [Symbol.toStringTag]() {
        return 'Cache'
      },
      async match(request, options) {
        const key = keyOf(request, options?.ignoreMethod)
        const found = key === undefined ? undefined : kept.get(key)
        if (found === undefined) return undefined
        if (found.until <= Date.now()) {
          drop(key!)
          return undefined
        }
        return new Response(bodiless(found.status) ? null : found.body, { status: found.status, headers: [...found.headers, ['cf-cache-status', 'HIT']] })
      },
      async put(request, response) {
        const asked = toRequest(request)
        const answer = realResponse(response) as Response
        if (asked.method !== 'GET') throw new TypeError('Cannot cache response to non-GET request.')
        if (answer.status === 206) throw new TypeError('Cannot cache response to a range request (206 Partial Content).')
        if (answer.headers.get('vary')?.includes('*') === true) throw new TypeError("Cannot cache response with 'Vary: *' header.")
        const body = new Uint8Array(await answer.arrayBuffer())
        const policy = new Policy(
          { url: asked.url, method: 'GET', headers: Object.fromEntries(asked.headers) },
          { status: answer.status, headers: Object.fromEntries(answer.headers) },
        )
        const ttl = policy.storable() && !answer.headers.has('set-cookie') ? policy.timeToLive() : 0
        const key = `${name} ${asked.url}`
        drop(key)
        if (ttl <= 0 || body.length > MOST_BYTES) return
        kept.set(key, { status: answer.status, headers: [...answer.headers], body, until: Date.now() + ttl })
        bytes += body.length
        for (const oldest of kept.keys()) {
          if (bytes <= MOST_BYTES) break
          drop(oldest)
        }
      },
      async delete(request, options) {
        const key = keyOf(request, options?.ignoreMethod)
        return key !== undefined && drop(key)
      },
    }
  }
  return { default: open(''), open: async (name) => open(`named ${name}`), [Symbol.toStringTag]: 'CacheStorage' }
}

function toRequest(request: RequestLike): Request {
  return typeof request === 'string' || request instanceof URL ? new Request(request) : (materialize(request) as Request)
}

function bodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
