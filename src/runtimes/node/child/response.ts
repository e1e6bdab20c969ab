/**
 * The `Response` a function makes. Most answers are a status, a few headers and a string, so these are kept as they were
 * given and sent from there; the real `Response` is built when anything else is touched (measured: two fifths of the
 * time an instance spends on a small answer).
 */
const Real = globalThis.Response

/** What a plain answer is made of. */
export interface PlainParts {
  status: number
  statusText: string
  headers: string[]
  body: Uint8Array | null
}

const plain = Symbol('plain')
const real = Symbol('real')
const encoder = new TextEncoder()

class LightResponse {
  #body: string | Uint8Array | null
  #init: ResponseInit | undefined
  #headers: Headers | undefined
  #real: Response | undefined
  constructor(body: string | Uint8Array | null, init: ResponseInit | undefined) {
    this.#body = body
    this.#init = init
  }
  get status() {
    return this.#real ? this.#real.status : (this.#init?.status ?? 200)
  }
  get ok() {
    return this.status >= 200 && this.status < 300
  }
  get headers(): Headers {
    if (this.#real) return this.#real.headers
    if (this.#headers) return this.#headers
    const headers = new Headers(this.#init?.headers)
    if (typeof this.#body === 'string' && !headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8')
    return (this.#headers = headers)
  }
  [real](): Response {
    return (this.#real ??= new Real(this.#body as string | null, { ...this.#init, headers: this.headers }))
  }
  /** The parts, unless somebody has the real one in hand. */
  [plain](): PlainParts | undefined {
    if (this.#real) return undefined
    const given = this.#init?.headers
    let headers: string[]
    if (!this.#headers && given === undefined) headers = typeof this.#body === 'string' ? ['content-type', 'text/plain;charset=UTF-8'] : []
    else {
      headers = []
      for (const [name, value] of this.headers) headers.push(name, value)
    }
    const body = this.#body === null ? null : typeof this.#body === 'string' ? encoder.encode(this.#body) : this.#body
    return { status: this.#init?.status ?? 200, statusText: this.#init?.statusText ?? '', headers, body }
  }
}

for (const name of Object.getOwnPropertyNames(Real.prototype)) {
  if (name === 'constructor' || Object.hasOwn(LightResponse.prototype, name)) continue
  const method = typeof Object.getOwnPropertyDescriptor(Real.prototype, name)?.value === 'function'
  Object.defineProperty(LightResponse.prototype, name, {
    configurable: true,
    ...(method
      ? { writable: true, value: function (this: LightResponse, ...args: unknown[]) { return (this[real]() as unknown as Record<string, (...a: unknown[]) => unknown>)[name]!(...args) } }
      : { get(this: LightResponse) { return (this[real]() as unknown as Record<string, unknown>)[name] } }),
  })
}
Object.setPrototypeOf(LightResponse.prototype, Real.prototype)

/** Statuses whose check the real constructor would do: only these are made light. */
function isPlain(body: unknown, init: ResponseInit | undefined): body is string | null | undefined {
  if (body !== undefined && body !== null && typeof body !== 'string') return false
  if (init === undefined || init === null) return true
  const { status, statusText } = init
  if (init instanceof Real || (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599))) return false
  if (statusText !== undefined && statusText !== '') return false
  return body == null || status === undefined || (status !== 204 && status !== 205 && status !== 304)
}

/** Makes `new Response(string)` cheap; every other way to make one is as it was. */
export function installResponse(): void {
  globalThis.Response = new Proxy(Real, {
    construct(target, args: [BodyInitLike, ResponseInit | undefined], newTarget) {
      const [body, init] = args
      if (newTarget === globalThis.Response && isPlain(body, init)) {
        const light = new LightResponse(body ?? null, init)
        // Bad headers must throw where they were given, as ever.
        if (init?.headers !== undefined) void light.headers
        return light
      }
      return Reflect.construct(target, args, newTarget === globalThis.Response ? target : newTarget) as Response
    },
  })
}

type BodyInitLike = ConstructorParameters<typeof Response>[0]

/** The parts of a plain answer that nobody has opened yet; undefined for any other. */
export function plainParts(response: unknown): PlainParts | undefined {
  return response instanceof LightResponse ? response[plain]() : undefined
}

/** The real response behind a light one; anything else comes back as it is. */
export function realResponse<T>(response: T): T | Response {
  return response instanceof LightResponse ? response[real]() : response
}
