/**
 * The `Request` a function gets. Most functions read only url, method and a header or two, so these are answered from
 * what came over the wire; the real `Request` is built when anything else is touched (measured: a fifth of the road).
 */
const Real = globalThis.Request

/** What a request is made of before it is one. */
export interface RequestParts {
  method: string
  url: string
  headers: string[]
  body: Uint8Array | ReadableStream<Uint8Array> | null
  signal: () => AbortSignal
}

const real = Symbol('real')

class LightRequest {
  #parts: RequestParts
  #headers: Headers | undefined
  #real: Request | undefined
  constructor(parts: RequestParts) {
    this.#parts = parts
  }
  get method() {
    return this.#parts.method
  }
  get url() {
    return this.#parts.url
  }
  get headers(): Headers {
    return (this.#headers ??= this.#real?.headers ?? toHeaders(this.#parts.headers))
  }
  get signal(): AbortSignal {
    return this.#parts.signal()
  }
  get body(): ReadableStream<Uint8Array> | null {
    return this.#parts.body === null ? null : this[real]().body
  }
  get bodyUsed(): boolean {
    return this.#real?.bodyUsed ?? false
  }
  [real](): Request {
    if (this.#real) return this.#real
    const { method, url, body, signal } = this.#parts
    const bodiless = body === null || method === 'GET' || method === 'HEAD'
    const init = { method, headers: this.headers, signal: signal(), redirect: 'manual' as const }
    this.#real = new Real(url, bodiless ? init : ({ ...init, body, duplex: 'half' }))
    this.#headers = this.#real.headers
    return this.#real
  }
}

for (const name of ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text'] as const) {
  Object.defineProperty(LightRequest.prototype, name, {
    configurable: true,
    writable: true,
    value: function (this: LightRequest) {
      return (this[real]() as unknown as Record<string, () => unknown>)[name]!()
    },
  })
}
for (const name of Object.getOwnPropertyNames(Real.prototype)) {
  if (name === 'constructor' || Object.hasOwn(LightRequest.prototype, name)) continue
  Object.defineProperty(LightRequest.prototype, name, {
    configurable: true,
    get(this: LightRequest) {
      return (this[real]() as unknown as Record<string, unknown>)[name]
    },
  })
}
Object.setPrototypeOf(LightRequest.prototype, Real.prototype)

function toHeaders(flat: string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < flat.length; i += 2) headers.append(flat[i]!, flat[i + 1]!)
  return headers
}

/** Makes the request that a function sees; to everything but a brand check it is a `Request`. */
export function lightRequest(parts: RequestParts): Request {
  return new LightRequest(parts) as unknown as Request
}

/** The real request behind a light one; anything else comes back as it is. */
export function materialize<T>(input: T): T | Request {
  return input instanceof LightRequest ? input[real]() : input
}

/** Makes `new Request(request)` and `fetch(request)` accept light requests. */
export function installRequest(): void {
  globalThis.Request = new Proxy(Real, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, [materialize(args[0]), ...args.slice(1)], newTarget === globalThis.Request ? target : newTarget) as Request,
  })
  const guarded = globalThis.fetch
  globalThis.fetch = (input, init) => guarded(materialize(input) as Request, init)
}
