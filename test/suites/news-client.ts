import { createHmac } from 'node:crypto'

/** A story of an edition. */
export interface Story {
  id: string
  title: string
  url: string
  source: { id: string; title: string }
  published_at: string
  summary: string
  image?: string
  score: number
  reasons: { signal: string; weight: number; label: string }[]
  /** There to be tried: it stands out of the order of scores. */
  exploration?: { propensity: number }
}

/** A page of an edition. */
export interface Edition {
  reader: string
  generated_at: string
  stories: Story[]
  next: string | null
  notice?: string
}

/** A page of search results. */
export interface SearchPage {
  query: string
  results: { id: string; title: string; url: string; source: { id: string; title: string }; published_at: string; snippet: string }[]
  next: string | null
}

/** A source as it is listed. */
export interface SourceView {
  id: string
  title: string
  url: string
  topics: string[]
  own: boolean
  articles: number
  last_success: string | null
  next_check: string | null
  failures: number
  last_error: string | null
  error_code: string | null
}

/** An answer with its body read as JSON. */
export interface Answer<Body> {
  status: number
  headers: Headers
  body: Body
}

/** A JWT signed by HMAC SHA-256, whatever its header and claims. */
export function token(secret: string, claims: object, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** What a call sends beside its path. */
export interface Call {
  method?: string
  body?: string | object
  headers?: Record<string, string>
}

/** A reader of the news: keeps its cookie and sends it as a page of the same origin would, or sends a token. */
export class NewsReader {
  readonly #baseUrl: string
  readonly #token: string | undefined
  #cookie: string | undefined
  #events = 0

  constructor(baseUrl: string, bearer?: string) {
    this.#baseUrl = baseUrl
    this.#token = bearer
  }

  /** Sends a request and reads the JSON of the answer; answers null for an empty body. An empty `origin` sends none. */
  async call<Body>(path: string, init: Call = {}): Promise<Answer<Body>> {
    const headers = new Headers(init.method === undefined || this.#token !== undefined ? {} : { origin: this.#baseUrl })
    for (const [name, value] of Object.entries(init.headers ?? {})) headers.set(name, value)
    if (headers.get('origin') === '') headers.delete('origin')
    if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`)
    if (this.#cookie !== undefined) headers.set('cookie', this.#cookie)
    const body = typeof init.body === 'object' ? JSON.stringify(init.body) : init.body
    if (typeof init.body === 'object') headers.set('content-type', 'application/json')
    const response = await fetch(`${this.#baseUrl}${path}`, { method: init.method ?? 'GET', headers, ...(body === undefined ? {} : { body }) })
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
    if (cookie !== undefined) this.#cookie = cookie
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as Body }
  }

  /** One page of the edition. */
  async edition(query = 'limit=100'): Promise<Edition> {
    const { status, body } = await this.call<Edition>(`/edition?${query}`)
    if (status !== 200) throw new Error(`GET /edition?${query}: ${status} ${JSON.stringify(body)}`)
    return body
  }

  /** Sends one event of each given story, with fresh ids. */
  async send(type: string, stories: Story[]): Promise<{ accepted: number; duplicates: number }> {
    const events = stories.map((story) => ({ id: `${type}-${this.#events++}`, type, story: story.id }))
    const { status, body } = await this.call<{ accepted: number; duplicates: number }>('/reader/events', { method: 'POST', body: { events } })
    if (status !== 202) throw new Error(`POST /reader/events: ${status} ${JSON.stringify(body)}`)
    return body
  }
}

/** The sum of the weights of a story's reasons. */
export function sumOfWeights(story: Story): number {
  return story.reasons.reduce((sum, reason) => sum + reason.weight, 0)
}
